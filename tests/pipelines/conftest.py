"""Two small clinics with deliveries that a test can read in its head, and a Dagster instance."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from assets.partitions import synchronise
from assets.resources import HomeResource
from pipelines.definitions import defs
from rapport.home import Home, make_home

MONTH = "2025-03"
HEADER = [
    "clinic", "patient", "therapist", "session", "date", "status", "ending",
    *(f"wai{n}" for n in range(1, 13)),
    *(f"wait{n}" for n in range(1, 13)),
    *(f"phq{n}" for n in range(1, 10)),
    *(f"gad{n}" for n in range(1, 8)),
]  # fmt: skip


def a_row(clinic: str, patient: int, session: int, **changes: str) -> dict[str, str]:
    """One attended session: symptoms fall from session to session, the alliance holds."""
    phq, gad = max(0, 3 - session), max(0, 2 - session // 2)
    row = {
        "clinic": clinic,
        "patient": f"P{patient:02d}",
        "therapist": f"T{patient % 2 + 1}",
        "session": str(session),
        "date": f"2025-03-{session * 7 - 6 + patient % 3:02d}",
        "status": "1",
        "ending": "planned" if session == 4 else "ongoing",
        **{f"wai{n}": str(3 + (n + patient) % 3) for n in range(1, 13)},
        **{f"wait{n}": str(3 + (n + patient) % 2) for n in range(1, 13)},
        **{f"phq{n}": str(phq) for n in range(1, 10)},
        **{f"gad{n}": str(gad) for n in range(1, 8)},
    }
    return {**row, **changes}


def sound_rows(clinic: str, n_patients: int = 12) -> list[dict[str, str]]:
    return [a_row(clinic, p, s) for p in range(1, n_patients + 1) for s in range(1, 5)]


def as_csv(rows: list[dict[str, str]]) -> str:
    lines = [",".join(HEADER), *(",".join(row[name] for name in HEADER) for row in rows)]
    return "\n".join(lines) + "\n"


def registered(clinic: str, sector: str) -> dict[str, object]:
    export = {
        "id": "sessions",
        "path": "sessions_{month}*.csv",
        "format": "delimited",
        "clinic": {"clinic": clinic},
        "patient": "patient",
        "therapist": "therapist",
        "session": "session",
        "date": "date",
        "attendance": {
            "column": "status",
            "codes": {"1": "attended", "2": "cancelled_by_patient", "3": "missed"},
        },
        "ending": {
            "column": "ending",
            "codes": {"ongoing": "ongoing", "planned": "planned", "dropped": "dropped_out"},
        },
        "missing_codes": {"-9": "skipped"},
        "forms": [
            {"instrument": "wai-sr", "rater": "patient", "items": "wai{item}"},
            {"instrument": "wai-sr-t", "rater": "therapist", "items": "wait{item}"},
            {"instrument": "phq-9", "rater": "patient", "items": "phq{item}"},
            {"instrument": "gad-7", "rater": "patient", "items": "gad{item}"},
        ],
    }
    return {
        "id": clinic,
        "name": f"Clinic {clinic.title()}",
        "sector": sector,
        "timezone": "Europe/London",
        "source": clinic,
        "first_month": "2025-01",
        "recipients": [f"manager@{clinic}.example.org"],
        "therapists": ["T1", "T2"],
        "exports": [export],
    }


def deliver(home: Home, clinic: str, rows: list[dict[str, str]], name: str = "") -> Path:
    file = home.inbox / clinic / (name or f"sessions_{MONTH}.csv")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_csv(rows))
    return file


@pytest.fixture
def home(tmp_path: Path) -> Home:
    root = tmp_path / "home"
    made = make_home(root)
    clinics = [registered("north", "public"), registered("south", "private")]
    (root / "clinics.yaml").write_text(yaml.safe_dump({"clinics": clinics}))
    (root / "rapport.yaml").write_text("report_processes: 1\n")
    made.warehouse.close()
    from rapport.home import open_home

    return open_home(root)


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        synchronise(opened, list(home.registry.clinics))
        yield opened


class Runner:
    """Runs assets or jobs of the code location on the small home."""

    def __init__(self, home: Home, instance: dg.DagsterInstance) -> None:
        self.home, self.instance = home, instance
        self.resources = {"home": HomeResource(root=str(home.root))}

    def job(self, name: str, key: str, **tags: str) -> dg.ExecuteInProcessResult:
        job = defs.resolve_job_def(name)
        return job.execute_in_process(
            instance=self.instance,
            partition_key=key or None,
            tags=tags,
            resources=self.resources,
            run_config={"loggers": {"console": {}}},
        )

    def assets(self, *names: str, key: str) -> dg.ExecuteInProcessResult:
        chosen = dg.AssetSelection.assets(*names)
        job = dg.define_asset_job("some", selection=chosen)
        located = dg.Definitions(
            assets=defs.assets,
            jobs=[job],
            resources=self.resources,
            executor=dg.in_process_executor,
        )
        return located.resolve_job_def("some").execute_in_process(
            instance=self.instance, partition_key=key
        )


@pytest.fixture
def runner(home: Home, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("RAPPORT_HOME", str(home.root))
    return Runner(home, instance)


@pytest.fixture
def closed(runner: Runner, home: Home) -> Runner:
    """North delivered sound rows, south those of another clinic; the month is closed."""
    deliver(home, "north", sound_rows("north"))
    deliver(home, "south", sound_rows("north"))
    for clinic in ("north", "south"):
        runner.job("collect", f"{clinic}|{MONTH}")
    runner.job("close", MONTH)
    return runner
