"""What the environment may say to the local house."""

import pytest

from balas.errors import Misconfigured
from local import settings


def test_nothing_said_gives_the_documented_defaults() -> None:
    chosen = settings.from_environment({})
    assert (chosen.origin, chosen.emulator_port, chosen.home.name) == (
        "http://127.0.0.1:8000",
        8001,
        ".local",
    )
    assert chosen.runs_emulator
    assert chosen.openai_api_key is None


def test_a_foreign_emulator_or_the_real_whatsapp_replaces_ours() -> None:
    foreign = {"EMULATOR_URL": "http://127.0.0.1:9", "EMULATOR_CA_FILE": "/ca", "EMULATOR_NOISE_ROOT": "00"}
    assert not settings.from_environment(foreign).runs_emulator
    assert settings.from_environment(foreign).foreign_emulator == foreign
    real = settings.from_environment({"WHATSAPP": "real"})
    assert not real.runs_emulator
    assert real.home.name == ".local-real"


def test_secrets_do_not_print() -> None:
    text = repr(
        settings.from_environment({"OPENAI_API_KEY": "sk-1", "DATABASE_URL": "postgresql://a:pw@h/d"})
    )
    assert "sk-1" not in text
    assert "pw@" not in text


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"BALAS_PORT": "http"}, "BALAS_PORT"),
        ({"BALAS_PORT": "0"}, "BALAS_PORT"),
        ({"BALAS_EMULATOR_PORT": "70000"}, "BALAS_EMULATOR_PORT"),
        ({"BALAS_PORT": "8001"}, "BALAS_EMULATOR_PORT"),
        ({"WHATSAPP": "yes"}, "WHATSAPP"),
        ({"EMULATOR_URL": "http://127.0.0.1:9"}, "EMULATOR_CA_FILE and EMULATOR_NOISE_ROOT"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(environment: dict[str, str], named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        settings.from_environment(environment)
