"""The JSON body of a control call, read with clear errors."""

import json
import re
from typing import Any

_PHONE = re.compile(r"\d{6,15}")


class ArgumentError(ValueError):
    """A control call that cannot be understood; the message says what to send."""


class Arguments:
    """The members of a JSON object, each checked when it is asked for."""

    def __init__(self, body: bytes) -> None:
        try:
            value = json.loads(body or b"{}")
        except ValueError as error:
            raise ArgumentError("the body is not JSON") from error
        if not isinstance(value, dict):
            raise ArgumentError("the body must be a JSON object")
        self.members: dict[str, Any] = value

    def text(self, name: str, default: str | None = None) -> str:
        """A string; required if it has no default."""
        value = self.members.get(name, default)
        if not isinstance(value, str):
            raise ArgumentError(f'"{name}" must be a string')
        return value

    def phone(self, name: str) -> str:
        """A phone number in digits, with its country code."""
        phone = self.text(name).lstrip("+")
        if not _PHONE.fullmatch(phone):
            raise ArgumentError(f'"{name}" must be a phone number in digits, such as 6281200000001')
        return phone

    def optional_phone(self, name: str) -> str | None:
        """A phone number, if given."""
        return self.phone(name) if self.members.get(name) else None

    def number(self, name: str, default: float, *, lowest: float = 0, highest: float = 1e6) -> float:
        """A number within bounds."""
        value = self.members.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise ArgumentError(f'"{name}" must be a number from {lowest:g} to {highest:g}')
        return value

    def flag(self, name: str) -> bool:
        """True or false; absent is false."""
        value = self.members.get(name, False)
        if not isinstance(value, bool):
            raise ArgumentError(f'"{name}" must be true or false')
        return value

    def items(self, name: str) -> list[Any]:
        """A list, a single value counting as one of one; absent is empty."""
        value = self.members.get(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType] - JSON
