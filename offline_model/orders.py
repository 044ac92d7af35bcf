"""What a customer's words do to the draft order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from offline_model import items
from offline_model.items import Found
from offline_model.prompt_reader import Item, Line, Scene

_UNITS = r"(?: (?:porsi|bungkus|gelas|pcs|piring|cup|kotak|mangkok|buah|biji|box|nya))?"
_SWAP = re.compile(
    rf"(?:ganti|tukar|ubah) (?:yang )?@(\d+) (?:jadi|ke|sama|dengan|pakai) (?:#(\d+){_UNITS} )?@(\d+)"
    rf"|@(\d+) (?:nya )?(?:ganti|tukar)(?: jadi| ke| sama| dengan)? (?:#(\d+){_UNITS} )?@(\d+)"
)
_ITEM_BECOMES = re.compile(
    rf"@(\d+) (?:nya )?(?:tadi )?(?:yang )?(?:#\d+{_UNITS} )?(?:jadi|ganti|ubah)(?: jadi)? #(\d+)"
)
_NUMBER_BECOMES = re.compile(rf"#(\d+){_UNITS} (?:nya )?(?:jadi|ganti)(?: jadi)? #(\d+)")
_ALL_BECOMES = re.compile(r"(?:jadi|ganti|ubah)(?: jadi| ke)? #(\d+)")
_REMOVED = re.compile(r"(?:hapus|batal|buang|tidak jadi|tidak usah|tanpa|kurangi)(?: pesan| yang)? @(\d+)"
                      r"|@(\d+) (?:nya )?(?:hapus|batal|tidak jadi|tidak usah|buang)")  # fmt: skip
_MORE = re.compile(
    rf"(?:tambah|lagi)(?: @\d+)? #(\d+){_UNITS}(?: lagi)?$|(?:tambah) (?:#(\d+){_UNITS} )?lagi"
)
_NOTE = re.compile(r"(?:(?:tidak|tanpa|kurang|extra|ekstra|sedikit|jangan|pakai|level) (?!jadi|usah)\w+|pedas(?: banget| sedang)?"
                   r"|manis|panas|dingin|bungkus)+")  # fmt: skip


@dataclass(frozen=True)
class Change:
    """The whole order that results, and what could not be taken into it."""

    lines: tuple[Line, ...]
    sold_out: tuple[Item, ...] = ()
    too_few: tuple[Item, ...] = ()
    unclear: tuple[Found, ...] = ()


def change(scene: Scene, text: str, found: Sequence[Found]) -> Change | None:
    """What `text` makes of the draft; None when it changes nothing."""
    marked = items.marked(text, found)
    lines = {line.sku: line for line in scene.draft}
    unclear = tuple(f for f in found if len(f.items) > 1 and not _in_draft(f, lines))
    chosen = {n: item for n, f in enumerate(found) if (item := _choose(f, lines))}
    before = dict(lines)
    marked = _swap(marked, lines, chosen)
    marked = _remove(marked, lines, chosen)
    marked = _become(marked, lines, chosen)
    _add(marked, lines, chosen)
    if lines == before and not unclear:
        return None
    return _in_stock(scene, lines, unclear)


def _in_draft(found: Found, lines: dict[str, Line]) -> list[Item]:
    return [item for item in found.items if item.sku in lines]


def _choose(found: Found, lines: dict[str, Line]) -> Item | None:
    """The one item meant: the only candidate, or the only one already ordered."""
    for candidates in (found.items, tuple(_in_draft(found, lines))):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _swap(marked: str, lines: dict[str, Line], chosen: dict[int, Item]) -> str:
    """ "es teh ganti es jeruk": the new item takes the old one's place."""
    match = _SWAP.search(marked)
    if not match:
        return marked
    old_number, qty, new_number = [group for group in (match.groups()[:3], match.groups()[3:]) if group[0]][0]
    old, new = chosen.get(int(old_number)), chosen.get(int(new_number))
    if old and new and old.sku in lines:
        gone = lines.pop(old.sku)
        lines[new.sku] = Line(new.sku, int(qty) if qty else gone.qty, "")
    return _SWAP.sub(" ", marked, count=1)


def _remove(marked: str, lines: dict[str, Line], chosen: dict[int, Item]) -> str:
    for match in _REMOVED.finditer(marked):
        item = chosen.get(int(match[1] or match[2]))
        if item:
            lines.pop(item.sku, None)
    return _REMOVED.sub(" ", marked)


def _become(marked: str, lines: dict[str, Line], chosen: dict[int, Item]) -> str:
    """ "nasi gorengnya jadi 3", "2 jadi 3", "jadi 3 saja"."""
    for match in _ITEM_BECOMES.finditer(marked):
        item = chosen.get(int(match[1]))
        if item:
            lines[item.sku] = Line(item.sku, int(match[2]), lines[item.sku].note if item.sku in lines else "")
    marked = _ITEM_BECOMES.sub(" ", marked)
    if "@" in marked:
        return marked
    if match := _NUMBER_BECOMES.search(marked):
        return _set_one(marked, lines, [x for x in lines.values() if x.qty == int(match[1])], int(match[2]))
    if match := _ALL_BECOMES.search(marked):
        return _set_one(marked, lines, list(lines.values()), int(match[1]))
    if match := _MORE.search(marked):
        more = int(match[1] or match[2] or 1)
        only = list(lines.values())
        return _set_one(marked, lines, only, only[0].qty + more) if only else marked
    return marked


def _set_one(marked: str, lines: dict[str, Line], meant: list[Line], qty: int) -> str:
    """Sets the quantity of the one line meant; a customer with several lines must say which."""
    if len(meant) == 1:
        lines[meant[0].sku] = replace(meant[0], qty=qty)
    return marked


def _add(marked: str, lines: dict[str, Line], chosen: dict[int, Item]) -> None:
    """The items that are left in `marked`, each with the number beside it."""
    is_more = re.search(r"\b(?:tambah|lagi)\b", marked)
    for number, qty, note in _quantities(marked):
        item = chosen.get(number)
        if item is None:
            continue
        old = lines.get(item.sku)
        total = (qty or 1) + old.qty if old and is_more else qty or (old.qty if old else 1)
        lines[item.sku] = Line(item.sku, total, note or (old.note if old else ""))


def _quantities(marked: str) -> list[tuple[int, int | None, str]]:
    """Each item left in the text with its number and note; numbers stand before items or after, all alike."""
    marked = re.sub(r"level #(\d+)", r"level \1", marked)
    first_item, first_number = marked.find("@"), marked.find("#")
    is_before = -1 < first_number < first_item
    form = rf"(?:#(\d+){_UNITS} )?@(\d+)([^@#]*)" if is_before else r"()@(\d+)([^@#]*)(?:#(\d+)([^@#]*))?"
    found = list[tuple[int, int | None, str]]()
    for match in re.finditer(form, marked):
        qty = match[1] if is_before else match[4]
        said = match[3] if is_before else f"{match[3]} {match[5] or str()}"
        note = " ".join(m.group() for m in _NOTE.finditer(said))
        found.append((int(match[2]), int(qty) if qty else None, note))
    return found


def _in_stock(scene: Scene, lines: dict[str, Line], unclear: tuple[Found, ...]) -> Change:
    by_sku = {item.sku: item for item in scene.menu}
    sold_out = [by_sku[sku] for sku in lines if sku in by_sku and by_sku[sku].stock == 0]
    too_few = [
        item for sku, line in lines.items()
        if (item := by_sku.get(sku)) and item.stock and line.qty > item.stock
    ]  # fmt: skip
    refused = {item.sku for item in (*sold_out, *too_few)}
    kept = tuple(line for sku, line in lines.items() if sku in by_sku and sku not in refused)
    return Change(kept, tuple(sold_out), tuple(too_few), unclear)
