"""The programs of the house: how each is started, what it is told, and how one sees that it is ready."""

import time

import httpx

from balas.db.bootstrap import RoleUrls
from balas.errors import Unavailable
from local import ministack
from local.child import Program
from local.deploy import Outputs
from local.settings import Settings
from local.state_folder import StateFolder

FLEET_GRACE_S = 6
API_LIMIT_S = 20


def emulator(settings: Settings, folder: StateFolder) -> Program:
    """A WhatsApp of our own; its world lives in the state folder."""
    state = folder.path / "emulator"
    url = f"http://127.0.0.1:{settings.emulator_port}"
    return Program(
        name="the WhatsApp emulator",
        arguments=["whatsapp_emulator", "--port", str(settings.emulator_port), "--state", str(state)],
        environment={},
        log=folder.logs / "emulator.log",
        is_ready=lambda: _answers("POST", f"{url}/_emu/state"),
    )


def emulator_variables(settings: Settings, folder: StateFolder) -> dict[str, str]:
    """Where the fleet finds its emulator, once that is ready; empty for the real WhatsApp."""
    if settings.real_whatsapp:
        return {}
    if settings.foreign_emulator:
        return settings.foreign_emulator
    state = folder.path / "emulator"
    return {
        "EMULATOR_URL": f"http://127.0.0.1:{settings.emulator_port}",
        "EMULATOR_CA_FILE": str(state / "ca.pem"),
        "EMULATOR_NOISE_ROOT": (state / "noise-root.hex").read_text().strip(),
    }


def offline_model(port: int, folder: StateFolder) -> Program:
    """The answer engine that stands in for a model."""
    url = f"http://127.0.0.1:{port}"
    return Program(
        name="the offline model",
        arguments=["offline_model", "--port", str(port)],
        environment={},
        log=folder.logs / "offline_model.log",
        is_ready=lambda: _answers("GET", f"{url}/v1/models"),
    )


def fleet(settings: Settings, urls: RoleUrls, aws: Outputs, endpoint: str, folder: StateFolder) -> Program:
    """The session fleet, on an emulator or on the real WhatsApp."""
    emulator = emulator_variables(settings, folder)
    return Program(
        name="the session fleet",
        arguments=["local.fleet" if emulator else "session_fleet"],
        environment={
            "FLEET_DATABASE_URL": urls.fleet,
            "WHATSMEOW_DATABASE_URL": urls.whatsmeow,
            "INBOUND_QUEUE_URL": aws.inbound_queue_url,
            "PUBLIC_ORIGIN": settings.origin,
            "WEBSOCKET_ENDPOINT": aws.socket_management_url,
            **ministack.client_environment(endpoint),
            **emulator,
        },
        log=folder.logs / "fleet.log",
        is_ready=lambda: True,
        grace_s=FLEET_GRACE_S,
    )


def front(settings: Settings, aws: Outputs, phone_url: str, folder: StateFolder) -> Program:
    """The one origin."""
    return Program(
        name="the front",
        arguments=["local.front"],
        environment={
            "FRONT_PORT": str(settings.port),
            "FRONT_API_URL": aws.api_url,
            "FRONT_SOCKET_URL": aws.socket_url,
            "FRONT_MAILS_URL": aws.mails_url,
            "FRONT_PHONE_URL": phone_url,
            "FRONT_MODEL": settings.openai_model if settings.openai_api_key else "",
        },
        log=folder.logs / "front.log",
        is_ready=lambda: _answers("GET", f"{settings.origin}/house.json"),
    )


def await_api(settings: Settings, folder: StateFolder) -> None:
    """Returns when the deployed API answers on our origin; its first answer takes some seconds."""
    deadline = time.monotonic() + API_LIMIT_S
    while not _answers("GET", f"{settings.origin}/api/v1/ping"):
        if time.monotonic() > deadline:
            raise Unavailable(
                f"the API did not answer in {API_LIMIT_S} s: see {folder.logs / 'ministack.log'}"
            )
        time.sleep(0.05)


def _answers(method: str, url: str) -> bool:
    body = b"{}" if method == "POST" else None
    try:
        return httpx.request(method, url, content=body, timeout=10, trust_env=False).is_success
    except httpx.HTTPError:
        return False
