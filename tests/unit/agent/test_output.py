"""How a model's text becomes an answer, and what is refused."""

import json
from typing import cast, get_args

import pytest

from balas.agent import output
from balas.agent.output import BadModelOutput, Tag
from balas.order import WantedLine
from tests.unit.agent.wire import FIELDS, line, written

GOOD = written(reply="Halo kak!", tags=["order", "hot_lead"], order_lines=[line("NG1", 2, "pedas")])


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Berikut jawabannya:\n{GOOD}\nSemoga membantu.",
        f"<think>Pelanggan mau {{dua}} porsi</think>{GOOD}",
        f"Untuk {{kakak}}: {GOOD}",
        f'{{"note": 1}} {GOOD}',
        f"\ufeff  {GOOD}",
    ],
)
def test_an_answer_is_found_whatever_stands_around_it(text: str) -> None:
    answer = output.parse(text)
    assert (answer.reply, answer.tags) == ("Halo kak!", ("order", "hot_lead"))
    assert answer.order_lines == (WantedLine("NG1", 2, "pedas"),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Halo kak, ada yang bisa dibantu?", "no JSON object found"),
        ("", "no JSON object found"),
        (GOOD[:-20], "reply: missing"),
        (GOOD[:40], "no JSON object found"),
        ("[1, 2]", "no JSON object found"),
        ("{}", "reply: missing"),
        ("{" * 5000, "no JSON object found"),
        (written(intent="dance"), "intent: literal_error"),
        (written(order_lines=[{"sku": "NG1"}]), "order_lines.0.qty: missing"),
        (written(order_lines=[line("NG1", 1)] * 41), "order_lines: too_long"),
        (written(reply=None), "reply: string_type"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(BadModelOutput) as caught:
        output.parse(text)
    assert problem in str(caught.value)
    assert caught.value.reason == "model_bad_output"


def test_a_tag_that_the_model_made_up_is_dropped() -> None:
    assert output.parse(written(tags=["order", "vip", "order"])).tags == ("order",)


@pytest.mark.parametrize(("said", "kept"), [(1.7, 1.0), (-1, 0.0), (0.4, 0.4)])
def test_confidence_is_kept_between_0_and_1(said: float, kept: float) -> None:
    assert output.parse(written(confidence=said)).confidence == kept


def test_the_schema_is_what_the_strictest_servers_accept() -> None:
    schema = output.json_schema()
    text = json.dumps(schema)
    assert not [word for word in ("$ref", "$defs", "default", "title", "maxLength") if f'"{word}"' in text]
    assert set(cast("list[str]", schema["required"])) == set(FIELDS)
    assert text.count('"additionalProperties": false') == text.count('"type": "object"') == 2
    assert text.count('"maxItems"') == text.count('"type": "array"') == 4


def test_every_tag_has_a_label() -> None:
    assert set(output.TAG_LABELS) == set(get_args(Tag))
