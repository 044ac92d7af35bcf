"""What the agent knows of the shop, and how it is to behave."""

import re
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from importlib import resources
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from balas.db import ai_configs, audit_log
from balas.tenant import Audience, Day, OutsideHours, ShopProfile
from functions.api import fields
from functions.api.deps import Db, Me

router = APIRouter(tags=["ai-config"])


CLOCK = "(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
TIMEZONES = resources.files("tzdata").joinpath("zones").read_text().split()


def _zone(name: str) -> str:
    if name not in TIMEZONES:
        raise PydanticCustomError("timezone", "Zona waktu tidak dikenal. Contoh: Asia/Jakarta.")
    return name


def _clock(text: str) -> str:
    if not re.fullmatch(CLOCK, text):
        raise PydanticCustomError("clock", "Tulis jam sebagai HH:MM, dari 00:00 sampai 24:00.")
    return text


def _date(text: str) -> str:
    with suppress(ValueError):
        if date.fromisoformat(text).isoformat() == text:
            return text
    raise PydanticCustomError("date", "Tulis tanggal sebagai TTTT-BB-HH, misalnya 2026-12-25.")


Date = Annotated[str, AfterValidator(_date), Field(json_schema_extra={"format": "date"})]
Timezone = Annotated[str, AfterValidator(_zone), Field(json_schema_extra={"enum": list(TIMEZONES)})]
Clock = Annotated[str, StringConstraints(max_length=5), fields.Checked(_clock, CLOCK)]
Span = tuple[Clock, Clock]
Spans = Annotated[list[Span], Field(max_length=4)]


class Delivery(BaseModel):
    area: fields.Name
    fee: fields.Fee


class JobModes(BaseModel):
    general_faq: fields.Flag = True
    order_taking: fields.Flag = True
    complaint: fields.Flag = True


class AiConfig(BaseModel):
    """The whole document: what a PUT leaves out takes its default.

    `hours`: a span that ends no later than it begins runs past midnight.
    """

    business_name: fields.Name
    description: fields.Text = ""
    address: fields.Text = ""
    phone: fields.Line = ""
    hours: dict[Day, Spans] = {}
    timezone: Timezone = "Asia/Jakarta"
    tone: fields.Line = ShopProfile.tone
    greeting: fields.Text = ""
    delivery: Annotated[list[Delivery], Field(max_length=100)] = []
    payments: Annotated[list[fields.Name], Field(max_length=20)] = []
    modes: JobModes = JobModes()
    audience: Audience = "unsaved"
    test_numbers: Annotated[list[fields.Phone], Field(max_length=50)] = []
    draft_only: fields.Flag = False
    ai_enabled: fields.Flag = True
    pause_s: Annotated[int, Field(strict=True, ge=0, le=60), fields.WHOLE] = 4
    handover_rules: Annotated[list[fields.Rule], Field(max_length=20)] = []
    forbidden_topics: Annotated[list[fields.Rule], Field(max_length=20)] = []
    holidays: Annotated[list[Date], Field(max_length=100)] = []
    outside_hours: OutsideHours = "answer"
    outside_hours_message: fields.Text = ""
    handover_ends_after_min: Annotated[int, Field(strict=True, ge=1, le=10_080), fields.WHOLE] | None = None
    owner_phone: fields.Phone | Literal[""] = ""
    tells_owner: fields.Flag = True
    follow_ups: fields.Flag = True
    reads_images: fields.Flag = False
    transcribes_audio: fields.Flag = False
    monthly_answers: Annotated[int, Field(strict=True, ge=0, le=10_000_000), fields.WHOLE] | None = (
        ShopProfile.monthly_answers
    )
    hourly_answers_per_customer: Annotated[int, Field(strict=True, ge=1, le=1000), fields.WHOLE] = 30

    @classmethod
    def of(cls, profile: ShopProfile) -> Self:
        return cls.model_validate(asdict(profile))

    def profile(self) -> ShopProfile:
        return ai_configs.load(self.model_dump())


@router.get("/ai-config")
def get_ai_config(who: Me, db: Db) -> AiConfig:
    """The agent's profile."""
    with db.tenant_tx(who.tenant_id) as tx:
        return AiConfig.of(ai_configs.get(tx))


@router.put("/ai-config")
def put_ai_config(body: AiConfig, who: Me, db: Db) -> AiConfig:
    """Replaces the agent's profile."""
    profile = body.profile()
    with db.tenant_tx(who.tenant_id) as tx:
        if fields_changed := audit_log.changed(ai_configs.get(tx), profile):
            ai_configs.replace(tx, profile)
            audit_log.record(tx, who.user_id, "ai_config_changed", fields=fields_changed)
    return body
