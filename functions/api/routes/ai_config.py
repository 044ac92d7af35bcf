"""What the agent knows of the shop, and how it is to behave."""

import re
from dataclasses import asdict
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from balas.db import ai_configs, audit_log
from balas.tenant import Audience, Day, ShopProfile
from functions.api import fields
from functions.api.deps import Db, Me

router = APIRouter(tags=["ai-config"])


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("timezone", "Zona waktu tidak dikenal. Contoh: Asia/Jakarta.") from None
    return name


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", text):
        raise PydanticCustomError("clock", "Tulis jam sebagai HH:MM, dari 00:00 sampai 24:00.")
    return text


def _span(span: tuple[str, str]) -> tuple[str, str]:
    if span[0] >= span[1]:
        raise PydanticCustomError(
            "span", "Jam buka harus sebelum jam tutup. Lewat tengah malam: pecah di 24:00 dan 00:00."
        )
    return span


Timezone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_zone)]
Clock = Annotated[str, StringConstraints(max_length=5), AfterValidator(_clock)]
Span = Annotated[tuple[Clock, Clock], AfterValidator(_span)]
Spans = Annotated[list[Span], Field(max_length=4)]


class Delivery(BaseModel):
    area: fields.Name
    fee: fields.Fee


class JobModes(BaseModel):
    general_faq: fields.Flag = True
    order_taking: fields.Flag = True
    complaint: fields.Flag = True


class AiConfig(BaseModel):
    """The whole document: what a PUT leaves out takes its default."""

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
    pause_s: Annotated[int, Field(strict=True, ge=0, le=60)] = 4
    handover_rules: Annotated[list[fields.Rule], Field(max_length=20)] = []
    forbidden_topics: Annotated[list[fields.Rule], Field(max_length=20)] = []

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
