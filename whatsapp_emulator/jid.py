"""The addresses of WhatsApp: who a stanza is from or to."""

from dataclasses import dataclass, replace

PHONE_SERVER = "s.whatsapp.net"
LID_SERVER = "lid"


@dataclass(frozen=True, slots=True)
class Jid:
    """One account, or with `device` > 0 one companion device of it."""

    user: str
    server: str
    device: int = 0

    def __str__(self) -> str:
        device = f":{self.device}" if self.device else ""
        return f"{self.user}{device}@{self.server}" if self.user else self.server

    @property
    def account(self) -> "Jid":
        """The same account without its device."""
        return replace(self, device=0)


SERVER = Jid("", PHONE_SERVER)
STATUS = Jid("status", "broadcast")


def phone_jid(phone: str, device: int = 0) -> Jid:
    """The address of a phone number."""
    return Jid(phone, PHONE_SERVER, device)


def lid_jid(lid: str, device: int = 0) -> Jid:
    """The address of a LID, the number that hides a phone number."""
    return Jid(lid, LID_SERVER, device)


def parse(text: str) -> Jid:
    """The address written as `user[:device]@server`."""
    user, _, server = text.rpartition("@")
    name, _, device = user.partition(":")
    return Jid(name, server, int(device or 0))
