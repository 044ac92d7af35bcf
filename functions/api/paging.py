"""Pages of a list, and the opaque cursor that leads from one to the next."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from balas.db.paging import PAGE_SIZE, Position

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = r"^[0-9]{1,16}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""Microseconds since 1970 and the row's id: every cursor of this form leads to a page."""


class Page(BaseModel, Generic[Item]):
    """`next_cursor` is null on the last page."""

    items: list[Item]
    next_cursor: str | None


def page_of(
    rows: Sequence[Row], item: Callable[[Row], Item], position: Callable[[Row], Position]
) -> Page[Item]:
    """The page made of rows that a repository returned: one too many when another page follows."""
    shown = rows[:PAGE_SIZE]
    cursor = _write(position(shown[-1])) if len(rows) > PAGE_SIZE else None
    return Page(items=[item(row) for row in shown], next_cursor=cursor)


def _write(position: Position) -> str:
    return f"{(position.at - EPOCH) // timedelta(microseconds=1)}.{position.id}"


def _read(cursor: Annotated[str | None, Query(pattern=CURSOR)] = None) -> Position | None:
    if cursor is None:
        return None
    microseconds, _, row_id = cursor.partition(".")
    return Position(EPOCH + timedelta(microseconds=int(microseconds)), UUID(row_id))


After = Annotated[Position | None, Depends(_read)]
