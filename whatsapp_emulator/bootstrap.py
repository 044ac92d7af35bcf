"""What a phone sends a newly linked companion first: the key of its settings, and its chats so far."""

import time
import zlib
from typing import Any

from whatsapp_emulator import accounts, chats, handset
from whatsapp_emulator.accounts import Account, Companion
from whatsapp_emulator.chats import ChatMessage
from whatsapp_emulator.handset import Draft
from whatsapp_emulator.node import Node
from whatsapp_emulator.protobufs import e2e, history_sync
from whatsapp_emulator.world import World

_MESSAGES_PER_CHAT = 50


def welcome(world: World, companion: Companion) -> None:
    """Sends key share and history to a companion that has just become active for the first time."""
    account = accounts.ensure(world.db, companion.phone)
    share_key(world, account, companion)
    _send(world, account, companion, _history_notification(world, account))
    accounts.mark_bootstrapped(world.db, companion.phone, companion.device)


def share_key(world: World, account: Account, companion: Companion) -> None:
    """Sends the app state sync key."""
    message = e2e.Message()
    message.protocolMessage.type = e2e.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE
    key = message.protocolMessage.appStateSyncKeyShare.keys.add()
    key.keyID.keyID = account.app_state_key_id
    key.keyData.keyData = account.app_state_key
    key.keyData.timestamp = int(time.time() * 1000)
    key.keyData.fingerprint.rawID = 1
    key.keyData.fingerprint.currentIndex = 0
    key.keyData.fingerprint.deviceIndexes.append(0)
    _send(world, account, companion, message)


def _history_notification(world: World, account: Account) -> e2e.Message:
    message = e2e.Message()
    message.protocolMessage.type = e2e.ProtocolMessage.HISTORY_SYNC_NOTIFICATION
    notification = message.protocolMessage.historySyncNotification
    notification.syncType = e2e.HistorySyncType.INITIAL_BOOTSTRAP
    notification.chunkOrder = 1
    notification.progress = 100
    notification.initialHistBootstrapInlinePayload = zlib.compress(
        _history(world, account).SerializeToString()
    )
    return message


def _history(world: World, account: Account) -> history_sync.HistorySync:
    history = history_sync.HistorySync(
        syncType=history_sync.HistorySync.INITIAL_BOOTSTRAP, chunkOrder=1, progress=100
    )
    for phone in chats.partners(world.db, account.phone):
        partner = accounts.ensure(world.db, phone)
        _add_chat(history, partner, chats.between(world.db, account.phone, phone, _MESSAGES_PER_CHAT))
    return history


def _add_chat(history: history_sync.HistorySync, partner: Account, messages: list[ChatMessage]) -> None:
    remote = str(partner.jid)
    chat = history.conversations.add()
    chat.ID = remote
    chat.name = partner.name
    chat.conversationTimestamp = messages[-1].ts
    for order, message in enumerate(messages):
        item: Any = chat.messages.add()  # its definition names a module that neonize lays out elsewhere
        item.msgOrderID = order
        item.message.key.remoteJID = remote
        item.message.key.fromMe = message.recipient == partner.phone
        item.message.key.ID = message.id
        item.message.message.ParseFromString(message.payload)
        item.message.messageTimestamp = message.ts
        if message.sender == partner.phone:
            item.message.pushName = partner.name
    name = history.pushnames.add()
    name.ID, name.pushname = remote, partner.name
    mapping = history.phoneNumberToLidMappings.add()
    mapping.pnJID, mapping.lidJID = f"{partner.phone}@s.whatsapp.net", remote


def _send(world: World, account: Account, companion: Companion, message: e2e.Message) -> None:
    draft = Draft(handset.new_id(), message)
    attrs = {
        "from": account.jid,
        "category": "peer",
        "id": draft.id,
        "type": "text",
        "t": str(int(time.time())),
    }
    handset.send_to_companion(world, account, companion, Node("message", attrs), draft)
