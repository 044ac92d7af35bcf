"""The kinds of text and numbers that requests are made of: bounded, and free of control characters."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic import StringConstraints as Str
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

MAX_RUPIAH = 1_000_000_000
BREAK = r"\x00-\x1f\x7f-\x9f"
CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
ADDRESS = r"[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+"
GAP = r"[\s().+-]*"
NUMBER = rf"{GAP}(?:[1-9](?:{GAP}[0-9]){{7,14}}|0(?:{GAP}[0-9]){{6,13}}){GAP}"


@dataclass(frozen=True)
class Checked:
    """A check whose rule the OpenAPI document tells as a pattern: what fits the one passes the other."""

    check: Callable[[str], str]
    pattern: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^{self.pattern}$"}


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise PydanticCustomError("control_character", "Tidak boleh memuat baris baru atau karakter kendali.")
    return text


def _printable(text: str) -> str:
    _one_line(text.replace("\n", "").replace("\r", "").replace("\t", ""))
    return text


def _email(text: str) -> str:
    if not re.fullmatch(ADDRESS, text):
        raise PydanticCustomError("email", "Bukan alamat e-mail.")
    return text.lower()


def _phone(text: str) -> str:
    if not re.fullmatch(NUMBER, text):
        raise PydanticCustomError("phone", "Bukan nomor telepon. Contoh: 6281200000001.")
    digits = re.sub(GAP, "", text)
    return f"62{digits[1:]}" if digits.startswith("0") else digits


def _whole(value: object) -> object:
    """JSON knows no difference between 5 and 5.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


ONE_LINE = Checked(_one_line, f"[^{BREAK}]*")
FILLED_LINE = Checked(_one_line, rf"[^{BREAK}]*[^{BREAK}\s][^{BREAK}]*")
PRINTABLE = Checked(_printable, f"[^{CONTROL}]*")
FILLED_TEXT = Checked(_printable, rf"[^{CONTROL}]*[^{CONTROL}\s][^{CONTROL}]*")
WHOLE = BeforeValidator(_whole)


def _moment(value: object) -> object:
    """Pydantic also takes numbers and bare dates, which no reader of the document expects."""
    if not (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[Tt]", value)):
        raise PydanticCustomError("moment", "Tulis waktu seperti 2026-12-25T08:00:00+07:00.")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Name = Annotated[str, Str(strip_whitespace=True, min_length=1, max_length=200), FILLED_LINE]
Line = Annotated[str, Str(strip_whitespace=True, max_length=200), ONE_LINE]
Rule = Annotated[str, Str(strip_whitespace=True, min_length=1, max_length=300), FILLED_LINE]
Text = Annotated[str, Str(strip_whitespace=True, max_length=2000), PRINTABLE]
Bubble = Annotated[str, Str(strip_whitespace=True, min_length=1, max_length=4096), FILLED_TEXT]
Email = Annotated[str, Str(strip_whitespace=True, max_length=254), Checked(_email, rf"\s*{ADDRESS}\s*")]
Phone = Annotated[str, Str(max_length=40), Checked(_phone, NUMBER)]
Password = Annotated[str, Str(min_length=8, max_length=200), ONE_LINE]
AnyPassword = Annotated[str, Str(max_length=200), ONE_LINE]
Price = Annotated[int, Field(strict=True, ge=1, le=MAX_RUPIAH), WHOLE]
Fee = Annotated[int, Field(strict=True, ge=0, le=MAX_RUPIAH), WHOLE]
Flag = Annotated[bool, Field(strict=True)]
