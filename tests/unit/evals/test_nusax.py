"""The NusaX anchor, on rows of its form that are ours."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals import nusax
from offline_model.server import Server

ROWS = """id,text,label
1,"Pelayanannya mengecewakan, makanan datang dingin dan basi",negative
2,Kedainya buka di dekat pasar,neutral
3,"Terima kasih, enak sekali dan cepat",positive
"""


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "test.csv"
    path.write_text(ROWS, "utf-8")
    return path


@pytest.fixture
def model_url() -> Iterator[str]:
    server = Server(0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_file_is_read(csv_file: Path):
    assert [row.label for row in nusax.read(csv_file)] == ["negative", "neutral", "positive"]


@pytest.mark.parametrize("text", ["id,sentence\n1,a\n", "id,text,label\n1,a,angry\n"])
def test_another_file_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "other.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(nusax.BadFile):
        nusax.read(path)


def test_scores_of_a_model_that_overlooks_and_invents():
    scores = nusax.score(
        ["negative", "negative", "positive", "neutral"], ["negative", None, "negative", "neutral"]
    )
    assert (scores.precision, scores.recall, scores.f1) == (0.5, 0.5, 0.5)
    assert (scores.accuracy, scores.rows, scores.unread) == (0.5, 4, 1)


def test_a_model_is_asked_for_every_row(
    csv_file: Path, model_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("NUSAX_CSV", str(csv_file))
    assert nusax.main(["--base-url", model_url, "--model", "balas-offline"]) == 0
    table = capsys.readouterr().out
    assert "3 rows" in table
    assert "CC-BY-SA-4.0" in table
    assert "| unreadable answers | 0 |" in table


def test_without_the_data_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("NUSAX_CSV", raising=False)
    assert nusax.main([]) == 2
    assert "NUSAX_CSV" in capsys.readouterr().err
