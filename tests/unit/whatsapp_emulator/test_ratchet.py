"""A Signal session carries messages both ways, in any order, once each."""

import copy
import random

import pytest

from whatsapp_emulator import curve, fields, ratchet
from whatsapp_emulator.ratchet import Bundle, OldCounterError, Session, SignalError

ANNA, BUDI = curve.generate(), curve.generate()
SIGNED, ONE_TIME = curve.generate(), curve.generate()
SIGNATURE = curve.sign(BUDI.private, b"\x05" + SIGNED.public)


def meet(*, with_prekey: bool = True) -> tuple[Session, Session]:
    """Two ends whose first message has arrived."""
    prekey = (5, ONE_TIME.public) if with_prekey else (None, None)
    anna = ratchet.initiate(ANNA, Bundle(1, BUDI.public, 9, SIGNED.public, SIGNATURE, *prekey))
    kind, data = ratchet.encrypt(anna, b"first", registration_id=77)
    first = ratchet.open_prekey_message(data)
    assert (kind, first.prekey_id, first.signed_prekey_id, first.registration_id) == (
        "pkmsg",
        prekey[0],
        9,
        77,
    )
    budi = ratchet.respond(BUDI, SIGNED, ONE_TIME if with_prekey else None, first)
    assert ratchet.decrypt(budi, first.message) == b"first"
    return anna, budi


def say(sender: Session, text: bytes) -> bytes:
    """The inner message, whether it still invites or not."""
    kind, data = ratchet.encrypt(sender, text, registration_id=77)
    return ratchet.open_prekey_message(data).message if kind == "pkmsg" else data


@pytest.mark.parametrize("with_prekey", [True, False])
def test_messages_go_both_ways(*, with_prekey: bool) -> None:
    anna, budi = meet(with_prekey=with_prekey)
    for turn in range(5):
        text = b"turn %d" % turn
        assert ratchet.decrypt(anna, say(budi, text)) == text
        assert ratchet.decrypt(budi, say(anna, text)) == text


def test_the_initiator_invites_until_the_first_answer() -> None:
    anna, budi = meet()
    assert ratchet.encrypt(anna, b"again", registration_id=77)[0] == "pkmsg"
    ratchet.decrypt(anna, say(budi, b"answer"))
    assert ratchet.encrypt(anna, b"now", registration_id=77)[0] == "msg"


def test_messages_may_arrive_in_any_order_across_turns() -> None:
    anna, budi = meet()
    sent = [(say(anna, b"%d" % number), b"%d" % number) for number in range(10)]
    ratchet.decrypt(anna, say(budi, b"answer"))
    sent += [(say(anna, b"%d" % number), b"%d" % number) for number in range(10, 20)]
    random.Random(1).shuffle(sent)  # noqa: S311 - a fixed order, no secret
    assert [ratchet.decrypt(budi, message) for message, _ in sent] == [text for _, text in sent]


def test_a_message_is_read_once() -> None:
    anna, budi = meet()
    message = say(anna, b"once")
    ratchet.decrypt(budi, message)
    with pytest.raises(OldCounterError):
        ratchet.decrypt(budi, message)


@pytest.mark.parametrize("at", [0, 5, 40, -1])
def test_a_changed_message_is_refused(at: int) -> None:
    anna, budi = meet()
    message = bytearray(say(anna, b"text"))
    message[at] ^= 1
    with pytest.raises(ValueError, match=r"."):
        ratchet.decrypt(copy.deepcopy(budi), bytes(message))


def test_a_gap_of_thousands_is_refused() -> None:
    anna, budi = meet()
    for _ in range(2001):
        say(anna, b"x")
    message = say(anna, b"x")
    with pytest.raises(SignalError, match="too many"):
        ratchet.decrypt(budi, message)


def test_a_bundle_with_a_foreign_signature_is_refused() -> None:
    with pytest.raises(SignalError, match="signed prekey"):
        ratchet.initiate(ANNA, Bundle(1, ANNA.public, 9, SIGNED.public, SIGNATURE))


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**32])
def test_field_numbers_survive(value: int) -> None:
    assert fields.decode(fields.encode([(1, value), (2, b"x"), (3, None)])) == {1: value, 2: b"x"}


@pytest.mark.parametrize("data", ["08", "0aff", "0d00000000", "80"])
def test_broken_fields_are_refused(data: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        fields.decode(bytes.fromhex(data))
