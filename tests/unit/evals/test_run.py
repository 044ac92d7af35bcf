"""A run from the command line to the saved table, against the offline model over its real wire."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from balas import opening_hours
from evals import bars, case, report, run
from evals.judge import Record
from evals.report import About, Prices
from offline_model.server import Server
from tests.unit.evals.test_score import NOT_SCORED, RIGHT

FEW = ["--only", "dev-kopi-order-0"]


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "RESULTS", tmp_path)
    return tmp_path


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def there(server: Server) -> list[str]:
    return ["--model", "demo", "--base-url", f"http://127.0.0.1:{server.server_port}/v1"]


def test_every_shop_is_open_when_its_chats_happen():
    names = [path.stem for path in sorted((case.HERE / "shops").glob("*.json"))]
    assert len(names) >= 9
    for name in names:
        shop = case.shop(name)
        assert opening_hours.closes_at(shop.profile, case.now(shop)), name
        assert opening_hours.local(shop.profile, case.now(shop)).hour == 11, name


def test_the_turn_holds_the_data_and_only_what_came_before():
    chats = [each for each in case.load("dev") if len(case.bursts(each)) > 1]
    assert chats
    for each in chats:
        first, last = case.bursts(each)[0], case.bursts(each)[-1]
        early, late = case.turn_at(each, first, None), case.turn_at(each, last, None)
        assert [m.text for m in (*late.recent, *late.unanswered)] == [said.text for said in each.turns]
        assert all(m.author == "contact" for m in late.unanswered), each.id
        assert len(early.recent) + len(early.unanswered) == first.stop


def test_the_offline_model_is_started_and_scored(capsys: pytest.CaptureFixture[str]):
    assert run.main(FEW) == 0
    table = capsys.readouterr().out
    assert "# balas-offline on the dev split" in table
    assert "| order exact match pass^1 | " in table


def test_a_stopped_run_goes_on_where_it_was(
    there: list[str], server: Server, results: Path, capsys: pytest.CaptureFixture[str]
):
    assert run.main([*FEW, *there, "--repeats", "2"]) == 0
    whole = capsys.readouterr().out
    assert "pass^2" in whole
    (path,) = (results / "records").iterdir()
    played = path.read_text("utf-8")
    path.write_text(played[:-500], "utf-8")  # killed in the middle of a record
    assert run.main([*FEW, *there, "--repeats", "2"]) == 0
    assert path.read_text("utf-8").startswith(played[:-500] + "\n{")
    server.shutdown()  # from here on an answer can only come from the file
    assert run.main([*FEW, *there, "--repeats", "2"]) == 0
    assert "| silent or failed | none |" in capsys.readouterr().out


def test_nothing_of_the_held_out_split_is_kept_or_printed_unasked(
    there: list[str], results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    some = case.load("test")[:12]  # the whole split is the bars' lane

    def few(_: case.Split) -> list[case.Case]:
        return some

    monkeypatch.setattr(case, "load", few)
    assert run.main([*there, "--split", "test"]) == 0
    (path,) = (results / "records").iterdir()
    records = [Record.model_validate_json(line) for line in path.read_text("utf-8").split()]
    assert len(records) == len(some)
    assert {(record.reply, record.numbers) for record in records} == {("", ())}
    printed = capsys.readouterr()
    kept = "".join(file.read_text("utf-8") for file in results.glob("*.*"))
    for each in some:
        assert each.id not in printed.out + printed.err + kept
    assert json.loads((results / "test-demo.json").read_text("utf-8"))["cases"] == len(records)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--model", "demo"], ["--split", "test", "--only", "x"], ["--parallel", "9"], ["--repeats", "0"],
        ["--prices", "1,2"],
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(arguments: list[str]):
    with pytest.raises(SystemExit):
        run.main(arguments)


def test_a_dead_endpoint_ends_the_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("evals.play.BACK_OFF_S", ())
    there = ["--model", "demo", "--base-url", "http://127.0.0.1:9/v1"]
    assert run.main(["--only", "dev-kopi", *there]) == 2
    assert "10 times in a row" in capsys.readouterr().err


def record(**changes: object) -> Record:
    made = Record(
        case="demo", kind="order", repeat=0, sent=RIGHT, raw=RIGHT, silence=None, failure=None, verdicts=(),
        is_first_json=True, rungs=("json_schema",), latency_ms=100, prompt_tokens=1000, cached_tokens=800,
        completion_tokens=100, replayed_tokens=50,
    )  # fmt: skip
    return made.model_copy(update=changes)


ABOUT = About("dev", "demo", 1, "abc", "def")


def test_the_facts_of_a_run():
    slow = record(case="slow", latency_ms=900, is_first_json=False, raw=None, verdicts=("wrong_price",))
    mute = record(case="mute", latency_ms=None, is_first_json=None, raw=None, rungs=(), silence="bot_loop")
    made = report.build(ABOUT, [record(), slow, mute], Prices(2000, 500, 10_000))
    assert made.facts["first-try valid JSON"] == "1 of 2 (50.0%)"
    assert made.facts["latency p50 / p95"] == "100 / 900 ms"
    assert made.facts["guard objections (answers)"] == "wrong_price 1"
    assert made.facts["silent or failed"] == "bot_loop 1"
    assert made.facts["cost per answer"] == "Rp1.80"


def test_a_first_answer_that_cannot_be_read_is_wrong_in_everything():
    made = report.build(ABOUT, [record(), record(case="b", raw=None, is_first_json=False)], None)
    for name in ("order exact match pass^1", "complaint recall", "right language"):
        sent, raw = made.scores[name]["sent"], made.scores[name]["raw"]
        assert sent is not None
        assert raw is not None
        assert (sent.value, raw.value) == (1, 0.5)


def test_bars_are_met_missed_or_not_scored():
    met = record(sent=RIGHT.model_copy(update={"complaint": (True, True)}))
    calm = record(case="b", sent=RIGHT.model_copy(update={"complaint": (False, False)}))
    assert bars.missed(report.build(ABOUT, [met, calm], None)) == []
    bad = RIGHT.model_copy(update={"ungrounded": 1, "injected": True, "complaint": (False, True)})
    lines = bars.missed(report.build(ABOUT, [met, record(case="c", sent=bad)], None))
    assert [line.split(":")[0] for line in lines] == [
        "complaint false alarms", "replies with a loose number", "injection success",
    ]  # fmt: skip
    unscored = bars.missed(report.build(ABOUT, [record(sent=NOT_SCORED)], None))
    assert "mode macro-F1: not scored" in unscored
