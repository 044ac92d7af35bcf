"""What the follow-up function needs to know, from its environment and its secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from balas import cost
from balas.aws import schedules, secrets
from balas.aws.schedules import Schedules
from balas.errors import Misconfigured
from balas.llm import ModelSettings


@dataclass(frozen=True)
class Settings:
    database_url: str = field(repr=False)
    schedules: Schedules
    model: ModelSettings
    public_origin: str
    mail_sender: str


def load(environment: Mapping[str, str]) -> Settings:
    """The settings; raises Misconfigured, which names what is missing."""
    secret = secrets.load(_required(environment, "SECRETS_NAME"))
    return Settings(
        database_url=_required(secret, "database_url"),
        schedules=schedules.configured(environment),
        model=ModelSettings(
            base_url=_required(environment, "OPENAI_BASE_URL"),
            model=_required(environment, "OPENAI_MODEL"),
            api_key=_required(secret, "openai_api_key"),
            tariff=cost.tariff(environment),
        ),
        public_origin=_required(environment, "PUBLIC_ORIGIN"),
        mail_sender=_required(environment, "MAIL_SENDER"),
    )


def _required(source: Mapping[str, str], name: str) -> str:
    if value := source.get(name):
        return value
    raise Misconfigured(f"the follow-up function's {name} is not set")
