"""The codec turns stanzas into bytes and back, and refuses what is not a stanza."""

import zlib

import pytest

from whatsapp_emulator import binary_xml
from whatsapp_emulator.jid import SERVER, Jid, parse
from whatsapp_emulator.node import Node

STANZAS = {
    "no content": Node("iq", {"type": "get", "id": "1"}),
    "double-byte token": Node("iq", {"xmlns": "w:sync:app:state"}),
    "digits": Node("message", {"t": "1700000000"}),
    "odd number of digits": Node("message", {"t": "123"}),
    "hex": Node("message", {"id": "3EB0ABCDEF0"}),
    "unknown text": Node("message", {"notify": "Warung «Uji» 🍜"}),
    "long text": Node("message", {"notify": "x" * 300}),
    "addresses": Node(
        "message", {"from": Jid("1", "lid", 7), "to": Jid("628", "s.whatsapp.net"), "a": SERVER}
    ),
    "bytes": Node("enc", {"v": "2"}, b"\x00\xff" * 200),
    "many bytes": Node("enc", {}, bytes(70_000)),
    "empty bytes": Node("enc", {}, b""),
    "children": Node("list", {}, [Node("item", {"id": str(i)}) for i in range(300)]),
    "no children": Node("list", {}, []),
}


@pytest.mark.parametrize("stanza", STANZAS.values(), ids=STANZAS)
def test_a_stanza_survives_the_wire(stanza: Node) -> None:
    assert binary_xml.decode(binary_xml.encode(stanza)) == stanza


def test_the_bytes_are_those_of_dictionary_version_3() -> None:
    stanza = Node("iq", {"from": SERVER, "type": "result"})
    assert binary_xml.encode(stanza) == bytes.fromhex("00 f805 19 06 fa0003 04 14")


def test_empty_attributes_are_not_sent() -> None:
    sent = binary_xml.encode(Node("iq", {"id": "1", "type": None, "to": ""}))
    assert binary_xml.decode(sent).attrs == {"id": "1"}


def test_a_compressed_frame_is_read() -> None:
    stanza = Node("iq", {"id": "1"})
    assert binary_xml.decode(b"\x02" + zlib.compress(binary_xml.encode(stanza)[1:])) == stanza


@pytest.mark.parametrize("frame", ["", "00", "00f8", "00f803", "00f80319", "00ff", "00f80319fcff00"])
def test_a_broken_frame_is_refused(frame: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        binary_xml.decode(bytes.fromhex(frame))


@pytest.mark.parametrize(
    "text", ["628@s.whatsapp.net", "1:7@lid", "120@g.us", "status@broadcast", "s.whatsapp.net"]
)
def test_an_address_is_written_as_it_is_read(text: str) -> None:
    assert str(parse(text)) == text
