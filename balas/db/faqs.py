"""The questions that the shop has already answered, as its owner edits them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from balas.catalog import FaqId
from balas.db.database import Tx
from balas.db.paging import Position, window
from balas.errors import NotFound

CREATE = """
insert into faqs (tenant_id, question, answer) values (%(tenant_id)s, %(question)s, %(answer)s)
returning id, question, answer, created_at
"""

REPLACE = """
update faqs set question = %(question)s, answer = %(answer)s
where tenant_id = %(tenant_id)s and id = %(faq_id)s
returning id, question, answer, created_at
"""

# A question that the shop has already answered gets the new answer.
IMPORT = """
with t as (
    select question, answer, n
    from rows from (jsonb_to_recordset(%(rows)s::jsonb) as (question text, answer text))
        with ordinality as r (question, answer, n)
),
known as (
    update faqs set answer = t.answer
    from t where faqs.tenant_id = %(tenant_id)s and lower(faqs.question) = lower(t.question)
    returning t.n
)
insert into faqs (tenant_id, question, answer, created_at)
select %(tenant_id)s, t.question, t.answer, now() + t.n * interval '1 microsecond'
from t where t.n not in (select n from known)
"""

# The lock makes two corrections of one question wait for each other.
ANSWER = """
update faqs set answer = %(answer)s
where tenant_id = %(tenant_id)s and id = (
    select id from faqs
    where tenant_id = %(tenant_id)s and lower(question) = lower(%(question)s)
    order by created_at, id
    limit 1
    for update
)
returning id, question, answer, created_at
"""

DELETE = "delete from faqs where tenant_id = %(tenant_id)s and id = %(faq_id)s"

READ = """
select id, question, answer, created_at
from faqs
where tenant_id = %(tenant_id)s and id = %(faq_id)s
"""

NEWEST = """
select id, question, answer, created_at
from faqs
where tenant_id = %(tenant_id)s
    and (%(after_at)s::timestamptz is null or (created_at, id) < (%(after_at)s, %(after_id)s))
order by created_at desc, id desc
limit %(limit)s
"""


@dataclass(frozen=True)
class FaqRow:
    id: FaqId
    question: str
    answer: str
    created_at: datetime


def newest(tx: Tx, after: Position | None) -> list[FaqRow]:
    return tx.all(FaqRow, NEWEST, **window(after))


def read(tx: Tx, faq_id: FaqId) -> FaqRow:
    return _found(tx.first(FaqRow, READ, faq_id=faq_id))


def create(tx: Tx, *, question: str, answer: str) -> FaqRow:
    return _found(tx.first(FaqRow, CREATE, question=question, answer=answer))


def answer(tx: Tx, *, question: str, answer: str) -> FaqRow:
    """Stores an answer: a known question gets the new one."""
    known = tx.first(FaqRow, ANSWER, question=question, answer=answer)
    return known or create(tx, question=question, answer=answer)


def replace(tx: Tx, faq_id: FaqId, *, question: str, answer: str) -> FaqRow:
    return _found(tx.first(FaqRow, REPLACE, faq_id=faq_id, question=question, answer=answer))


def import_all(tx: Tx, rows: Sequence[Mapping[str, str]]) -> None:
    """Stores a table of `question` and `answer`; a known question gets the new answer."""
    tx.run(IMPORT, rows=json.dumps(list(rows)))


def delete(tx: Tx, faq_id: FaqId) -> None:
    if tx.run(DELETE, faq_id=faq_id) == 0:
        raise _unknown()


def _found(row: FaqRow | None) -> FaqRow:
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound("FAQ ini tidak ditemukan.")
