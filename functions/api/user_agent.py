"""The browser that a request comes from, as its owner would name it: `Chrome, Android`."""

# The first that is found names it: most browsers also claim to be those further down.
BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet", "Firefox/": "Firefox",
    "FxiOS/": "Firefox", "Chrome/": "Chrome", "CriOS/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
SYSTEMS = {
    "Android": "Android", "iPhone": "iOS", "iPad": "iOS", "Windows": "Windows", "Mac OS X": "macOS",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


def family(user_agent: str | None) -> str:
    """Browser and system, no versions; empty when neither is known."""
    names = [_first(BROWSERS, user_agent or ""), _first(SYSTEMS, user_agent or "")]
    return ", ".join(name for name in names if name)


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((name for mark, name in names.items() if mark in user_agent), "")
