"""The emulator's world on disk: one SQLite file, committed before anything that follows from it leaves.

No cache stands in front of it, so a `kill -9` loses nothing that a client was told. `synchronous=off`
is enough for that: it only matters when the machine itself loses power.
"""

import sqlite3
from pathlib import Path

SCHEMA_VERSION = 1

_SCHEMA = """
create table account (
    phone text primary key, lid text not null unique, name text not null,
    identity_private blob not null, registration_id integer not null, signed_prekey_private blob not null,
    next_prekey_id integer not null default 1, next_device integer not null default 1,
    app_state_key_id blob not null, app_state_key blob not null
) strict;
create table phone_prekey (phone text, id integer, private blob not null, primary key (phone, id)) strict;
create table companion (
    phone text, device integer, noise_public blob not null, identity_public blob not null,
    registration_id integer not null, signed_prekey_id integer not null, signed_prekey blob not null,
    signed_prekey_signature blob not null, platform text not null,
    is_bootstrapped integer not null default 0, primary key (phone, device)
) strict;
create table companion_prekey (
    phone text, device integer, id integer, public blob not null, primary key (phone, device, id)
) strict;
create table signal_session (
    phone text, address text, states text not null, primary key (phone, address)
) strict;
create table stanza (
    seq integer primary key autoincrement, phone text not null, device integer not null,
    class text not null, id text not null, is_superseded integer not null default 0, body blob not null
) strict;
create index stanza_by_device on stanza (phone, device, seq);
create table phone_sent (
    phone text, to_phone text, to_device integer, id text, stanza blob not null, payload blob not null,
    primary key (phone, to_phone, to_device, id)
) strict;
create table message (
    seq integer primary key autoincrement, sender text not null, recipient text not null, id text not null,
    kind text not null, text text not null, ts integer not null, status text not null, author text not null,
    payload blob not null, unique (sender, recipient, id)
) strict;
create table app_state_patch (
    phone text, collection text, version integer, patch blob not null,
    primary key (phone, collection, version)
) strict;
create table media (path text primary key, blob blob not null) strict;
create table event (seq integer primary key autoincrement, kind text not null, body text not null) strict;
"""


def open_database(state: Path) -> sqlite3.Connection:
    """The world of this state folder, made empty if absent; RuntimeError if another version wrote it."""
    database = sqlite3.connect(state / "world.sqlite", isolation_level=None)
    database.row_factory = sqlite3.Row
    database.executescript("pragma journal_mode=wal; pragma synchronous=off; pragma cache_size=-2000;")
    version = database.execute("pragma user_version").fetchone()[0]
    if version == 0:
        database.executescript(f"begin; {_SCHEMA} pragma user_version={SCHEMA_VERSION}; commit;")
    elif version != SCHEMA_VERSION:
        raise RuntimeError(
            f"{state} was written by another version of the emulator: delete it and link again"
        )
    return database
