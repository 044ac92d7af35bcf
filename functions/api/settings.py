"""What the API is started with."""

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from balas import cost
from balas.cost import Tariff
from balas.errors import Misconfigured
from balas.llm import ModelSettings

LoadSecret = Callable[[str], dict[str, str]]
Seconds = Annotated[float, Field(ge=0)]


class Settings(BaseModel):
    """Checked settings; secrets print as ***."""

    model_config = ConfigDict(frozen=True)

    database_url: SecretStr = Field(min_length=1)
    token_key: SecretStr = Field(min_length=32)
    public_origin: str = Field(pattern=r"^https?://[^/\s]+$")
    mail_sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    openai_base_url: str = Field(pattern=r"^https?://\S+$")
    openai_model: str = Field(min_length=1)
    openai_api_key: SecretStr = Field(min_length=1)
    tariff: Tariff = Tariff()
    link_wait_s: Seconds = 6
    logout_wait_s: Seconds = 8

    @property
    def model(self) -> ModelSettings:
        """The model that answers an owner's trials, as it does customers."""
        key = self.openai_api_key.get_secret_value()
        return ModelSettings(self.openai_base_url, self.openai_model, key, self.tariff)

    @property
    def is_offline(self) -> bool:
        """Whether no model answers but the demo's answer engine, which goes by this name."""
        return self.openai_model == "offline"

    @property
    def is_https(self) -> bool:
        return self.public_origin.startswith("https://")


def read(environment: Mapping[str, str], load_secret: LoadSecret) -> Settings:
    """Settings from environment variables; the secret named by SECRETS_NAME fills in its fields.

    Raises Misconfigured, which names every wrong setting and shows no value.
    """
    values = {name.lower(): value for name, value in environment.items() if name in _VARIABLES}
    if name := environment.get("SECRETS_NAME"):
        values |= load_secret(name)
    tariff = cost.tariff(environment)
    try:
        return Settings.model_validate({**values, "tariff": tariff})
    except ValidationError as error:
        names = sorted({str(fault["loc"][0]) for fault in error.errors()})
        raise Misconfigured(" ".join(_WAY_OUT[name] for name in names)) from None


_WAY_OUT = {
    "database_url": "Set database_url in the secret SECRETS_NAME, or DATABASE_URL: role balas_app.",
    "token_key": "Set token_key in the secret SECRETS_NAME, or TOKEN_KEY: 32 random characters or more.",
    "public_origin": "Set PUBLIC_ORIGIN to where browsers find Balas, such as https://app.example.com.",
    "mail_sender": "Set MAIL_SENDER to the address that mails come from: an identity verified in SES.",
    "openai_base_url": "Set OPENAI_BASE_URL to an OpenAI-compatible endpoint: https://api.openai.com/v1.",
    "openai_model": "Set OPENAI_MODEL to the model that answers, such as gpt-5-mini.",
    "openai_api_key": "Set openai_api_key in the secret SECRETS_NAME, or OPENAI_API_KEY.",
}
_VARIABLES = frozenset(name.upper() for name in _WAY_OUT)
