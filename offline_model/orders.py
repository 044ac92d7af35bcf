"""What a customer's words do to the draft order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from offline_model import items, words
from offline_model.items import Found
from offline_model.prompt_reader import Item, Line, Scene


@dataclass(frozen=True)
class Change:
    """The whole order that results, and what could not be taken in: our reply's name and the items."""

    lines: tuple[Line, ...]
    refused: tuple[tuple[str, tuple[Item, ...]], ...]


def change(scene: Scene, text: str, found: Sequence[Found]) -> Change | None:
    """What `text` makes of the draft; None when it changes nothing."""
    lines = {line.sku: line for line in scene.draft}
    chosen = {n: item for n, name in enumerate(found) if (item := _choose(name, lines))}
    unclear = [("which", name.items) for n, name in enumerate(found) if n not in chosen]
    marked = items.marked(text, found)
    for step in (_swap, _set, _add):
        marked = step(marked, lines, chosen)
    if not found:
        _recount(marked, lines)
    wanted = tuple(line for line in lines.values() if line.qty > 0)
    if wanted == scene.draft and not unclear:
        return None
    stocks = {item.sku: item for item in scene.menu if item.stock is not None}
    short = [stocks[x.sku] for x in wanted if x.sku in stocks and x.qty > (stocks[x.sku].stock or 0)]
    refused = [("too_few" if item.stock else "sold_out", (item,)) for item in short]
    gone = {item.sku for item in short}
    return Change(tuple(line for line in wanted if line.sku not in gone), (*refused, *unclear))


def recounts(marked: str) -> bool:
    """Whether `marked` gives the only line another quantity: "2 saja", "make it 4"."""
    return any(words.pattern(name).search(marked) for name in ("becomes_all", "more", "recount"))


def note(text: str) -> str:
    """What `text` says about how an item is wanted: "tidak pedas", "level 3"."""
    return " ".join(match.group() for match in words.pattern("note").finditer(text))


def _choose(name: Found, lines: dict[str, Line]) -> Item | None:
    """The one item meant: the only candidate, or the only one already ordered."""
    meant = name.items if len(name.items) == 1 else [item for item in name.items if item.sku in lines]
    return meant[0] if len(meant) == 1 else None


def _swap(marked: str, lines: dict[str, Line], chosen: dict[int, Item]) -> str:
    """ "es teh ganti es jeruk", or with one line "ganti es jeruk": the new item takes the old one's place."""
    match = words.pattern("swap").search(marked)
    if not match:
        return marked
    old_item, new = chosen.get(int(match["old"] or match["other"] or -1)), chosen.get(int(match["new"]))
    old = old_item.sku if old_item else next(iter(lines)) if len(lines) == 1 else ""
    if new and old in lines and new.sku not in lines:
        lines[new.sku] = Line(new.sku, int(match["qty"] or match["after"] or lines[old].qty), "")
        del lines[old]
    return marked.replace(match.group(), " ", 1) if old else marked


def _set(marked: str, lines: dict[str, Line], chosen: dict[int, Item]) -> str:
    """ "nasi gorengnya jadi 3", and "hapus es teh": then it becomes none."""
    for pattern in (words.pattern("removed"), words.pattern("becomes")):
        for match in pattern.finditer(marked):
            at, qty = (*map(int, filter(None, match.groups())), 0)[:2]
            if at in chosen:
                sku = chosen[at].sku
                lines[sku] = replace(lines.get(sku, Line(sku, 0, "")), qty=qty)
        marked = pattern.sub(" ", marked)
    return marked


def _recount(marked: str, lines: dict[str, Line]) -> None:
    """ "2 jadi 3", "jadi 3 saja", "tambah 1 lagi": no item is named, so only one line may be meant."""
    meant, qty = list(lines.values()), 0
    if match := words.pattern("recount").search(marked):
        meant, qty = [line for line in meant if line.qty == int(match[1])], int(match[2])
    elif match := words.pattern("becomes_all").search(marked):
        qty = int(match[1] or match[2] or match[3])
    elif meant and (match := words.pattern("more").search(marked)):
        qty = meant[0].qty + int(match[1] or match[2] or 1)
    if len(meant) == 1:
        line = meant[0]
        lines[line.sku] = replace(line, qty=qty or line.qty, note=note(marked) or line.note)


def _add(marked: str, lines: dict[str, Line], chosen: dict[int, Item]) -> str:
    """The items that are left, each with the number and the note beside it."""
    marked = re.sub(r"level #(\d+)", r"level \1", marked)
    is_more = re.search(r"\b(?:tambah|lagi)\b", marked)
    counts = _counts(marked)
    for match in re.finditer(r"@(\d+)([^@]*)", marked):
        if item := chosen.get(int(match[1])):
            old, qty = lines.get(item.sku), counts.get(int(match[1]))
            total = (qty or 1) + old.qty if old and is_more else qty or (old.qty if old else 1)
            lines[item.sku] = Line(item.sku, total, note(match[2]) or (old.note if old else ""))
    return marked


def _counts(marked: str) -> dict[int, int]:
    """The number that belongs to each item; where it could be two items', all stand as the first one does."""
    is_before = -1 < marked.find("#") < marked.find("@")
    counts = dict[int, int]()
    for match in re.finditer(r"#(\d+)", marked):
        before = re.match(r" @(\d+)", marked[match.end() :])
        after = words.pattern("number_after").search(marked[: match.start()])
        owner = before if before and (is_before or not after) else after
        if owner:
            counts.setdefault(int(owner[1]), int(match[1]))
    numbers = words.pattern("count").findall(marked)
    return counts or ({0: int(numbers[0])} if len(numbers) == 1 and marked.count("@") == 1 else counts)
