"""A CSV or XLSX file as lines of text cells: whatever spreadsheets write, and nothing that harms us."""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from balas.errors import InvalidInput

MAX_ROWS = 5_000
MAX_COLUMNS = 50
MAX_CHARACTERS = 2_000_000
MAX_UNZIPPED_BYTES = 16_000_000
"""A sheet of 5,000 rows takes about 3 MB; reading 16 MB takes a second or two."""

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
DELIMITERS = ",;\t"

NOT_A_TABLE = "Berkas ini bukan CSV atau XLSX. Simpan tabelnya sebagai .xlsx atau .csv, lalu unggah lagi."
BROKEN = "Berkas XLSX ini rusak atau terkunci. Buka, simpan ulang tanpa kata sandi, lalu unggah lagi."
TOO_MANY_ROWS = "Paling banyak 5.000 baris. Bagi tabelnya menjadi beberapa berkas."
TOO_MUCH = "Isi berkas ini terlalu besar. Bagi tabelnya menjadi beberapa berkas."


@dataclass(frozen=True)
class Line:
    """One row of a table; `number` as the spreadsheet counts it, from 1."""

    number: int
    cells: tuple[str, ...]


def read(content: bytes) -> list[Line]:
    """The lines that hold anything; InvalidInput with a sentence for the owner when it is no such file."""
    lines = _xlsx(content) if content.startswith(ZIP) else _csv(content)
    if len(lines) > MAX_ROWS + 1:
        raise InvalidInput(TOO_MANY_ROWS)
    if sum(len(cell) for line in lines for cell in line.cells) > MAX_CHARACTERS:
        raise InvalidInput(TOO_MUCH)
    return lines


def _csv(content: bytes) -> list[Line]:
    text = _text(content)
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count))
    lines: list[Line] = []
    start = 1
    try:
        for cells in reader:
            lines += _line(start, cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise InvalidInput(NOT_A_TABLE) from error
    return lines


def _text(content: bytes) -> str:
    """Spreadsheets on Windows write Windows-1252 when they are not told to write UTF-8."""
    if content.startswith(OLD_EXCEL):
        raise InvalidInput(NOT_A_TABLE)
    for encoding in ("utf-16",) if content.startswith(UTF16) else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise InvalidInput(NOT_A_TABLE)


def _xlsx(content: bytes) -> list[Line]:
    """The first sheet; a formula is the value that the spreadsheet last saw in it."""
    import openpyxl  # noqa: PLC0415 - slow to import, and most requests bring no XLSX

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unzipped = sum(part.file_size for part in archive.infolist())
        if unzipped > MAX_UNZIPPED_BYTES:
            raise InvalidInput(TOO_MUCH)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        rows = book.worksheets[0].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
        return [line for number, row in enumerate(rows, 1) for line in _line(number, map(_shown, row))]
    except InvalidInput:
        raise
    except Exception as error:
        raise InvalidInput(BROKEN) from error


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _line(number: int, cells: Iterable[str]) -> list[Line]:
    """The line, unless it is empty."""
    stripped = tuple(cell.strip() for cell in cells)
    return [Line(number, stripped)] if any(stripped) else []
