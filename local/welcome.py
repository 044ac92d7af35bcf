"""What the newcomer reads when the house is ready."""

from local.settings import Settings
from local.state_folder import Secrets

QUESTION = "halo, nasi goreng berapa?"


def text(settings: Settings, login: Secrets, phone_url: str) -> str:
    """The ready line, and the next three things to try."""
    first, second, third = _steps(settings, login, phone_url)
    return (
        f"Balas is ready: {settings.origin}\n\nTry next:\n  1. {first}\n  2. {second}\n  3. {third}\n\n"
        f"Mails that Balas sends (a forgotten password, say) are shown at {settings.origin}/mail\n"
        "Ctrl-C stops everything; nothing is lost."
    )


def _steps(settings: Settings, login: Secrets, phone_url: str) -> tuple[str, str, str]:
    enter = f"Open {settings.origin} and log in as {login.demo_email}, password {login.demo_password}"
    if not phone_url:
        return (
            enter,
            "Press Sambungkan and scan the QR: WhatsApp on the phone > Linked devices > Link a device",
            f'From another phone write to that number: "{QUESTION}"',
        )
    return (
        enter,
        f"Press Sambungkan, then scan the QR with the pretend phone: {phone_url}",
        f'There, as a customer, write to the shop: "{QUESTION}"',
    )
