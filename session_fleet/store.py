"""Prepares whatsmeow's tables before the first shard: many clients at once would race for it."""

import os

import psycopg

from balas.errors import Unavailable
from session_fleet import neonize_calls
from session_fleet.settings import Settings

LOCK = 0x77686174736D  # "whatsm"
INDEX = """
create index if not exists whatsmeow_message_secrets_key on whatsmeow_message_secrets (key)
"""
"""The sender looks its messages up by their secret; whatsmeow itself never does."""


def run(settings: Settings) -> None:
    """Returns when the tables are up to date; several tasks may do it at once."""
    try:
        with psycopg.connect(settings.fleet_url, autocommit=True, connect_timeout=5) as lock:
            lock.execute("select pg_advisory_lock(%s)", [LOCK])
            neonize_calls.create_tables(settings.whatsmeow_url)
            with psycopg.connect(settings.whatsmeow_url, autocommit=True) as owner:
                owner.execute(INDEX)
    except psycopg.Error as error:
        raise Unavailable("whatsmeow's tables could not be prepared: is Postgres up and migrated?") from error


def main(settings: Settings) -> None:
    """Never returns: neonize's threads would keep the process from ending normally."""
    neonize_calls.quieten()
    try:
        run(settings)
    except Unavailable:
        os._exit(1)
    os._exit(0)
