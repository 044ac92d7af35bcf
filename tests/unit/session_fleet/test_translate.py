"""What neonize reports, in our words: table by table, bad input included."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from neonize import events as neonize  # pyright: ignore[reportMissingTypeStubs] - it ships none
from neonize.proto import Neonize_pb2 as wire  # pyright: ignore[reportMissingTypeStubs] - it ships none
from neonize.proto.waE2E import (  # pyright: ignore[reportMissingTypeStubs] - it ships none
    WAWebProtobufsE2E_pb2 as e2e,
)
from neonize.proto.waHistorySync import (  # pyright: ignore[reportMissingTypeStubs] - it ships none
    WAWebProtobufsHistorySync_pb2 as history,
)

from balas.db.inbound import InboundMessage
from session_fleet import events, translate
from session_fleet.translate import Us

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SENT = NOW - timedelta(minutes=1)
US = Us(lid="900", phone="6281100000001")
CUSTOMER_LID, CUSTOMER_PHONE = "77001", "6281200000001"


def jid(user: str, server: str, device: int = 0) -> wire.JID:
    return wire.JID(User=user, Server=server, Device=device, RawAgent=0, Integrator=0, IsEmpty=False)


LID, PN = jid(CUSTOMER_LID, "lid"), jid(CUSTOMER_PHONE, "s.whatsapp.net")
NOBODY = jid("", "")


def source(chat: wire.JID = LID, alt: wire.JID = PN, **fields: Any) -> wire.MessageSource:
    return wire.MessageSource(Chat=chat, Sender=chat, SenderAlt=alt, RecipientAlt=NOBODY, **fields)


def report(message: e2e.Message, where: wire.MessageSource | None = None, **info: Any) -> neonize.MessageEv:
    fields: dict[str, Any] = {
        "ID": "WA1",
        "Timestamp": int(SENT.timestamp()),
        "Pushname": "Pelanggan",
        **info,
    }
    return neonize.MessageEv(
        Info=wire.MessageInfo(MessageSource=where or source(), **fields), Message=message
    )


def arrived(raw: Any) -> InboundMessage:
    event = translate.event(raw, US, NOW)
    assert isinstance(event, events.Arrived), event
    assert len(event.messages) == 1
    return event.messages[0]


def test_a_text_carries_everything_the_inbox_needs() -> None:
    assert arrived(report(e2e.Message(conversation="Halo, ada nasi?"))) == InboundMessage(
        lid=CUSTOMER_LID, phone=CUSTOMER_PHONE, push_name="Pelanggan", wa_message_id="WA1", author="contact",
        kind="text", text="Halo, ada nasi?", media=None, sent_at=SENT, is_live=True,
    )  # fmt: skip


IMAGE = e2e.ImageMessage(caption="ini ya", mimetype="image/jpeg", fileLength=1234)
PLACE = e2e.LocationMessage(degreesLatitude=-6.2, degreesLongitude=106.8, name="Warung", address="Jl. Uji 1")
POLL = e2e.PollCreationMessage(
    name="Menu?",
    options=[
        e2e.PollCreationMessage.Option(optionName="Nasi"),
        e2e.PollCreationMessage.Option(optionName="Mie"),
    ],
)


@pytest.mark.parametrize(
    ("message", "kind", "text"),
    [
        (e2e.Message(conversation="🙏🙏"), "text", "🙏🙏"),
        (
            e2e.Message(extendedTextMessage=e2e.ExtendedTextMessage(text="https://contoh")),
            "text",
            "https://contoh",
        ),
        (e2e.Message(conversation=""), "other", ""),
        (e2e.Message(conversation=" \n "), "other", " \n "),
        (e2e.Message(conversation="a\x00b"), "text", "ab"),
        (e2e.Message(imageMessage=IMAGE), "image", "ini ya"),
        (e2e.Message(videoMessage=e2e.VideoMessage(caption="lihat")), "video", "lihat"),
        (e2e.Message(ptvMessage=e2e.VideoMessage(seconds=3)), "video", ""),
        (e2e.Message(audioMessage=e2e.AudioMessage(seconds=7)), "audio", ""),
        (
            e2e.Message(documentMessage=e2e.DocumentMessage(caption="bukti", fileName="b.pdf")),
            "document",
            "bukti",
        ),
        (e2e.Message(stickerMessage=e2e.StickerMessage(mimetype="image/webp")), "sticker", ""),
        (e2e.Message(locationMessage=PLACE), "location", "Warung\nJl. Uji 1\n-6.200000,106.800000"),
        (e2e.Message(contactMessage=e2e.ContactMessage(displayName="Toko")), "contact", "Toko"),
        (e2e.Message(pollCreationMessageV3=POLL), "poll", "Menu?\n- Nasi\n- Mie"),
        (e2e.Message(reactionMessage=e2e.ReactionMessage(text="👍")), "reaction", "👍"),
        (e2e.Message(listResponseMessage=e2e.ListResponseMessage(title="Paket A")), "text", "Paket A"),
        (e2e.Message(orderMessage=e2e.OrderMessage(orderID="1")), "other", ""),
    ],
)
def test_every_kind_has_its_words(message: e2e.Message, kind: str, text: str) -> None:
    found = arrived(report(message))
    assert (found.kind, found.text) == (kind, text)


def test_a_file_is_described_by_what_the_phone_told() -> None:
    assert arrived(report(e2e.Message(imageMessage=IMAGE))).media == {"mimetype": "image/jpeg", "size": 1234}


def test_sixty_thousand_characters_are_cut_with_a_mark() -> None:
    text = arrived(report(e2e.Message(conversation="x" * 60_000))).text
    assert len(text) == 4096
    assert text.endswith("… [dipotong: pesan asli 60000 karakter]")


def test_a_text_at_the_limit_stays_whole() -> None:
    assert arrived(report(e2e.Message(conversation="x" * 4096))).text == "x" * 4096


PROTOCOL = e2e.Message(protocolMessage=e2e.ProtocolMessage(type=e2e.ProtocolMessage.REVOKE))
TEXT = e2e.Message(conversation="halo")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (report(PROTOCOL), "protocol"),
        (report(TEXT, Category="peer"), "protocol"),
        (report(TEXT, source(jid("120363000000000001", "g.us"), IsGroup=True)), "not_a_person"),
        (report(TEXT, source(jid("status", "broadcast"), IsGroup=True)), "not_a_person"),
        (report(TEXT, source(jid("120363000000000002", "newsletter"))), "not_a_person"),
        (report(TEXT, source(jid("13135550002", "bot"))), "not_a_person"),
        (report(TEXT, source(jid("0", "s.whatsapp.net"), NOBODY)), "not_a_person"),
        (report(TEXT, source(jid("900", "lid"), NOBODY, IsFromMe=True)), "ourselves"),
        (report(TEXT, source(jid("6281100000001", "s.whatsapp.net"), NOBODY, IsFromMe=True)), "ourselves"),
        (report(e2e.Message()), "no_content"),
        (report(e2e.Message(messageContextInfo=e2e.MessageContextInfo(messageSecret=b"x"))), "no_content"),
        (report(e2e.Message(pollUpdateMessage=e2e.PollUpdateMessage())), "no_content"),
        (neonize.PresenceEv(), "not_subscribed"),
    ],
)
def test_what_is_nobodys_message_is_ignored(raw: Any, why: str) -> None:
    assert translate.event(raw, US, NOW) == events.Ignored(why)


def test_a_command_in_the_chat_with_oneself_is_heard() -> None:
    where = source(jid("900", "lid"), NOBODY, IsFromMe=True)
    found = arrived(report(e2e.Message(conversation="AI mati sekarang!"), where))
    assert (found.lid, found.author, found.text) == ("900", "owner_phone", "AI mati sekarang!")


def test_a_chat_known_by_number_finds_its_lid_in_the_same_event() -> None:
    found = arrived(report(TEXT, source(PN, LID)))
    assert (found.lid, found.phone) == (CUSTOMER_LID, CUSTOMER_PHONE)


def test_a_chat_without_a_lid_keeps_its_number() -> None:
    found = arrived(report(TEXT, source(PN, NOBODY)))
    assert (found.lid, found.phone) == (None, CUSTOMER_PHONE)


def test_the_owners_phone_speaks_as_the_owner() -> None:
    ours = jid("900", "lid", device=0)
    where = wire.MessageSource(Chat=LID, Sender=ours, IsFromMe=True, SenderAlt=NOBODY, RecipientAlt=PN)
    found = arrived(report(TEXT, where))
    assert (found.author, found.lid, found.phone, found.push_name) == (
        "owner_phone", CUSTOMER_LID, CUSTOMER_PHONE, None,
    )  # fmt: skip


@pytest.mark.parametrize("seconds", [0, -5, int(NOW.timestamp()) + 86_400])
def test_a_wrong_clock_is_corrected(seconds: int) -> None:
    assert arrived(report(TEXT, Timestamp=seconds)).sent_at == NOW


def test_an_undecryptable_message_is_shown_as_such() -> None:
    info = wire.MessageInfo(MessageSource=source(), ID="WA9", Timestamp=int(SENT.timestamp()), Pushname="")
    found = arrived(neonize.UndecryptableMessageEv(Info=info))
    assert (found.kind, found.text, found.wa_message_id) == ("unreadable", "", "WA9")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (wire.Receipt.DELIVERED, events.Acknowledged(("A", "B"), "delivered")),
        (wire.Receipt.INACTIVE, events.Acknowledged(("A", "B"), "delivered")),
        (wire.Receipt.READ, events.Acknowledged(("A", "B"), "read")),
        (wire.Receipt.PLAYED, events.Acknowledged(("A", "B"), "read")),
        (wire.Receipt.SENDER, events.Acknowledged(("A", "B"), "sent")),
        (wire.Receipt.RETRY, events.Unreadable(("A", "B"))),
        (wire.Receipt.READ_SELF, events.Ignored("receipt")),
        (wire.Receipt.PEER_MSG, events.Ignored("receipt")),
    ],
)
def test_receipts(kind: Any, expected: events.Event) -> None:
    raw = neonize.ReceiptEv(MessageSource=source(), MessageIDs=["A", "B"], Type=kind, Timestamp=1)
    assert translate.event(raw, US, NOW) == expected


def test_the_owners_own_phone_asking_again_is_whatsmeows_business() -> None:
    where = source(IsFromMe=True)
    raw = neonize.ReceiptEv(MessageSource=where, MessageIDs=["A"], Type=wire.Receipt.RETRY, Timestamp=1)
    assert translate.event(raw, US, NOW) == events.Ignored("own_device")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (neonize.ConnectedEv(status=True), events.Connected()),
        (neonize.KeepAliveRestoredEv(), events.Restored()),
        (neonize.DisconnectedEv(status=True), events.Interrupted()),
        (neonize.KeepAliveTimeoutEv(ErrorCount=1), events.Stalled()),
        (neonize.OfflineSyncCompletedEv(Count=3), events.OfflineSynced()),
        (neonize.StreamReplacedEv(), events.Ended("replaced", None)),
        (
            neonize.TemporaryBanEv(Code=wire.TemporaryBan.BLOCKED_BY_USERS, Expire=60),
            events.Ended("banned", None),
        ),
        (neonize.ClientOutdatedEv(), events.Ended("failed", "client_outdated")),
    ],
)
def test_the_line(raw: Any, expected: events.Event) -> None:
    assert translate.event(raw, US, NOW) == expected


def test_pairing_names_the_device() -> None:
    raw = neonize.PairStatusEv(ID=jid("6281100000001", "s.whatsapp.net", 7), Status=wire.PairStatus.SUCCESS)
    assert translate.event(raw, Us(), NOW) == events.Paired("6281100000001:7@s.whatsapp.net")
    refused = neonize.PairStatusEv(Status=wire.PairStatus.ERROR, Error="hmac mismatch")
    assert translate.event(refused, Us(), NOW) == events.PairingFailed()


def test_history_keeps_persons_only_and_the_newest_of_each() -> None:
    data: Any = history.HistorySync(syncType=history.HistorySync.INITIAL_BOOTSTRAP)
    chat = data.conversations.add(ID=f"{CUSTOMER_LID}@lid", pnJID=f"{CUSTOMER_PHONE}@s.whatsapp.net")
    for n in range(25):
        entry = chat.messages.add().message
        entry.key.ID, entry.messageTimestamp = f"OLD{n}", int(SENT.timestamp()) + n
        entry.key.fromMe = n == 24
        entry.message.conversation = f"lama {n}"
    for other in ("120363000000000001@g.us", "status@broadcast", "900@lid", "0@s.whatsapp.net"):
        foreign = data.conversations.add(ID=other).messages.add().message
        foreign.key.ID, foreign.message.conversation = "X", "bukan pelanggan"
    event = translate.event(neonize.HistorySyncEv(Data=data), US, NOW)
    assert isinstance(event, events.Arrived)
    assert [m.text for m in event.messages] == [f"lama {n}" for n in range(5, 25)]
    assert {(m.lid, m.phone, m.is_live) for m in event.messages} == {(CUSTOMER_LID, CUSTOMER_PHONE, False)}
    assert [m.author for m in event.messages[-2:]] == ["contact", "owner_phone"]


def test_an_empty_history_is_nothing() -> None:
    raw = neonize.HistorySyncEv(Data=history.HistorySync(syncType=history.HistorySync.PUSH_NAME))
    assert translate.event(raw, US, NOW) == events.Ignored("no_history")
