"""Failure switches: how the emulator misbehaves on request; a restart resets them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Switches:
    """Every switch with its harmless default; keys of dicts and lists are phone numbers."""

    failure: dict[str, dict[str, str | int]] = field(default_factory=dict[str, dict[str, str | int]])
    """Answer a login of this number with <failure …>, e.g. {"reason": 503}."""
    nack: dict[str, int] = field(default_factory=dict[str, int])
    """Refuse companions' messages to this number with this error code, e.g. 463."""
    ack_delay: float = 0.0
    """Seconds before a companion's message is acknowledged."""
    drop_acks: bool = False
    """Never acknowledge a companion's message; it is still delivered."""
    auto_receipts: dict[str, bool | str] = field(default_factory=dict[str, bool | str])
    """How this number's phone answers a message: true delivered, "read" delivered and read, false not."""
    not_on_wa: list[str] = field(default_factory=list[str])
    """Numbers that have no WhatsApp."""
    qr_refs: int = 6
    """QR codes per pairing attempt; with one, the client gives up after 20 s."""
    mute_pings: list[str] = field(default_factory=list[str])
    """Leave the keepalive pings of these numbers' companions unanswered."""

    def set(self, name: str, value: Any) -> None:
        """Turns one switch; ValueError if it does not exist or the value has another type."""
        if name not in self.__slots__:
            raise ValueError(f"there is no switch {name}; there are {', '.join(self.__slots__)}")
        current = getattr(self, name)
        if isinstance(current, float) and isinstance(value, int):
            value = float(value)
        if type(value) is not type(current):
            raise ValueError(f"switch {name} takes a {type(current).__name__}")
        setattr(self, name, value)

    def as_json(self) -> dict[str, Any]:
        """All switches, for the state dump."""
        return {name: getattr(self, name) for name in self.__slots__}
