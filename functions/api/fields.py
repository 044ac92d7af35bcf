"""The kinds of text and numbers that requests are made of: bounded, and free of control characters."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

MAX_RUPIAH = 1_000_000_000


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise PydanticCustomError("control_character", "Tidak boleh memuat baris baru atau karakter kendali.")
    return text


def _printable(text: str) -> str:
    _one_line(text.replace("\n", "").replace("\r", "").replace("\t", ""))
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+", text):
        raise PydanticCustomError("email", "Bukan alamat e-mail.")
    return text.lower()


def _phone(text: str) -> str:
    digits = re.sub(r"[\s().+-]", "", text)
    digits = f"62{digits[1:]}" if digits.startswith("0") else digits
    if not re.fullmatch(r"[1-9][0-9]{7,14}", digits):
        raise PydanticCustomError("phone", "Bukan nomor telepon. Contoh: 6281200000001.")
    return digits


ONE_LINE = AfterValidator(_one_line)
PRINTABLE = AfterValidator(_printable)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), ONE_LINE]
Rule = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), ONE_LINE]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), PRINTABLE]
Bubble = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4096), PRINTABLE]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)]
Phone = Annotated[str, StringConstraints(max_length=40), AfterValidator(_phone)]
Password = Annotated[str, StringConstraints(min_length=8, max_length=200), ONE_LINE]
AnyPassword = Annotated[str, StringConstraints(max_length=200), ONE_LINE]
Price = Annotated[int, Field(strict=True, ge=1, le=MAX_RUPIAH)]
Fee = Annotated[int, Field(strict=True, ge=0, le=MAX_RUPIAH)]
Flag = Annotated[bool, Field(strict=True)]
