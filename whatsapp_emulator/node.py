"""The stanzas of WhatsApp: a tree of tags, attributes and bytes."""

from collections.abc import Mapping
from dataclasses import dataclass

from whatsapp_emulator.jid import Jid, parse


@dataclass(frozen=True, slots=True)
class Node:
    """One element; attributes that are None or empty are not sent."""

    tag: str
    attrs: "Mapping[str, str | Jid | None]"
    content: "list[Node] | bytes | str | None" = None

    def text(self, name: str) -> str:
        """The attribute as text, empty if absent."""
        value = self.attrs.get(name)
        return "" if value is None else str(value)

    def jid(self, name: str) -> Jid | None:
        """The attribute as an address."""
        value = self.attrs.get(name)
        if isinstance(value, str):
            return parse(value) if "@" in value else None
        return value

    @property
    def children(self) -> "list[Node]":
        """The elements inside, none if the content is bytes."""
        return self.content if isinstance(self.content, list) else []

    @property
    def body(self) -> bytes:
        """The bytes inside, none if the content is elements."""
        if isinstance(self.content, str):
            return self.content.encode()
        return self.content if isinstance(self.content, bytes) else b""

    def child(self, *path: str) -> "Node | None":
        """The first element on this path of tags."""
        found: Node | None = self
        for tag in path:
            found = next((node for node in found.children if node.tag == tag), None) if found else None
        return found

    def bytes_at(self, *path: str) -> bytes:
        """The bytes of the element on this path; ValueError if it is not there."""
        found = self.child(*path)
        if found is None:
            raise ValueError(f"<{self.tag}> has no <{'/'.join(path)}>")
        return found.body

    def with_attrs(self, **attrs: str | Jid | None) -> "Node":
        """A copy with some attributes replaced."""
        return Node(self.tag, {**self.attrs, **attrs}, self.content)
