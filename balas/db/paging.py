"""Where a page of a list begins: newest first, each page follows the last row of the one before."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

PAGE_SIZE = 50


@dataclass(frozen=True)
class Position:
    """The row that a page starts after, by the two columns that order its list."""

    at: datetime
    id: UUID


def window(after: Position | None) -> dict[str, object]:
    """The parameters `after_at`, `after_id` and `limit` of a list's statement.

    One row more than a page is asked for: it tells whether another page follows.
    """
    at, row_id = (after.at, after.id) if after else (None, None)
    return {"after_at": at, "after_id": row_id, "limit": PAGE_SIZE + 1}
