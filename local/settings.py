"""What the user says through the environment about the local house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from balas.errors import Misconfigured

ROOT = Path(__file__).parents[1]
EMULATOR_VARIABLES = ("EMULATOR_URL", "EMULATOR_CA_FILE", "EMULATOR_NOISE_ROOT")


@dataclass(frozen=True)
class Settings:
    """The settings of one house; `from_environment` has checked them."""

    home: Path
    port: int
    emulator_port: int
    real_whatsapp: bool
    foreign_emulator: dict[str, str]
    """The three EMULATOR_ variables of an emulator that somebody else runs; empty: ours is started."""
    admin_url: str | None = field(repr=False)
    """An administrator of somebody else's Postgres; None: ours is started."""
    openai_api_key: str | None = field(repr=False)
    openai_base_url: str
    openai_model: str

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def runs_emulator(self) -> bool:
        return not self.real_whatsapp and not self.foreign_emulator


def from_environment(env: Mapping[str, str]) -> Settings:
    """The settings in `env`; raises Misconfigured, naming the variable to mend."""
    port, emulator_port = _port(env, "BALAS_PORT", 8000), _port(env, "BALAS_EMULATOR_PORT", 8001)
    if port == emulator_port:
        raise Misconfigured(f"BALAS_PORT and BALAS_EMULATOR_PORT are both {port}: say two different ports")
    real = _real_whatsapp(env.get("WHATSAPP") or "emulator")
    # The world of a demo is thrown away lightly; a real account's device must not go with it.
    home = Path(env.get("BALAS_HOME") or ROOT / (".local-real" if real else ".local"))
    return Settings(
        home=home.expanduser().resolve(),
        port=port,
        emulator_port=emulator_port,
        real_whatsapp=real,
        foreign_emulator=_foreign_emulator(env),
        admin_url=env.get("DATABASE_URL") or None,
        openai_api_key=env.get("OPENAI_API_KEY") or None,
        openai_base_url=env.get("OPENAI_BASE_URL") or "https://api.openai.com/v1",
        openai_model=env.get("OPENAI_MODEL") or "gpt-5-mini",
    )


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Misconfigured(f"{name} is {text!r}: say a port between 1 and 65535, such as {default}")
    return int(text)


def _real_whatsapp(text: str) -> bool:
    if text not in ("emulator", "real"):
        raise Misconfigured(f"WHATSAPP is {text!r}: say `emulator` (the default) or `real`")
    return text == "real"


def _foreign_emulator(env: Mapping[str, str]) -> dict[str, str]:
    given = {name: env[name] for name in EMULATOR_VARIABLES if env.get(name)}
    if given and (missing := [name for name in EMULATOR_VARIABLES if name not in given]):
        raise Misconfigured(f"{' and '.join(missing)} must be set too, or none of the EMULATOR_ variables")
    return given
