"""Whether a customer is unhappy with what he got: said outright, hinted at, or dressed up as praise."""

_SHOUT_LETTERS = 15
_UPSET = frozenset({"defect", "mismatch", "waiting", "rude", "upset"})


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
    if "defect" in signs and signs & {"past", "protest"} and not ("praise" in signs and "past" not in signs):
        return True
    return _is_shouted(raw) and bool(signs & ({"past", "protest"} | _UPSET))


def _is_shouted(raw: str) -> bool:
    letters = [sign for sign in raw if sign.isalpha()]
    is_upper = len(letters) >= _SHOUT_LETTERS and sum(map(str.isupper, letters)) > 0.7 * len(letters)
    return is_upper and raw.count("!") + raw.count("?") > 1
