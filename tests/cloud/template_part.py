"""The part of a CloudFormation template that a cloud can deploy, cut out mechanically."""

import json
import re
from dataclasses import dataclass
from typing import Any, cast

GONE = object()
Document = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """`left_out` maps each resource that is not in `template` to its type."""

    template: Document
    left_out: dict[str, str]


def part_of(template: Document, refused_types: tuple[str, ...]) -> Part:
    """`template` without the resources of those types, and without everything that refers to them."""
    resources: Document = template["Resources"]
    left_out = {n: r["Type"] for n, r in resources.items() if r["Type"].startswith(refused_types)}
    cut = {key: template[key] for key in template if key not in ("Resources", "Outputs")}
    cut["Resources"] = {n: _without(r, set(left_out)) for n, r in resources.items() if n not in left_out}
    cut["Outputs"] = _without(template.get("Outputs", {}), set(left_out))
    return Part(cut, left_out)


def _without(value: object, gone: set[str]) -> Any:
    """`value`, or GONE: what mentions something gone takes the smallest thing around it along."""
    match value:
        case dict():
            return _without_in_dict(cast(Document, value), gone)
        case list():
            kept = (_without(item, gone) for item in cast(list[object], value))
            return [item for item in kept if item is not GONE]
        case _:
            return value


def _without_in_dict(value: Document, gone: set[str]) -> Any:
    if _is_intrinsic(value) and _mentions(value, gone):
        return GONE
    kept = {key: _without(item, gone) for key, item in value.items() if key != "DependsOn"}
    if kept.get("Resource") is GONE or kept.get("Resource") == [] or kept.get("Value") is GONE:
        return GONE  # a policy's statement about nothing, an output of nothing
    depends_on = value.get("DependsOn", [])
    if names := {depends_on} - gone if isinstance(depends_on, str) else set(depends_on) - gone:
        kept["DependsOn"] = sorted(names)
    return {key: item for key, item in kept.items() if item is not GONE}


def _is_intrinsic(value: Document) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _mentions(value: Document, gone: set[str]) -> bool:
    text = json.dumps(value)
    named = re.findall(r'"Ref": "(\w+)"|"Fn::GetAtt": \["(\w+)"|\$\{(\w+)', text)
    return any(name in gone for found in named for name in found)
