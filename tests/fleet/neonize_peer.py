"""A tiny WhatsApp client on the real neonize, run as a process of its own and driven by JSON lines.

    python tests/fleet/neonize_peer.py DATABASE [JID_USER]

Commands come on stdin, e.g. {"do": "send_text", "to": "6281200000001", "text": "halo"}; events and answers go
to stdout, e.g. {"kind": "qr", "qr": "…"}. A command's answer is of kind "done" or "error".
"""
# pyright: reportMissingTypeStubs=false

import base64
import json
import logging
import os
import sys
import threading
from typing import Any

from local import neonize_target
from local.neonize_target import NeonizeTarget

target = NeonizeTarget.from_environment(os.environ)
neonize_target.ensure_environment(target)
_answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # neonize and Go print to stdout
neonize_target.swap_noise_root(target)

from neonize import client as neonize_client  # noqa: E402 - the key must be swapped first
from neonize import events as ev  # noqa: E402
from neonize.proto import Neonize_pb2 as pb  # noqa: E402
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message  # noqa: E402
from neonize.utils import enum, log  # noqa: E402
from neonize.utils.jid import build_jid  # noqa: E402

_lock = threading.Lock()


def say(kind: str, **body: Any) -> None:
    """Prints one event."""
    with _lock:
        _answers.write(json.dumps({"kind": kind, **body}) + "\n")
        _answers.flush()


def listen(client: neonize_client.NewClient) -> None:
    """Prints every event that the tests look at."""
    client.qr(lambda _, data: say("qr", qr=data.decode()))
    client.event(ev.PairStatusEv)(lambda _, event: say("paired", user=event.ID.User, device=event.ID.Device))
    client.event(ev.ConnectedEv)(lambda _, __: say("connected"))
    client.event(ev.DisconnectedEv)(lambda _, __: say("disconnected"))
    client.event(ev.LoggedOutEv)(lambda _, event: say("logged_out", reason=event.Reason))
    client.event(ev.StreamReplacedEv)(lambda _, __: say("replaced"))
    client.event(ev.TemporaryBanEv)(lambda _, event: say("banned", expire=event.Expire))
    client.event(ev.ConnectFailureEv)(lambda _, event: say("connect_failure", reason=event.Reason))
    client.event(ev.UndecryptableMessageEv)(lambda _, event: say("undecryptable", id=event.Info.ID))
    client.event(ev.OfflineSyncCompletedEv)(lambda _, event: say("offline_done", count=event.Count))
    client.event(ev.ReceiptEv)(on_receipt)
    client.event(ev.ChatPresenceEv)(lambda _, event: say("typing", user=event.MessageSource.Sender.User))
    client.event(ev.HistorySyncEv)(on_history)
    client.event(ev.MessageEv)(on_message)


def on_receipt(_: Any, event: Any) -> None:
    """Prints a receipt."""
    source = event.MessageSource
    say(
        "receipt",
        ids=list(event.MessageIDs),
        type=int(event.Type),
        from_me=source.IsFromMe,
        chat=source.Chat.User,
    )


def on_history(_: Any, event: Any) -> None:
    """Prints the texts of a history sync."""
    texts = [item.message.message.conversation for chat in event.Data.conversations for item in chat.messages]
    say("history", texts=texts)


def on_message(client: neonize_client.NewClient, event: Any) -> None:
    """Prints a message; control traffic of the own phone is left out."""
    message, source = event.Message, event.Info.MessageSource
    kind = next((field.name for field, _ in message.ListFields() if field.name != "messageContextInfo"), "")
    if kind == "protocolMessage" and event.Info.Category == "peer":
        return
    image = message.imageMessage
    say(
        "message",
        id=event.Info.ID,
        text=message.conversation or message.extendedTextMessage.text or image.caption,
        field=kind,
        name=event.Info.Pushname,
        lid=source.Sender.User,
        phone=source.SenderAlt.User,
        chat=f"{source.Chat.User}@{source.Chat.Server}",
        is_group=source.IsGroup,
        from_me=source.IsFromMe,
        has_secret=message.messageContextInfo.messageSecret != b"",
        image=base64.b64encode(client.download_any(message)).decode() if kind == "imageMessage" else None,
    )


def obey(client: neonize_client.NewClient, command: dict[str, Any]) -> dict[str, Any]:  # noqa: C901 - flat
    """Runs one command and returns what its answer says."""
    to = build_jid(command.get("to", ""), server=command.get("server", "s.whatsapp.net"))
    match command["do"]:
        case "send_text":
            return {"id": client.send_message(to, Message(conversation=command["text"])).ID}
        case "send_image":
            return {"id": client.send_image(to, base64.b64decode(command["data"]), command.get("caption")).ID}
        case "typing":
            state, medium = enum.ChatPresence.CHAT_PRESENCE_COMPOSING, enum.ChatPresenceMedia
            client.send_chat_presence(to, state, medium.CHAT_PRESENCE_MEDIA_TEXT)
        case "available":
            client.send_presence(enum.Presence.AVAILABLE)
        case "mark_read":
            client.mark_read(*command["ids"], chat=to, sender=to, receipt=enum.ReceiptType.READ)
        case "me":
            me = client.get_me()
            return {"user": me.JID.User, "device": me.JID.Device, "lid": me.LID.User, "name": me.PushName}
        case "is_on_whatsapp":
            found = client.is_on_whatsapp(*command["numbers"])
            return {"found": [[item.Query, item.IsIn, item.JID.User] for item in found]}
        case "rename":
            client.set_profile_name(command["name"])
        case "pair_code":
            return {"code": client.PairPhone(command["to"], show_push_notification=True)}
        case "logout":
            client.logout()
        case name:
            raise ValueError(f"the peer knows no {name}")
    return {}


def main() -> None:
    """Connects and obeys until stdin ends."""
    database, user = sys.argv[1], (sys.argv[2] if len(sys.argv) > 2 else None)
    log.setLevel(logging.DEBUG if os.environ.get("PEER_DEBUG") else logging.ERROR)
    stored: pb.JID | None = build_jid(user) if user else None
    client = neonize_client.NewClient(database, jid=stored, uuid=user or "peer", new_device=stored is None)
    listen(client)
    threading.Thread(target=client.connect, daemon=True).start()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            say("done", to=command["n"], **obey(client, command))
        except Exception as error:  # noqa: BLE001 - the test decides what an error means
            say("error", to=command["n"], error=str(error))
    os._exit(0)


if __name__ == "__main__":
    main()
