"""What goes into a Lambda package: every import of a function is in its lock, or in the Lambda runtime."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"balas", "functions"}
IN_THE_LAMBDA_RUNTIME = {"boto3", "botocore"}


@pytest.mark.parametrize(
    ("function", "lock"),
    [("api", "api"), ("api.socket", "api"), ("ai_worker", "worker"), ("followup", "worker")],
)
def test_a_function_ships_with_everything_that_it_imports(function: str, lock: str):
    provided = set(sys.stdlib_module_names) | OURS | IN_THE_LAMBDA_RUNTIME | locked(lock)
    modules = reached(f"functions.{function}.handler")
    assert len(modules) > 1
    missing = {f"{m}: {name}" for m in modules for name in imports(m) if name.split(".")[0] not in provided}
    assert missing == set()


def locked(lock: str) -> set[str]:
    """The importable names that a lock installs."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    names = {canonical(name) for name in re.findall(r"^([\w.-]+)(?:\[\S*\])?==", text, re.MULTILINE)}
    return {p for p, found in packages_distributions().items() if names & {canonical(d) for d in found}}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def reached(module: str) -> set[str]:
    """`module` and every module of ours that it imports, directly or not."""
    seen, waiting = set[str](), {module}
    while waiting:
        current = waiting.pop()
        seen.add(current)
        waiting |= {name for name in imports(current) if path_of(name)} - seen
    return seen


def imports(module: str) -> Iterator[str]:
    """The absolute names that a module of ours imports."""
    path = path_of(module)
    assert path is not None
    for node in runtime_nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (n for a in node.names if path_of(n := f"{node.module}.{a.name}"))


def runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        yield from runtime_nodes(node)


def path_of(module: str) -> Path | None:
    """Where a module of ours is, if it is ours."""
    if module.split(".", maxsplit=1)[0] not in OURS:
        return None
    base = ROOT.joinpath(*module.split("."))
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)
