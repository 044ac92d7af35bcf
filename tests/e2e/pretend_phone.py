"""Phones of shop and customers, through the emulator's control API."""

import re
from collections.abc import Mapping
from typing import Any

import httpx

LOOK_S = 10


class PretendPhone:
    """One phone number in the world of the emulator at `url`."""

    def __init__(self, url: str, number: str, name: str) -> None:
        self.number = number
        self._name = name
        self._emulator = httpx.Client(base_url=f"{url}/_emu", timeout=40, trust_env=False)

    def scan(self, qr: str) -> None:
        """Links the device that shows `qr`."""
        assert self._call("scan", {"qr": qr, "phone": self.number, "name": self._name})["ok"]

    def write(self, to: str, text: str) -> str:
        """Sends `text`; returns the message's id."""
        body = {"from": self.number, "to": to, "text": text, "name": self._name}
        sent = self._call("send_text", body)
        return str(sent["ids"][0])

    def await_text(self, pattern: str, limit_s: float = 60) -> str:
        """The first text that this phone received and that matches `pattern`."""
        since = 0
        for _ in range(int(limit_s / LOOK_S) + 1):
            told = self._call("events", {"since": since, "kind": ["message"], "n": 1, "timeout": LOOK_S})
            since = told["next"]
            for event in told["events"]:
                if event["to"] == self.number and re.search(pattern, event["text"]):
                    return str(event["text"])
        raise AssertionError(f"no text like {pattern!r} came in {limit_s} s")

    def read(self, sender: str) -> None:
        """Opens the chat with `sender`, who gets the read receipts."""
        self._call("read", {"from": self.number, "to": sender})

    def close(self) -> None:
        self._emulator.close()

    def _call(self, name: str, body: Mapping[str, object]) -> dict[str, Any]:
        answer = self._emulator.post(f"/{name}", json=body)
        assert answer.is_success, f"{name}: {answer.text}"
        return answer.json()
