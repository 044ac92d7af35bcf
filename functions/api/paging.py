"""Pages of a list, and the opaque cursor that leads from one to the next."""

import base64
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, TypeAdapter

from balas.db.paging import PAGE_SIZE, Position

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)

_CURSOR = TypeAdapter(tuple[AwareDatetime, UUID])


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
    return base64.urlsafe_b64encode(_CURSOR.dump_json((position.at, position.id))).decode()


def _read(cursor: Annotated[str | None, Query(max_length=200)] = None) -> Position | None:
    if cursor is None:
        return None
    try:
        return Position(*_CURSOR.validate_json(base64.urlsafe_b64decode(cursor)))
    except ValueError:
        fault = {"type": "cursor", "loc": ("query", "cursor"), "msg": "Cursor ini tidak dikenal."}
        raise RequestValidationError([fault]) from None


After = Annotated[Position | None, Depends(_read)]
