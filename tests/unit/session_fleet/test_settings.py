"""The fleet's settings name what is missing and never show a password."""

import pytest

from balas.errors import Misconfigured
from session_fleet import cli, settings

URLS = {
    "FLEET_DATABASE_URL": "postgresql://fleet:geheim@/b",
    "WHATSMEOW_DATABASE_URL": "postgresql://w:geheim@/b",
}


@pytest.mark.parametrize("name", URLS)
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        settings.load({k: v for k, v in URLS.items() if k != name})


def test_the_queue_is_named_when_it_is_missing() -> None:
    with pytest.raises(Misconfigured, match="INBOUND_QUEUE_URL"):
        settings.inbound_queue_url({})


@pytest.mark.parametrize("value", ["0", "-1", "viele", ""])
def test_a_number_must_be_one(value: str) -> None:
    with pytest.raises(Misconfigured, match="FLEET_SESSIONS_PER_SHARD"):
        settings.load(URLS | {"FLEET_SESSIONS_PER_SHARD": value})


def test_settings_print_as_stars() -> None:
    assert "geheim" not in repr(settings.load(URLS))


def test_a_wrong_environment_ends_with_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLEET_DATABASE_URL", raising=False)
    assert cli.main([], ["python"]) == 2
    assert "FLEET_DATABASE_URL" in capsys.readouterr().err
