"""MiniStack's queue starts empty, so what was on it when the house last ended must be queued again."""

import psycopg

# Older ones are too old to be answered; see balas/turn.py.
FORGET_QUEUED = """
update messages set queued_at = null
where awaits_reply and answered_by is null and queued_at is not null
    and stored_at > now() - interval '10 minutes'
"""


def requeue_what_was_lost(owner_url: str) -> int:
    """How many messages the publisher will find again; a second job of one message does no harm."""
    with psycopg.connect(owner_url) as owner:
        return owner.execute(FORGET_QUEUED).rowcount
