"""The one message to a customer who went quiet: in the shop's tone, guarded, and easy to say no to."""

from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz

from balas.agent import guards, output, prompt
from balas.agent.chat import Ask, ChatMessage, Completion
from balas.errors import ModelFailed
from balas.turn import Turn

HOW_TO_STOP = "Balas STOP kalau tidak mau dihubungi lagi ya kak."
TEMPLATE = "Halo kak 😊 Dari {shop}: kalau masih ada yang mau ditanyakan atau dipesan, balas di sini saja ya."
SAME_WORDS = 85  # percent
MAX_CHARS = 500

REQUEST = """\
<tindak_lanjut>
Pelanggan belum menulis lagi. Tulis di reply SATU pesan tindak lanjut yang sopan dan singkat (1-2 kalimat,
paling panjang 300 huruf), sambung dengan obrolan di atas dan catatan ini: {reason}
Jangan mendesak, jangan mengulang balasan sebelumnya, jangan mencatat pesanan (order_action none), jangan
menyebut promo atau batas waktu yang tidak ada di data toko, dan jangan menulis cara berhenti dihubungi:
sistem yang menambahkannya. handover false.
</tindak_lanjut>
Jawab dengan satu objek JSON sesuai skema."""


@dataclass(frozen=True)
class Written:
    """The whole text for the customer, and what asking the model cost; it may not have been used."""

    text: str
    completions: tuple[Completion, ...] = ()


def write(turn: Turn, reason: str, now: datetime, ask: Ask) -> Written:
    """What to write: the model's words when they pass the guards, else a plain sentence."""
    try:
        completion = ask(messages(turn, reason, now))
    except ModelFailed:
        return Written(_whole(_plain(turn)))
    text = _usable(completion.text, turn, now) or _plain(turn)
    return Written(_whole(text), (completion,))


def messages(turn: Turn, reason: str, now: datetime) -> list[ChatMessage]:
    """The chat as it stands, and the request; a customer's last words and the request are one message."""
    *chat, _ = prompt.messages(turn, now)
    request = REQUEST.format(reason=prompt.data(reason, MAX_CHARS))
    if chat[-1]["role"] == "user":
        request = f"{chat.pop()['content']}\n\n{request}"
    return [*chat, {"role": "user", "content": request}]


def _usable(raw: str, turn: Turn, now: datetime) -> str | None:
    try:
        answer = output.parse(raw)
    except output.BadModelOutput:
        return None
    text = answer.reply
    is_off = answer.handover or answer.order_action != "none" or len(text) > MAX_CHARS
    if is_off or guards.check(text, turn, None, now) or _repeats(text, turn):
        return None
    return text


def _repeats(text: str, turn: Turn) -> bool:
    said = (message.text for message in turn.recent if message.author in ("ai", "human"))
    return any(text in earlier or fuzz.ratio(text, earlier) >= SAME_WORDS for earlier in said)


def _plain(turn: Turn) -> str:
    return TEMPLATE.format(shop=prompt.data(turn.profile.business_name, 100))


def _whole(text: str) -> str:
    return f"{text}\n\n{HOW_TO_STOP}"
