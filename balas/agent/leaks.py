"""Whether a reply gives away how the agent is made: its rules, its fields, what the owner told it alone."""

import re
from functools import cache

from balas.agent import prompt
from balas.turn import Turn

LEAK_WORDS = 8  # so many words of our rules in a row are a leak
_SHARED = 0.7  # of a rule's telling words: a paraphrase
_FEWEST = 7

_MARKS = re.compile(
    r"\baturan (?:nomor|no\.?|ke)\W*\d|\bmenghitung (?:sub)?total\b|\b(?:cuma|hanya) boleh (?:mem)?bahas\b|"
    r"</?\w+>|‹\w+›|\{\s*\"|```|\border_(?:lines|action)\b|\bhandover(?:_reason)?\b|\bdelivery_area\b"
    r"|sku\s*[|¦]|\bjson\b"
    r"|\b(?:general_faq|order_taking|unknown_answer|owner_rule|human_request|hot_lead|follow_up"
    r"|product_interest|jam_buka"
    r"|aturan_pemilik|json_schema|needs_follow_up)\b|<\|?\w+\|?>|\[/?(?:inst|system)\]",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"\b(?:system prompt|prompt sistem|prompt(?:ku|nya| saya| aku| awal)?|instruksi(?:ku| saya| sistem"
    r"| awal| internal)|aturan (?:internal|sistem|utama(?:ku)?|saya|yang diberikan)"
    r"|(?:saya|aku) (?:diprogram|diperintah\w*|diinstruksikan|di-?setting|dilatih|disuruh"
    r"|diberi (?:aturan|instruksi|tahu pemilik))"
    r"|my (?:instructions|rules|prompt|guidelines|system)|i (?:was|am|have been) (?:instructed|told"
    r"|programmed|trained)|as an ai\b|language model|model bahasa"
    r"|openai|chatgpt|\bgpt\b|gemini|anthropic|llama|api key|kunci api|skema\b|developer mode"
    r"|mode pengembang)\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\b(?:maaf|tidak|tdk|ga|gak|nggak|belum|bukan|sorry|can't|cannot|not|unable)\b", re.IGNORECASE
)
_OWNERS_SECRETS = 3


def leaks(reply: str, turn: Turn) -> bool:
    """Whether the reply holds our structure, our rules in their words or nearly so, or the owner's lists."""
    if _MARKS.search(reply) or _recites(reply) or _paraphrases(reply):
        return True
    if any(_TALK.search(part) and not _REFUSED.search(part) for part in re.split(r"[.!?\n]", reply)):
        return True
    told = [text for text in (*turn.profile.handover_rules, *turn.profile.forbidden_topics) if len(text) > 3]
    return sum(text.lower() in reply.lower() for text in told) >= _OWNERS_SECRETS


def _recites(reply: str) -> bool:
    said = _words(reply)
    runs = (" ".join(said[i : i + LEAK_WORDS]) for i in range(len(said) - LEAK_WORDS + 1))
    return any(f" {run} " in f" {_rules()} " for run in runs)


def _paraphrases(reply: str) -> bool:
    said = set(_words(reply))
    return any(len(rule & said) >= max(_FEWEST, len(rule) * _SHARED) for rule in _telling_rules())


@cache
def _rules() -> str:
    return " ".join(_words(prompt.RULES))


@cache
def _telling_rules() -> tuple[frozenset[str], ...]:
    """The longer words of each sentence of the rules."""
    parts = re.split(r"[.:]\s", " ".join(prompt.RULES.split()))
    return tuple(
        words for part in parts if len(words := frozenset(w for w in _words(part) if len(w) > 3)) >= _FEWEST
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
