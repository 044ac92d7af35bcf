"""Whether the API runs; says nothing of the database."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter(tags=["ping"])


class Pong(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/ping")
def ping() -> Pong:
    """Liveness."""
    return Pong()
