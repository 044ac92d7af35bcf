"""Protobuf fields by number, for the few messages that ship with no definition (Signal's own)."""

from collections.abc import Iterable

_VARINT, _BYTES = 0, 2


def encode(fields: Iterable[tuple[int, int | bytes | None]]) -> bytes:
    """The fields in this order; None is left out."""
    out = bytearray()
    for number, value in fields:
        match value:
            case None:
                pass
            case int():
                out += _varint(number << 3 | _VARINT) + _varint(value)
            case bytes():
                out += _varint(number << 3 | _BYTES) + _varint(len(value)) + value
    return bytes(out)


def decode(data: bytes) -> dict[int, int | bytes]:
    """The last value of every field; ValueError if malformed."""
    fields: dict[int, int | bytes] = {}
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        value, at = _read_varint(data, at)
        if key & 7 == _BYTES:
            at += value
            fields[key >> 3] = data[at - value : at]
        elif key & 7 == _VARINT:
            fields[key >> 3] = value
        else:
            raise ValueError(f"wire type {key & 7} is not in use here")
    if at != len(data):
        raise ValueError("a field is longer than the message")
    return fields


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while at < len(data):
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number ends early")
