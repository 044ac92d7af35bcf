"""Only one file calls a neonize client, and the deadly calls are not among those in use."""

import ast
from pathlib import Path

import neonize  # pyright: ignore[reportMissingTypeStubs] - it ships none
import pytest

from session_fleet import neonize_calls
from session_fleet.neonize_calls import NotSent, Rejected, Unproven

FLEET = Path(neonize_calls.__file__).parent
CALLS = FLEET / "neonize_calls.py"
IN_USE = {
    "PairPhone", "connect", "disconnect", "is_connected", "is_logged_in", "logout", "mark_read",
    "send_chat_presence", "send_message", "send_presence", "stop",
}  # fmt: skip
DEADLY = {"get_me", "get_lid_from_pn", "get_pn_from_lid", "get_all_devices", "get_all_devices_from_db"}
CLIENT = {name for name in vars(neonize.NewClient) if not name.startswith("_")}


def attributes(file: Path) -> set[str]:
    return {node.attr for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Attribute)}


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_exactly_the_named_client_calls_are_in_use() -> None:
    assert attributes(CALLS) & CLIENT == IN_USE
    assert not IN_USE & DEADLY


def test_the_deadly_calls_are_named_as_neonize_names_them() -> None:
    assert DEADLY - {"get_all_devices", "get_all_devices_from_db"} == DEADLY & CLIENT


@pytest.mark.parametrize("file", sorted(FLEET.glob("*.py")), ids=lambda file: file.name)
def test_no_other_file_holds_a_neonize_client(file: Path) -> None:
    assert not attributes(file) & DEADLY
    if file == CALLS:
        return
    clients = {m for m in imports(file) if m in ("neonize", "neonize.client", "neonize.aioze")}
    assert clients <= ({"neonize"} if file.name == "translate.py" else set())  # it names event classes only
    assert "NewClient" not in file.read_text()


@pytest.mark.parametrize("name", ["supervisor", "publisher", "child", "cli", "settings", "events"])
def test_the_supervisors_side_never_imports_neonize(name: str) -> None:
    assert not [m for m in imports(FLEET / f"{name}.py") if m.startswith("neonize")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("client is nil", NotSent),
        ("failed to send message node: websocket not connected", NotSent),
        ("failed to get device list: failed to send usync query: websocket not connected", NotSent),
        ("websocket not connected", Unproven),
        ("timed out waiting for message send response", Unproven),
        ("server returned error 463", Rejected),
        ("server returned error 479", Rejected),
    ],
)
def test_only_what_surely_stayed_here_may_be_sent_again(text: str, kind: type[Exception]) -> None:
    assert type(neonize_calls.send_failure(text)) is kind
