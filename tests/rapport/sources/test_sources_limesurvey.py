"""LimeSurvey's RemoteControl 2 against a real HTTP server that speaks its documented replies."""

from collections.abc import Callable

import pytest

from tests.rapport.sources.servers.web import Answer, Asked, WebServer, in_base64, rpc

ENVIRON = {"HILL_USER": "hill", "HILL_PW": "CANARY-lime-password"}
KEY = "CANARY-session-key"
RESPONSES = b'"id","submitdate","G1"\n"1","2025-03-04 10:00:00","A2"\n'
MakeDoor = Callable[..., "object"]
CUMULATIVE = {"cumulative": True}


class Survey:
    """A LimeSurvey with one account and one survey; each method can be given another answer."""

    def __init__(self, web: WebServer) -> None:
        self.web = web
        self.instead: dict[str, Answer] = {}
        web.answer = self._answer

    def _answer(self, asked: Asked) -> Answer:
        method = str(asked.json["method"])
        usual = {
            "get_session_key": rpc(KEY),
            "export_responses": rpc(in_base64(RESPONSES)),
            "release_session_key": rpc("OK"),
        }
        return self.instead.get(method, usual[method])

    @property
    def methods(self) -> list[object]:
        return [one.json["method"] for one in self.web.asked]


@pytest.fixture
def survey(web: WebServer) -> Survey:
    return Survey(web)


def a_place(survey: Survey, **request: object) -> dict[str, object]:
    return {
        "type": "limesurvey", "url": f"{survey.web.url}/index.php/admin/remotecontrol",
        "user": {"env": "HILL_USER"}, "password": {"env": "HILL_PW"},
        "requests": {"export-0": {"survey": 998192, **request}},
    }  # fmt: skip


def test_an_export_is_decoded_and_delivered(survey: Survey, door: MakeDoor) -> None:
    opened = door(a_place(survey), environ=ENVIRON, **CUMULATIVE)
    assert opened.names() == ["a_2025-03.csv"]
    assert opened.read() == [RESPONSES]
    assert survey.methods == ["get_session_key", "export_responses", "release_session_key"]


def test_the_methods_are_called_with_their_documented_parameters(
    survey: Survey, door: MakeDoor
) -> None:
    place = a_place(
        survey, language="pl", completion="complete", heading="full", answers="long",
        fields=["G1"], from_response=5,
    )  # fmt: skip
    door(place, environ=ENVIRON, **CUMULATIVE).read()
    opened, exported, closed = (one.json["params"] for one in survey.web.asked)
    assert opened == ["hill", ENVIRON["HILL_PW"], "Authdb"]
    assert exported == [KEY, 998192, "csv", "pl", "complete", "full", "long", 5, None, ["G1"]]
    assert closed == [KEY]


@pytest.mark.parametrize(
    ("method", "status", "said"),
    [
        ("get_session_key", "Invalid user name or password", "refuses this account"),
        ("get_session_key", "You have exceeded the number of maximum login attempts",
         "refuses this account"),
        ("export_responses", "No permission", "refuses this account"),
        ("export_responses", "Invalid session key", "refuses this account"),
        ("export_responses", "No Data, survey table does not exist.", "no responses yet"),
        ("export_responses", "No Data, could not get max id.", "no responses yet"),
        ("export_responses", "Language code not found for this survey.", "language"),
        ("export_responses", "patient 77 is odd", "answered with an error"),
    ],
)  # fmt: skip
def test_an_error_by_status_is_recognised_and_told_in_own_words(
    survey: Survey, door: MakeDoor, method: str, status: str, said: str
) -> None:
    survey.instead[method] = rpc({"status": status})
    opened = door({**a_place(survey), "attempts": 4}, environ=ENVIRON, **CUMULATIVE)
    assert opened.read() == [None]
    assert said in opened.reasons()[0]
    assert "77" not in opened.reasons()[0]
    assert survey.methods.count(method) == 1


@pytest.mark.parametrize(
    "answer",
    [
        rpc({"status": "No permission"}),
        rpc(None, "failed"),
        rpc("not base64 !"),
        rpc({"a": 1}),
        rpc(None),
        rpc(""),
        Answer(b"<html>fatal</html>"),
        Answer(b"{"),
        Answer(b"[]"),
        Answer(b"[" * 100_000),
        Answer(b"", 500),
        Answer(b'{"id":1,"result":"QUJ', length=1000),
    ],
)
def test_the_session_is_closed_after_every_failure(
    survey: Survey, door: MakeDoor, answer: Answer
) -> None:
    survey.instead["export_responses"] = answer
    opened = door(a_place(survey), environ=ENVIRON, **CUMULATIVE)
    assert opened.read() == [None]
    assert survey.methods[-1] == "release_session_key"


@pytest.mark.parametrize("answer", [Answer(b"<html>"), Answer(b""), Answer(b"", 404)])
def test_an_interface_that_is_turned_off_is_told(
    survey: Survey, door: MakeDoor, answer: Answer
) -> None:
    survey.instead["get_session_key"] = answer
    opened = door(a_place(survey), environ=ENVIRON, **CUMULATIVE)
    assert opened.read() == [None]
    assert survey.methods == ["get_session_key"]


def test_a_session_that_cannot_be_closed_loses_no_reply(survey: Survey, door: MakeDoor) -> None:
    survey.instead["release_session_key"] = Answer(b"", 500)
    assert door(a_place(survey), environ=ENVIRON, **CUMULATIVE).read() == [RESPONSES]


def test_every_attempt_has_a_session_of_its_own(survey: Survey, door: MakeDoor) -> None:
    survey.instead["export_responses"] = Answer(b"", 503)
    opened = door({**a_place(survey), "attempts": 2}, environ=ENVIRON, **CUMULATIVE)
    assert opened.read() == [None]
    assert survey.methods == ["get_session_key", "export_responses", "release_session_key"] * 2
