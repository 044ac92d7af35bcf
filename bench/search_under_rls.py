"""What search costs under row-level security: `python -m bench.search_under_rls [--messages N]`.

One large shop has half of all messages, 199 small ones share the rest. Every search runs as balas_app, once
through app.search_conversations (the definer, which may use the trigram index) and once as a plain `ilike`
under row-level security (which may not). Prints a table, writes bench/results/search_under_rls.json.
"""

import argparse
import json
import secrets
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import LiteralString

import psycopg

from balas.db import bootstrap, migrate
from balas.db.database import Database
from balas.tenant import TenantId
from local import postgres
from tests import shops

SMALL_SHOPS = 199
RUNS = 7
RESULTS = Path(__file__).with_name("results") / "search_under_rls.json"

FILL_CHATS = """
with k as (
    insert into contacts (tenant_id, lid, phone, push_name)
    select %(t)s, n::text, '62812' || lpad(n::text, 8, '0'), 'Pelanggan ' || n
    from generate_series(1, %(n)s) as n
    returning id
)
insert into conversations (tenant_id, session_id, contact_id, last_message_at)
select %(t)s, %(s)s, id, now() - random() * interval '90 days' from k
"""
# One message in four greets; one in a thousand asks for something rare.
FILL_MESSAGES = """
insert into messages (tenant_id, session_id, conversation_id, direction, author, text, sent_at)
select %(t)s, %(s)s, c.ids[1 + floor(random() * array_length(c.ids, 1))::int], 'in', 'contact',
    case when n %% 1000 = 0 then 'ada risol mayones? ' when n %% 4 = 0 then 'halo kak ' else '' end
        || (array['pesan nasi goreng', 'berapa ongkir', 'buka sampai jam', 'stok kemeja biru'])[1 + n %% 4]
        || ' ' || md5(n::text),
    now() - random() * interval '90 days'
from generate_series(1, %(n)s) as n,
    (select array_agg(id) as ids from conversations where tenant_id = %(t)s) as c
"""
DEFINER = "select count(*) from (select app.search_conversations(%(q)s, null)) as found"
PLAIN = """
select count(distinct c.id)
from conversations as c
join contacts as k on k.tenant_id = c.tenant_id and k.id = c.contact_id
where c.tenant_id = %(tenant_id)s and (
    coalesce(k.name, '') || e'\\n' || coalesce(k.push_name, '') || e'\\n' || coalesce(k.phone, '')
        ilike %(pattern)s
    or c.id in (
        select m.conversation_id from messages as m
        where m.tenant_id = %(tenant_id)s and m.text ilike %(pattern)s
    )
)
"""


@dataclass(frozen=True)
class Result:
    """Medians of `RUNS` in milliseconds."""

    shop: str
    word: str
    chats: int
    definer_ms: float
    plain_ms: float
    plain_over_definer: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000)
    messages: int = parser.parse_args().messages
    with tempfile.TemporaryDirectory() as folder:
        server = postgres.start(Path(folder) / "data", durable=False)
        results = _measure(server.admin_url, messages)
        server.stop()
    _report(messages, results)


def _measure(admin_url: str, messages: int) -> list[Result]:
    passwords = {role: secrets.token_hex(8) for role in bootstrap.ROLES}
    urls = bootstrap.prepare(admin_url, "bench", passwords)
    migrate.migrate(urls.owner)
    app = Database(urls.app)
    large, *small = (shops.make(app) for _ in range(1 + SMALL_SHOPS))
    with psycopg.connect(urls.owner) as owner:
        for shop in (large, *small):
            share = messages // 2 if shop is large else messages // 2 // SMALL_SHOPS
            row = {"t": shop.tenant_id, "s": shop.session_id, "n": max(10, share // 20)}
            owner.execute(FILL_CHATS, row)
            owner.execute(FILL_MESSAGES, {**row, "n": share})
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute("vacuum analyze messages, contacts, conversations")
    shown = {"large": large.tenant_id, "small": small[0].tenant_id}
    words = ("risol mayones", "halo kak", "Pelanggan 7", "tidak pernah ditulis")
    results = [_compare(app, name, shown[name], word) for name in shown for word in words]
    app.close()
    return results


def _compare(app: Database, shop: str, tenant_id: TenantId, word: str) -> Result:
    definer, chats = _timed(app, tenant_id, DEFINER, word)
    plain, same = _timed(app, tenant_id, PLAIN, word)
    if chats != same:
        raise SystemExit(f"the two ways disagree on {word!r}: {chats} and {same} chats")
    return Result(shop, word, chats, definer, plain, round(plain / definer, 1))


def _timed(app: Database, tenant_id: TenantId, sql: LiteralString, word: str) -> tuple[float, int]:
    """The median time, and how many chats were found."""
    times: list[float] = []
    found = 0
    for _ in range(RUNS):
        with app.tenant_tx(tenant_id) as tx:
            start = time.perf_counter()
            found = tx.scalar(int, sql, q=word, pattern=f"%{word}%") or 0
            times.append((time.perf_counter() - start) * 1000)
    return round(median(times), 2), found


def _report(messages: int, results: list[Result]) -> None:
    print(f"{messages} messages, {1 + SMALL_SHOPS} shops; milliseconds, median of {RUNS}")
    print(f"{'shop':7}{'word':24}{'chats':>7}{'definer':>10}{'plain':>10}{'plain/definer':>15}")
    for r in results:
        row = f"{r.shop:7}{r.word:24}{r.chats:>7}{r.definer_ms:>10}{r.plain_ms:>10}{r.plain_over_definer:>15}"
        print(row)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"messages": messages, "results": [asdict(r) for r in results]}, indent=2))


if __name__ == "__main__":
    main()
