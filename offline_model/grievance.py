"""Whether a customer is unhappy with what he got: said outright, hinted at, or dressed up as praise."""

import re


def is_voiced(raw: str, signs: frozenset[str]) -> bool:
    """Whether the signs add up to a complaint about this shop; `raw` is the text as typed."""
    if "own_fault" in signs or ("elsewhere" in signs and "mismatch" not in signs):
        return False
    if "supposed" in signs and "waiting" not in signs:
        return False
    if signs & {"complaint", "mismatch", "waiting", "rude"}:
        return True
    if "upset" in signs and not signs & {"praise", "sensitive"}:
        return True
    is_told = not signs & {"help", "wish"} and "?" not in raw  # a statement, no wish or question
    is_protest = "protest" in signs or re.search(r"[?!]{2}", raw)
    is_blamed = is_told or "past" in signs or is_protest
    return "defect" in signs and bool(is_blamed) and ("praise" not in signs or "past" in signs)
