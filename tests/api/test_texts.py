"""Every text of every operation, as the OpenAPI document lists them, filled with what breaks programs."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pytest
from httpx2 import Response

from functions.api import edge
from functions.api.app import routed
from tests.api.owner import Owner, code_of
from tests.api.test_tenancy import everything_of

Node = dict[str, object]
Path = tuple[str | int, ...]

UNKNOWN = "00000000-0000-4000-8000-000000000000"
SAMPLES = (
    "Nasi", "kata-sandi-uji", "a@toko.example", "6281200000001", "08:00", "2026-12-25",
    UNKNOWN, f"1.{UNKNOWN}",
)  # fmt: skip
HARMLESS = [
    "\u200f\u202eNasi\u202c",
    "👨‍👩‍👧‍👦🍜🇮🇩",
    "ناسي גורנג",
    "e\u0301\u0336Z̷a̸l̶g̵o̴",
    "'; drop table users; --",
    "%s{0}$1",
]
BROKEN = {"nul": "\x00", "nul within": "a\x00b", "long": "x" * 900_000, "many emoji": "🍜" * 100_000}
DOCUMENT = cast("dict[str, dict[str, Node]]", routed().openapi())


def resolved(schema: Node) -> Node:
    """The schema itself, or the first of its kinds that is not null."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return resolved(cast("dict[str, Node]", DOCUMENT["components"]["schemas"])[name])
    kinds = cast("list[Node]", schema.get("anyOf", [])) if "type" not in schema else []
    return next((resolved(kind) for kind in kinds if kind.get("type") != "null"), schema)


def example(schema: Node) -> object:
    """A value that fits the schema, with every optional part filled in."""
    schema = resolved(schema)
    match schema.get("type"):
        case "object":
            properties = cast("dict[str, Node]", schema.get("properties", {}))
            keys = cast("dict[str, list[str]]", schema.get("propertyNames", {})).get("enum", [])[:1]
            values = cast(Node, schema.get("additionalProperties") or {})
            return {name: example(value) for name, value in properties.items()} | {
                key: example(values) for key in keys
            }
        case "array":
            items = cast("list[Node]", schema.get("prefixItems") or [schema["items"]])
            return [example(item) for item in items]
        case "string":
            return _text(schema)
        case "boolean":
            return True
        case _:
            return schema.get("const", schema.get("minimum", 0))


def _text(schema: Node) -> str:
    if choices := cast(
        "list[str]", schema.get("enum") or [schema[key] for key in ("const",) if key in schema]
    ):
        return choices[0]
    pattern = UNKNOWN if schema.get("format") == "uuid" else str(schema.get("pattern", ""))
    pattern = r"^\d+-\d+-\d+$" if schema.get("format") == "date" else pattern
    if schema.get("format") == "date-time":
        return "2026-12-25T08:00:00+07:00"
    shortest = cast(int, schema.get("minLength", 0))
    return next(text for text in SAMPLES if re.search(pattern, text) and len(text) >= shortest)


def texts_in(value: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, str):
        yield path
    parts = cast("dict[str, object]", value).items() if isinstance(value, dict) else ()
    parts = enumerate(cast("list[object]", value)) if isinstance(value, list) else parts
    for key, part in parts:
        yield from texts_in(part, (*path, key))


@dataclass(frozen=True)
class Field:
    """One text in the body of one operation."""

    method: str
    path: str
    body: object
    place: Path

    def __str__(self) -> str:
        return f"{self.method} {self.path} {'/'.join(map(str, self.place))}"

    def send(self, owner: Owner, text: str, ids: dict[str, str]) -> Response:
        """The operation called with `text` in this place and with samples everywhere else."""
        body = inner = copy.deepcopy(self.body)
        for key in self.place[:-1]:
            inner = cast("dict[str | int, object]", inner)[key]
        cast("dict[str | int, object]", inner)[self.place[-1]] = text
        return owner.call(self.method, self.path.format(**ids), json=body)


def fields() -> Iterator[Field]:
    for path, methods in cast("dict[str, dict[str, Node]]", DOCUMENT["paths"]).items():
        for method, operation in methods.items():
            content = cast("dict[str, dict[str, Node]]", operation.get("requestBody", {})).get("content", {})
            if "application/json" in content:
                body = example(cast(Node, content["application/json"]["schema"]))
                for place in texts_in(body):
                    yield Field(method.upper(), path.removeprefix("/api/v1/"), body, place)


def queries() -> Iterator[tuple[str, str]]:
    """Path and name of every text in a query."""
    for path, methods in cast("dict[str, dict[str, Node]]", DOCUMENT["paths"]).items():
        for parameter in cast("list[Node]", methods.get("get", {}).get("parameters", [])):
            if parameter["in"] == "query" and resolved(cast(Node, parameter["schema"]))["type"] == "string":
                yield path.removeprefix("/api/v1/"), str(parameter["name"])


IDS = dict.fromkeys(re.findall(r"\{(\w+)\}", " ".join(DOCUMENT["paths"])), UNKNOWN)
FIELDS = list(fields())


def test_the_examples_are_what_the_api_accepts(owner: Owner) -> None:
    """Otherwise the refusals below would prove nothing: here nothing is wrong but unknown ids and tokens."""
    for field in FIELDS:
        answer = owner.call(field.method, field.path.format(**IDS), json=field.body)
        assert answer.status_code not in (400, 413, 422), (str(field), answer.text)


@pytest.mark.parametrize("field", FIELDS, ids=str)
@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_text_is_refused_and_pointed_at(refused: Owner, field: Field, text: str) -> None:
    answer = field.send(refused, text, IDS)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input"), answer.text[:300]
    pointers = [fault["pointer"] for fault in answer.json()["errors"]]
    assert any(pointer.startswith(f"/{field.place[0]}") for pointer in pointers), pointers


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_a_text_of_a_megabyte_is_too_large(refused: Owner, field: Field) -> None:
    answer = field.send(refused, "x" * edge.MAX_BODY_BYTES, IDS)
    assert (answer.status_code, code_of(answer)) == (413, "too_large")


@pytest.mark.parametrize(("path", "name"), list(queries()))
@pytest.mark.parametrize("text", ["\x00", "a\x00b", "x" * 60_000], ids=["nul", "nul in", "long"])
def test_a_broken_query_is_refused_and_pointed_at(refused: Owner, path: str, name: str, text: str) -> None:
    answer = refused.get(path.format(**IDS), **{name: text})
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [name]


@pytest.mark.parametrize("text", HARMLESS)
def test_an_unusual_text_fails_nothing(owner: Owner, text: str) -> None:
    ids = {**IDS, **everything_of(owner)}
    for field in FIELDS:
        assert field.send(owner, text, ids).status_code < 500, str(field)
    for path, name in queries():
        assert owner.get(path.format(**ids), **{name: text}).status_code < 500, (path, name)


@pytest.mark.parametrize("text", HARMLESS)
def test_an_unusual_text_comes_back_as_it_was(owner: Owner, text: str) -> None:
    ids = everything_of(owner)
    product = owner.put(f"products/{ids['product_id']}", {"name": text, "price": 1, "aliases": [text]}).json()
    faq = owner.put(f"faqs/{ids['faq_id']}", {"question": text, "answer": text}).json()
    chat = owner.call("PATCH", f"conversations/{ids['conversation_id']}", json={"note": text, "tags": [text]})
    contact = owner.call("PATCH", f"contacts/{ids['contact_id']}", json={"name": text})
    sent = owner.post(f"conversations/{ids['conversation_id']}/messages", {"id": UNKNOWN, "text": text})
    told = (product["name"], product["aliases"], faq["question"], faq["answer"], sent.json()["text"])
    assert told == (text, [text], text, text, text)
    assert (chat.json()["note"], chat.json()["tags"], contact.json()["name"]) == (text, [text], text)
    assert len(owner.get("conversations", q=text).json()["items"]) == 1
    assert len(owner.get("contacts", q=text).json()["items"]) == 1
