"""Binary XML, the byte form of stanzas (dictionary version 3).

Source: WhatsApp Web's token dictionary, tokens_v3.json; tags as named below.
"""

import json
import zlib
from pathlib import Path

from whatsapp_emulator.jid import LID_SERVER, PHONE_SERVER, Jid
from whatsapp_emulator.node import Node

_DICTIONARY = json.loads(Path(__file__).with_name("tokens_v3.json").read_text())
_SINGLE: list[str] = _DICTIONARY["single"]
_DOUBLE: list[list[str]] = _DICTIONARY["double"]
_SINGLE_INDEX = {token: index for index, token in enumerate(_SINGLE) if token}
_DOUBLE_INDEX = {token: (page, i) for page, tokens in enumerate(_DOUBLE) for i, token in enumerate(tokens)}

_EMPTY, _DICTIONARY_0, _INTEROP_JID, _FB_JID, _AD_JID = 0, 236, 245, 246, 247
_LIST_8, _LIST_16, _JID_PAIR, _HEX_8, _BINARY_8, _BINARY_20, _BINARY_32, _NIBBLE_8 = range(248, 256)
_PACKED_MAX = 127
_NIBBLES, _HEXES = "0123456789-.", "0123456789ABCDEF"
_AGENTS = {0: PHONE_SERVER, 1: LID_SERVER, 128: "hosted", 129: "hosted.lid"}
_AGENT_OF = {server: agent for agent, server in _AGENTS.items()}
_COMPRESSED = 2


def encode(node: Node) -> bytes:
    """The plain frame of a stanza: flag byte and node."""
    out = bytearray(b"\0")
    _write_node(out, node)
    return bytes(out)


def decode(frame: bytes) -> Node:
    """The stanza of a plain frame; ValueError if it is malformed."""
    if not frame:
        raise ValueError("empty frame")
    data = zlib.decompress(frame[1:]) if frame[0] & _COMPRESSED else frame[1:]
    try:
        return _Reader(data).node()
    except IndexError as error:
        raise ValueError("frame ends early or names an unknown token") from error


def _write_node(out: bytearray, node: Node) -> None:
    attrs = [(name, value) for name, value in node.attrs.items() if value is not None and value != ""]
    _write_list(out, 1 + 2 * len(attrs) + (node.content is not None))
    _write_string(out, node.tag)
    for name, value in attrs:
        _write_string(out, name)
        if isinstance(value, Jid):
            _write_jid(out, value)
        else:
            _write_string(out, value)
    match node.content:
        case None:
            pass
        case bytes():
            _write_binary(out, node.content)
        case str():
            _write_string(out, node.content)
        case list():
            _write_list(out, len(node.content))
            for child in node.content:
                _write_node(out, child)


def _write_list(out: bytearray, size: int) -> None:
    if size == 0:
        out.append(_EMPTY)
    elif size < 256:
        out += bytes([_LIST_8, size])
    else:
        out += bytes([_LIST_16]) + size.to_bytes(2)


def _write_binary(out: bytearray, value: bytes) -> None:
    size = len(value)
    if size < 256:
        out += bytes([_BINARY_8, size])
    elif size < 1 << 20:
        out += bytes([_BINARY_20]) + size.to_bytes(3)
    else:
        out += bytes([_BINARY_32]) + size.to_bytes(4)
    out += value


def _write_string(out: bytearray, value: str) -> None:
    if value in _SINGLE_INDEX:
        out.append(_SINGLE_INDEX[value])
    elif value in _DOUBLE_INDEX:
        page, index = _DOUBLE_INDEX[value]
        out += bytes([_DICTIONARY_0 + page, index])
    elif not _write_packed(out, value):
        _write_binary(out, value.encode())


def _write_packed(out: bytearray, value: str) -> bool:
    if not 0 < len(value) <= _PACKED_MAX:
        return False
    for tag, alphabet in ((_NIBBLE_8, _NIBBLES), (_HEX_8, _HEXES)):
        if all(char in alphabet for char in value):
            digits = [alphabet.index(char) for char in value] + [15] * (len(value) % 2)
            out += bytes([tag, len(digits) // 2 | (128 if len(value) % 2 else 0)])
            out += bytes(high << 4 | low for high, low in zip(digits[::2], digits[1::2], strict=True))
            return True
    return False


def _write_jid(out: bytearray, jid: Jid) -> None:
    if jid.device and jid.server in _AGENT_OF:
        out += bytes([_AD_JID, _AGENT_OF[jid.server], jid.device])
        _write_string(out, jid.user)
        return
    out.append(_JID_PAIR)
    if jid.user:
        _write_string(out, jid.user)
    else:
        out.append(_EMPTY)
    _write_string(out, jid.server)


class _Reader:
    """Reads one node off the front of some bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def node(self) -> Node:
        size = self._list_size(self._byte())
        tag = self._text()
        attrs = {self._text(): self._value(self._byte()) for _ in range((size - 1) // 2)}
        return Node(tag, attrs, self._content() if size % 2 == 0 else None)

    def _content(self) -> list[Node] | bytes | str | None:
        tag = self._byte()
        if tag in (_EMPTY, _LIST_8, _LIST_16):
            return [self.node() for _ in range(self._list_size(tag))]
        if tag in (_BINARY_8, _BINARY_20, _BINARY_32):
            return self._take(self._number(tag))
        return str(self._value(tag))

    def _list_size(self, tag: int) -> int:
        match tag:
            case 0:
                return 0
            case 248:
                return self._byte()
            case 249:
                return int.from_bytes(self._take(2))
            case _:
                raise ValueError(f"byte {tag} does not start a list")

    def _value(self, tag: int) -> str | Jid:
        match tag:
            case 250:
                return Jid(self._text(), self._text())
            case 247:
                agent, device = self._take(2)
                return Jid(self._text(), _AGENTS.get(agent, PHONE_SERVER), device)
            case 245 | 246:
                user, device = self._text(), int.from_bytes(self._take(2))
                self._take(2 if tag == _INTEROP_JID else 0)
                return Jid(user, self._text(), device)
            case _:
                return self._string(tag)

    def _string(self, tag: int) -> str:
        if tag == _EMPTY:
            return ""
        if tag < _DICTIONARY_0:
            return _SINGLE[tag]
        if tag < _DICTIONARY_0 + len(_DOUBLE):
            return _DOUBLE[tag - _DICTIONARY_0][self._byte()]
        if tag in (_NIBBLE_8, _HEX_8):
            return self._packed(_NIBBLES if tag == _NIBBLE_8 else _HEXES)
        return self._take(self._number(tag)).decode()

    def _packed(self, alphabet: str) -> str:
        head = self._byte()
        digits = [digit for byte in self._take(head & 127) for digit in (byte >> 4, byte & 15)]
        return "".join(alphabet[digit] for digit in digits[: -1 if head & 128 else None])

    def _number(self, tag: int) -> int:
        sizes = {_BINARY_8: 1, _BINARY_20: 3, _BINARY_32: 4}
        if tag not in sizes:
            raise ValueError(f"byte {tag} does not start a string")
        return int.from_bytes(self._take(sizes[tag]))

    def _text(self) -> str:
        return str(self._value(self._byte()))

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, size: int) -> bytes:
        if self._at + size > len(self._data):
            raise IndexError(size)
        self._at += size
        return self._data[self._at - size : self._at]
