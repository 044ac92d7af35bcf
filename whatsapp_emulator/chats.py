"""The chats as people see them: who wrote what to whom, and how far it came."""

import sqlite3
from dataclasses import dataclass

_RANK = {"sent": 0, "delivered": 1, "read": 2}


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One bubble; `author` is "phone" or "companion", `status` is sent, delivered or read."""

    sender: str
    recipient: str
    id: str
    kind: str
    text: str
    ts: int
    author: str
    payload: bytes
    status: str = "sent"


def record(db: sqlite3.Connection, message: ChatMessage) -> bool:
    """Stores a message; False if this id was there already."""
    cursor = db.execute(
        "insert or ignore into message (sender, recipient, id, kind, text, ts, author, payload, status)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (message.sender, message.recipient, message.id, message.kind, message.text, message.ts,
         message.author, message.payload, message.status),
    )  # fmt: skip
    return cursor.rowcount == 1


def advance(db: sqlite3.Connection, sender: str, recipient: str, ids: list[str], status: str) -> list[str]:
    """Raises messages to a status, never lowers; returns the ids that changed."""
    lower = [name for name, rank in _RANK.items() if rank < _RANK[status]]
    marks = ", ".join("?" * len(lower))
    query = (
        f"update message set status = ? where sender = ? and recipient = ? and id = ? and status in ({marks})"  # noqa: S608
    )
    return [
        message_id
        for message_id in ids
        if db.execute(query, (status, sender, recipient, message_id, *lower)).rowcount
    ]


def unread(db: sqlite3.Connection, sender: str, recipient: str) -> list[str]:
    """The ids of messages that the recipient has not read."""
    query = "select id from message where sender = ? and recipient = ? and status <> 'read' order by seq"
    return [row[0] for row in db.execute(query, (sender, recipient))]


def between(db: sqlite3.Connection, one: str, other: str, limit: int = 200) -> list[ChatMessage]:
    """The newest messages of a chat, oldest first."""
    query = (
        "select * from message where (sender = ? and recipient = ?) or (sender = ? and recipient = ?)"
        " order by seq desc limit ?"
    )
    rows = db.execute(query, (one, other, other, one, limit)).fetchall()
    return [_message(row) for row in reversed(rows)]


def partners(db: sqlite3.Connection, phone: str) -> list[str]:
    """The numbers this phone has a chat with, newest first."""
    query = (
        "select case sender when ? then recipient else sender end as partner, max(seq) as last"
        " from message where sender = ? or recipient = ? group by partner order by last desc"
    )
    return [row["partner"] for row in db.execute(query, (phone, phone, phone))]


def find(db: sqlite3.Connection, message_id: str) -> ChatMessage | None:
    """A message by its id."""
    row = db.execute("select * from message where id = ? order by seq desc limit 1", (message_id,)).fetchone()
    return _message(row) if row else None


def _message(row: sqlite3.Row) -> ChatMessage:
    return ChatMessage(
        row["sender"], row["recipient"], row["id"], row["kind"], row["text"], row["ts"], row["author"],
        row["payload"], row["status"],
    )  # fmt: skip
