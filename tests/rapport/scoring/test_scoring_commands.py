"""The commands ``instruments``, ``score`` and ``change``: output, summary and exit code."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from pipelines.commands.change import change
from pipelines.commands.instruments import instruments
from pipelines.commands.score import score
from rapport.errors import RapportError

APP = typer.Typer()
for command in (instruments, score, change):
    APP.command()(command)

HEADER = ",".join(f"q{n}" for n in range(1, 10))


@pytest.fixture(autouse=True)
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path / "home"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, list(arguments))


def written(folder: Path, *lines: str) -> str:
    file = folder / "table.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


def test_the_catalogue_is_listed() -> None:
    found = run("instruments", "--json")
    assert found.exit_code == 0
    assert len(json.loads(found.stdout)) == 27
    assert "phq-9" in run("instruments").stdout


def test_one_instrument_is_shown_with_its_sources() -> None:
    assert "Kroenke et al. (2001)" in run("instruments", "phq-9").stdout
    assert json.loads(run("instruments", "phq-9", "--json").stdout)["construct"] == "symptoms"


def test_an_unknown_instrument_is_a_user_s_fault() -> None:
    assert isinstance(run("instruments", "phq-99").exception, RapportError)


def test_an_instrument_of_the_home_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "home/instruments"
    folder.mkdir(parents=True)
    own = json.loads(run("instruments", "gad-7", "--json").stdout)
    own["missing_rule"] |= {"status": "policy", "source": "this clinic"}
    (folder / "gad-7.yaml").write_text(json.dumps(own), encoding="utf-8")
    table = written(tmp_path, ",".join(f"q{n}" for n in range(1, 8)), "1,1,1,1,1,1,")
    assert run("score", table, "--instrument", "gad-7").exit_code == 0


def test_scores_go_to_standard_output_and_the_summary_beside(tmp_path: Path) -> None:
    found = run("score", written(tmp_path, HEADER, "1,1,1,1,1,1,1,1,1"), "--instrument", "phq-9")
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        HEADER + ",line,total,item_mean,n_answered,is_prorated,band,is_caseness,flag_risk,"
        "is_straight_lining,no_score_reason,at_column",
        "1,1,1,1,1,1,1,1,1,2,9,1,9,no,mild,no,yes,yes,,",
    ]
    assert "1 row = 1 scored + 0 without a score" in found.stderr


def test_rows_without_a_score_make_exit_code_1_and_are_named(tmp_path: Path) -> None:
    table = written(tmp_path, HEADER, "1,1,1,1,1,1,1,1,9", "1,1,1", "2,2,2,2,2,2,2,2,2")
    found = run("score", table, "--instrument", "phq-9")
    assert found.exit_code == 1
    assert "line 2: out_of_range" in found.stderr
    assert "line 3: field_count" in found.stderr
    assert "3 rows = 1 scored + 2 without a score" in found.stderr


def test_scores_go_to_a_file(tmp_path: Path) -> None:
    table = written(tmp_path, HEADER, "1,1,1,1,1,1,1,1,1")
    found = run("score", table, "--instrument", "phq-9", "--out", str(tmp_path / "out.csv"))
    assert found.stdout == ""
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("q1,q2")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    table = written(tmp_path, HEADER, "1,1,1,1,1,1,1,1,1")
    found = run("score", table, "--instrument", "phq-9", "--out", table + "/x.csv")
    assert isinstance(found.exception, RapportError)


def test_a_map_declares_what_the_header_does_not(tmp_path: Path) -> None:
    table = written(tmp_path, ";".join("abcdefghi"), ";".join("1" * 8 + "9"))
    file = tmp_path / "map.yaml"
    file.write_text("items: [a,b,c,d,e,f,g,h,i]\ndelimiter: ';'\nmissing_codes: ['9']\n")
    found = run("score", table, "--instrument", "phq-9", "--map", str(file))
    assert found.exit_code == 0
    assert (
        found.stdout.splitlines()[1]
        == "1;1;1;1;1;1;1;1;9,2,9".replace(";", ",") + ",1,8,yes,mild,no,,no,,"
    )


def test_change_prints_rows_and_summary(tmp_path: Path) -> None:
    table = written(tmp_path, "a,b", "20,8", "20,18", "9,20")
    found = run("change", table, "--pre", "a", "--post", "b", "--instrument", "phq-9")
    assert found.exit_code == 0
    assert found.stdout.splitlines()[:2] == [
        "a,b,line,pre,post,change,improvement,percent,index,category,dropped",
        "20,8,2,20,8,-12,12,60,,recovered,",
    ]
    assert "3 rows = 3 used + 0 dropped" in found.stderr
    assert "recovered          1  33.3 %" in found.stderr


def test_change_by_an_index_draws_and_writes(tmp_path: Path) -> None:
    table = written(tmp_path, "a,b", "20,8", "20,18", "9,20", "5,")
    found = run(
        "change", table, "--pre", "a", "--post", "b", "--sd", "5", "--reliability", "0.84",
        "--functional-mean", "3.3", "--functional-sd", "3.8", "--direction", "lower_is_better",
        "--method", "HA", "--plot", str(tmp_path / "p.svg"), "--out", str(tmp_path / "o.csv"),
    )  # fmt: skip
    assert found.exit_code == 1
    assert "1 no_last_score" in found.stdout
    assert "Group level (Hageman-Arrindell)" in found.stdout
    assert (tmp_path / "p.svg").read_bytes().startswith(b"<?xml")
    assert len((tmp_path / "o.csv").read_text(encoding="utf-8").splitlines()) == 5


@pytest.mark.parametrize(
    "more",
    [("--sd", "5", "--reliability", "0.84"), ("--instrument", "phq-9", "--direction", "higher")],
    ids=["unknown", "contradicted"],
)
def test_the_direction_must_be_known_and_not_contradicted(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    found = run("change", written(tmp_path, "a,b", "20,8"), "--pre", "a", "--post", "b", *more)
    assert isinstance(found.exception, RapportError)
    assert found.exception.faults[0].rule == "DIRECTION"


# ── options in place of a map ───────────────────────────────────────────────────────────────────


def test_options_stand_for_a_map(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    items = "^".join(f"q{n}" for n in range(1, 5))
    file.write_bytes(f"{items}^Größe\n2,5^7,1^10^-9^x\n".encode("cp1252"))
    found = run(
        "score", str(file), "--instrument", "ors", "--encoding", "cp1252", "--delimiter", "^",
        "--decimal", ",", "--missing", "-9", "--missing", "NA",
    )  # fmt: skip
    assert found.exit_code == 1
    assert "1 too_many_missing" in found.stderr


@pytest.mark.parametrize("name", ["tab", "\\t", "\t"])
def test_a_tab_can_be_typed(tmp_path: Path, name: str) -> None:
    table = written(tmp_path, "\t".join(f"q{n}" for n in range(1, 5)), "1\t2\t3\t4")
    found = run("score", table, "--instrument", "ors", "--delimiter", name)
    assert found.stdout.splitlines()[1].startswith("1,2,3,4,2,10,")


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["other"])
    sheet = book.create_sheet("answers")
    sheet.append([f"q{n}" for n in range(1, 5)])
    sheet.append([1, 2, 3, 4.5])
    book.save(tmp_path / "table.xlsx")
    found = run("score", str(tmp_path / "table.xlsx"), "--instrument", "ors", "--sheet", "answers")
    assert found.stdout.splitlines()[1].startswith("1,2,3,4.5,2,10.5,")


def test_scores_are_rounded_half_up_when_asked(tmp_path: Path) -> None:
    table = written(tmp_path, HEADER, "1,1,1,1,1,1,1,2,")
    for digits, total in (("2", "10.13"), ("1", "10.1"), ("0", "10")):
        found = run("score", table, "--instrument", "phq-9", "--round", digits)
        assert found.stdout.splitlines()[1].split(",")[10] == total


def test_a_taken_name_is_told(tmp_path: Path) -> None:
    table = written(tmp_path, HEADER + ",total", "1,1,1,1,1,1,1,1,1,9")
    found = run("score", table, "--instrument", "phq-9")
    assert "begin with phq_9_" in found.stderr
    assert ",9,2,9," in found.stdout
    named = run("score", table, "--instrument", "phq-9", "--prefix", "new_")
    assert ",new_total," in named.stdout


def test_the_summary_of_scores_can_be_read_by_a_machine(tmp_path: Path) -> None:
    table = written(tmp_path, HEADER, "1,1,1,1,1,1,1,1,9", "1,1,1,1,1,1,1,1,1")
    out = tmp_path / "out.csv"
    found = run("score", table, "--instrument", "phq-9", "--out", str(out), "--json")
    told = json.loads(found.stdout)
    assert (told["rows"], told["scored"], told["without_score"]) == (2, 1, {"out_of_range": 1})
    assert told["faults"][0]["line"] == 2
    assert told["items"] == HEADER.split(",")
    assert found.exit_code == 1
    assert run("score", table, "--instrument", "phq-9", "--json").exit_code == 2


@pytest.mark.parametrize("instrument_id", ["wai-s", "wai-36", "rri-c", "rri-t", "rri-c-sf"])
def test_an_uncertain_key_is_scored_only_where_the_home_confirms_it(
    tmp_path: Path, instrument_id: str
) -> None:
    own = json.loads(run("instruments", instrument_id, "--json").stdout)
    n_items, top = own["n_items"], int(own["scale"]["maximum"])
    table = written(
        tmp_path, ",".join(f"q{n}" for n in range(1, n_items + 1)), ",".join([str(top)] * n_items)
    )
    refused = run("score", table, "--instrument", instrument_id)
    assert isinstance(refused.exception, RapportError)
    assert refused.exception.faults[0].rule == "UNCERTAIN_KEY"
    folder = tmp_path / "home/instruments"
    folder.mkdir(parents=True)
    own["version"] = "our-form"
    own["reversal"]["items"] = [1]
    for part in ("key", "reversal"):
        own[part] |= {"status": "policy", "source": "the form in use, read by this clinic"}
    (folder / f"{instrument_id}.yaml").write_text(json.dumps(own), encoding="utf-8")
    found = run("score", table, "--instrument", instrument_id)
    assert found.exit_code == 0
    low = int(own["scale"]["minimum"])
    total = top * (n_items - 1) + low
    expected = total if own["total"]["method"] == "sum" else total / n_items
    header, row = (line.split(",") for line in found.stdout.splitlines())
    assert float(row[header.index("total")]) == pytest.approx(expected)
    assert "our-form" in run("instruments", instrument_id).stdout


# ── every method of change ──────────────────────────────────────────────────────────────────────

PAIRS = ["a,b", "20,8", "20,18", "9,20", "16,5", "12,11", "22,9"]


@pytest.mark.parametrize("method", ["JT", "EN", "GLN", "HLL", "NK", "HA"])
def test_each_index_can_be_asked_for(tmp_path: Path, method: str) -> None:
    found = run(
        "change", written(tmp_path, *PAIRS), "--pre", "a", "--post", "b", "--method", method,
        "--reliability", "0.9", "--direction", "lower", "--json",
    )  # fmt: skip
    told = json.loads(found.stdout)
    assert found.exit_code == 0
    assert told["method"] == method
    assert told["used"] == sum(told["counts"].values()) == 6
    assert told["percent"]["unchanged"] == 100 * told["counts"]["unchanged"] / 6
    assert set(told["effect_sizes"]) == {"n", "correlation", "d_z", "d_pre", "d_av", "d_rm"}
    assert (told["group_level"] is not None) == (method == "HA")


def test_importance_and_percentages_can_be_asked_for(tmp_path: Path) -> None:
    table = written(tmp_path, *PAIRS)
    common = ("--pre", "a", "--post", "b", "--direction", "lower", "--json")
    told = json.loads(run("change", table, *common, "--method", "MID", "--smallest", "5").stdout)
    assert told["counts"]["improved"] == 3
    told = json.loads(run("change", table, *common, "--method", "percentage").stdout)
    assert (told["counts"]["improved"], told["threshold"]) == (3, 50)


def test_waves_can_be_asked_for(tmp_path: Path) -> None:
    table = written(tmp_path, "id,w1,w2,w3", "a,20,14,9", "b,20,19,20", "c,15,15,14", "d,9,,")
    found = run(
        "change", table, "--method", "HLM", "--wave", "w1", "--wave", "w2", "--wave", "w3",
        "--person", "id", "--instrument", "phq-9",
    )  # fmt: skip
    assert found.exit_code == 1
    assert found.stdout.splitlines()[0].startswith("person,n_scores,first,last,slope")
    assert "12 scores = 10 used + 2 not used" in found.stderr
    assert "4 people = 3 judged + 1 with one score only" in found.stderr
    long = written(
        tmp_path,
        "p,t,s",
        *(f"{p},{t},{20 - t * p + (p + t) % 2}" for p in range(5) for t in range(4)),
    )
    told = run(
        "change", long, "--method", "HLM", "--person", "p", "--time", "t", "--score", "s",
        "--direction", "lower", "--json",
    )  # fmt: skip
    assert told.exit_code == 0
    assert json.loads(told.stdout)["mean_slope"] == pytest.approx(-2, abs=0.1)


def test_a_summary_for_a_machine_leaves_the_rows_to_a_file(tmp_path: Path) -> None:
    table, out = written(tmp_path, *PAIRS), tmp_path / "o.csv"
    found = run(
        "change", table, "--pre", "a", "--post", "b", "--instrument", "phq-9", "--json",
        "--out", str(out),
    )  # fmt: skip
    assert json.loads(found.stdout)["method"] == "published threshold"
    assert len(out.read_text(encoding="utf-8").splitlines()) == 7


def test_a_summary_knows_no_numbers_that_json_does_not_know(tmp_path: Path) -> None:
    table = written(tmp_path, "a,b", "20,8")
    found = run("change", table, "--pre", "a", "--post", "b", "--instrument", "phq-9", "--json")
    told = json.loads(found.stdout, parse_constant=pytest.fail)
    assert told["first"] == {"mean": 20, "sd": None}
    assert told["effect_sizes"] is None


@pytest.mark.parametrize(("name", "start"), [("p.svg", b"<?xml"), ("p.PNG", b"\x89PNG")])
def test_the_plot_is_of_the_kind_its_name_says(tmp_path: Path, name: str, start: bytes) -> None:
    table = written(tmp_path, *PAIRS)
    run("change", table, "--pre", "a", "--post", "b", "--instrument", "phq-9",
        "--plot", str(tmp_path / name))  # fmt: skip
    assert (tmp_path / name).read_bytes().startswith(start)


WRONG = {
    "a picture of another kind": (("--pre", "a", "--post", "b", "--plot", "p.gif"), "PLOT"),
    "no last score": (("--pre", "a"), "COLUMNS"),
    "no first score": (("--post", "b"), "COLUMNS"),
    "waves without HLM": (("--pre", "a", "--post", "b", "--wave", "a"), "METHOD"),
    "pairs with HLM": (("--pre", "a", "--method", "HLM"), "METHOD"),
    "a plot with HLM": (("--plot", "p.svg", "--method", "HLM"), "METHOD"),
    "HLM without waves": (("--method", "HLM"), "WAVES"),
}


@pytest.mark.parametrize(("more", "rule"), WRONG.values(), ids=WRONG)
def test_what_does_not_belong_together_is_refused(
    tmp_path: Path, more: tuple[str, ...], rule: str
) -> None:
    found = run("change", written(tmp_path, *PAIRS), "--instrument", "phq-9", *more)
    assert isinstance(found.exception, RapportError)
    assert found.exception.faults[0].rule == rule
