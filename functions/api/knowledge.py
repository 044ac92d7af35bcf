"""Products or FAQs out of a table: which column is what, and what is wrong with each row."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from balas.errors import InvalidInput
from functions.api import fields, problems
from functions.api.problems import Fault
from functions.api.routes.faqs import FaqInput
from functions.api.routes.products import ProductInput, Stock
from functions.api.spreadsheet import Line

Kind = Literal["products", "faqs"]
Item = ProductInput | FaqInput

HEADERS: dict[str, str] = {
    "name": "name", "nama": "name", "nama produk": "name", "produk": "name", "nama menu": "name",
    "menu": "name", "nama barang": "name", "barang": "name", "item": "name", "product": "name",
    "price": "price", "harga": "price", "harga jual": "price", "harga (rp)": "price", "harga satuan": "price",
    "sku": "sku", "kode": "sku", "kode produk": "sku", "kode barang": "sku",
    "stock": "stock", "stok": "stock", "sisa": "stock", "jumlah": "stock",
    "aliases": "aliases", "alias": "aliases", "nama lain": "aliases", "sebutan": "aliases",
    "description": "description", "deskripsi": "description", "keterangan": "description",
    "active": "active", "aktif": "active", "tersedia": "active", "dijual": "active",
    "question": "question", "pertanyaan": "question", "tanya": "question",
    "answer": "answer", "jawaban": "answer", "jawab": "answer",
}  # fmt: skip
NEEDED: dict[Kind, set[str]] = {"products": {"name", "price"}, "faqs": {"question", "answer"}}
UNKNOWN_HEADER = (
    "Baris pertama harus berisi judul kolom: nama dan harga untuk produk,"
    " atau pertanyaan dan jawaban untuk FAQ."
)
WORDS = {
    **dict.fromkeys(("ya", "y", "yes", "true", "1", "aktif", "ada", "tersedia"), True),
    **dict.fromkeys(("tidak", "t", "n", "no", "false", "0", "nonaktif", "habis", "kosong"), False),
}
SCALES = {"": 1, "ribu": 1000, "rb": 1000, "k": 1000, "juta": 1_000_000, "jt": 1_000_000}
PRICE = re.compile(
    r"(?:rp|idr)?[.:]?\s*(?P<whole>[0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]{1,15})(?:[.,](?P<part>[0-9]{1,2}))?"
    r"\s*(?P<scale>ribu|rb|k|juta|jt|)\s*(?:rupiah)?(?:[.,]-)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """`item` is None when there are `errors`."""

    line: int
    item: Item | None
    errors: list[Fault]


@dataclass(frozen=True)
class Table:
    """What a file says; `columns` are the fields that it has, `ignored` the titles that we do not know."""

    kind: Kind
    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: tuple[Row, ...]


def read(lines: list[Line]) -> Table:
    """The rows of a table by the titles in its first line; InvalidInput when those name neither kind."""
    titles = lines[0].cells if lines else ()
    places = _places(titles)
    kind: Kind | None = next((kind for kind, needed in NEEDED.items() if needed <= places.keys()), None)
    if kind is None:
        raise InvalidInput(UNKNOWN_HEADER)
    model = ProductCells if kind == "products" else FaqInput
    places = {field: place for field, place in places.items() if field in model.model_fields}
    ignored = tuple(title for n, title in enumerate(titles) if title and n not in places.values())
    rows = [_row(line, places, model) for line in lines[1:]]
    return Table(kind, tuple(places), ignored, tuple(_each_once(rows)))


def _places(titles: tuple[str, ...]) -> dict[str, int]:
    """The first column of each field."""
    places: dict[str, int] = {}
    for n, title in enumerate(titles):
        field = HEADERS.get(" ".join(re.split(r"[\s_]+", title.lower())).strip("* :"))
        if field:
            places.setdefault(field, n)
    return places


def _row(line: Line, places: dict[str, int], model: type[ProductInput] | type[FaqInput]) -> Row:
    """Empty cells are left out, so that a field takes its default or is missed."""
    cells = {field: line.cells[n] for field, n in places.items() if n < len(line.cells) and line.cells[n]}
    try:
        return Row(line.number, model.model_validate(cells), [])
    except ValidationError as error:
        return Row(line.number, None, _faults(error))


def _faults(error: ValidationError) -> list[Fault]:
    return [problems.fault({**raw, "loc": ("body", *raw["loc"])}) for raw in error.errors()]


def _each_once(rows: Iterable[Row]) -> Iterator[Row]:
    """A thing that the file names twice is an error the second time."""
    seen: dict[str, int] = {}
    for row in rows:
        pointer, key = _key(row.item) if row.item else ("", "")
        first = seen.setdefault(key, row.line) if key else row.line
        if first == row.line:
            yield row
        else:
            detail = f"Sudah ada di baris {first}."
            yield Row(row.line, None, [Fault(pointer=pointer, code="repeated", detail=detail)])


def _key(item: Item) -> tuple[str, str]:
    if isinstance(item, FaqInput):
        return "/question", item.question.casefold()
    return ("/sku", f"sku {item.sku}") if item.sku else ("/name", f"name {item.name.casefold()}")


def _price(cell: object) -> int:
    match = PRICE.fullmatch(str(cell))
    if match:
        figures = re.sub("[.,]", "", match["whole"])
        value = Decimal(f"{figures}.{match['part'] or 0}") * SCALES[match["scale"].lower()]
        if value == int(value):
            return int(value)
    raise PydanticCustomError("price", "Bukan harga. Contoh: 18000, 18.000, Rp18.000, 18rb.")


def _count(cell: object) -> int:
    if re.fullmatch(r"[0-9]{1,15}|[0-9]{1,3}([.,][0-9]{3})+", str(cell)):
        return int(re.sub("[.,]", "", str(cell)))
    raise PydanticCustomError("int_type", "Harus berupa bilangan bulat.")


def _names(cell: object) -> list[str]:
    return [name for name in map(str.strip, re.split(r"[;,|\n]", str(cell))) if name]


def _flag(cell: object) -> bool:
    word = str(cell).lower()
    if word not in WORDS:
        raise PydanticCustomError("bool_type", "Tulis ya atau tidak.")
    return WORDS[word]


class ProductCells(ProductInput):
    """A product as people write it into a table."""

    price: Annotated[fields.Price, BeforeValidator(_price)]
    stock: Annotated[Stock | None, BeforeValidator(_count)] = None
    aliases: Annotated[list[fields.Name], Field(max_length=20), BeforeValidator(_names)] = []  # noqa: RUF012 - pydantic copies it
    active: Annotated[fields.Flag, BeforeValidator(_flag)] = True
