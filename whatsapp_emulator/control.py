"""The control API: tests and the phone page move the emulated world with it.

Every call is a POST with a JSON body to /_emu/<name>; errors are {"error": "what to do"} with a 4xx status.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from whatsapp_emulator import accounts, control_faults, control_phones, pairing, pairing_code
from whatsapp_emulator.accounts import Account
from whatsapp_emulator.arguments import ArgumentError, Arguments
from whatsapp_emulator.http_message import Response, as_json
from whatsapp_emulator.pairing import PairingError
from whatsapp_emulator.world import World

_LINK_TIMEOUT_S = 20
_MAX_POLL_S = 60
_Step = Callable[[World, Arguments], dict[str, Any]]

_STEPS: dict[str, _Step] = {
    "send_text": control_phones.send_text,
    "send_image": control_phones.send_image,
    "typing": control_phones.typing,
    "read": control_phones.read,
    "chats": control_phones.list_chats,
    "messages": control_phones.list_messages,
    "media": control_phones.media,
    "unlink": control_phones.unlink,
    "drop": control_faults.drop,
    "stream_error": control_faults.stream_error,
    "set": control_faults.set_switches,
    "raw": control_faults.raw,
    "state": control_faults.state,
}


async def handle(world: World, method: str, name: str, body: bytes) -> Response:
    """Runs one control call."""
    if method != "POST":
        return as_json({"error": "every control call is a POST with a JSON body"}, 405)
    try:
        return as_json(await _run(world, name, Arguments(body)))
    except (ArgumentError, PairingError) as error:
        return as_json({"error": str(error)}, 400)
    except LookupError as error:
        return as_json({"error": str(error.args[0])}, 404)


async def _run(world: World, name: str, arguments: Arguments) -> dict[str, Any]:
    match name:
        case "events":
            return await _events(world, arguments)
        case "scan":
            return await _scan(world, arguments)
        case "enter_code":
            return await _enter_code(world, arguments)
        case _ if name in _STEPS:
            with world.transaction():
                return _STEPS[name](world, arguments)
        case _:
            known = ", ".join(sorted([*_STEPS, "enter_code", "events", "scan"]))
            raise LookupError(f"there is no call {name}; there are {known}")


async def _events(world: World, arguments: Arguments) -> dict[str, Any]:
    since = int(arguments.number("since", 0, highest=1e15))
    kinds = [str(kind) for kind in arguments.items("kind")]
    count = int(arguments.number("n", 1))
    timeout_s = arguments.number("timeout", 0, highest=_MAX_POLL_S)
    found = await world.events.wait(since, kinds, count, timeout_s)
    return {"next": found[-1]["seq"] if found else max(since, 0), "events": found}


async def _scan(world: World, arguments: Arguments) -> dict[str, Any]:
    qr, phone, name = arguments.text("qr"), arguments.phone("phone"), arguments.text("name", "")
    return await _link(world, phone, name, lambda account, done: pairing.scan(world, qr, account, done))


async def _enter_code(world: World, arguments: Arguments) -> dict[str, Any]:
    code, phone, name = arguments.text("code"), arguments.phone("phone"), arguments.text("name", "")
    return await _link(
        world, phone, name, lambda account, done: pairing_code.enter(world, account, code, done)
    )


async def _link(
    world: World, phone: str, name: str, start: Callable[[Account, Callable[[str], None]], None]
) -> dict[str, Any]:
    """Starts a linking and waits until the device has signed, refused or stayed silent."""
    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def done(problem: str) -> None:
        if not outcome.done():
            outcome.set_result(problem)

    with world.transaction():
        account = accounts.ensure(world.db, phone, name)
        start(account, done)
    try:
        async with asyncio.timeout(_LINK_TIMEOUT_S):
            problem = await outcome
    except TimeoutError:
        problem = "the device did not answer: show a new QR code"
    if problem:
        raise PairingError(problem)
    return {"ok": True, "lid": account.lid}
