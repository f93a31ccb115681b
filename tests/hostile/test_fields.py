"""Every field of every body, as OpenAPI has it from the serializers: each value it does not take is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.hostile.conftest import Attacker
from tests.hostile.literals import document, hostile_to, resolved
from tests.routes import Operation, endpoints
from tests.world import ORDER

HERE = "\N{SKULL AND CROSSBONES}"  # where the hostile value goes
KEYS = (
    "surprise",
    "pk",
    "__proto__",
    "",
    "is_superuser",
    "\N{FULLWIDTH LATIN CAPITAL LETTER N}ame",
    "name\n",
    "x" * 10_000,
)
BROKEN_KEYS = ("\\u0000", "a\\ud800")


def body_schema(operation: Operation) -> dict[str, Any]:
    """The reference to the schema of an operation's body; empty where it takes none."""
    described = document()["paths"].get(operation.path.replace("{pk}", "{id}"), {}).get(operation.method.lower(), {})
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema: dict[str, Any] = content.get("schema", {})
    return schema


def fields_of(operation: Operation) -> dict[str, dict[str, Any]]:
    """The schema of each field, nested ones by their path."""
    found = {}
    for name, schema in resolved(body_schema(operation))["properties"].items():
        if schema.get("readOnly"):
            continue
        found[name] = schema
        nested = next((resolved(part) for part in schema.get("oneOf", []) if "$ref" in part), {})
        found |= {f"{name}.{inner}": part for inner, part in nested.get("properties", {}).items()}
    return found


WITH_BODY = [operation for operation in endpoints() if body_schema(operation)]
# PUT takes the shape of POST; each shape is tried once.
SHAPES = {body_schema(operation)["$ref"]: operation for operation in reversed(WITH_BODY)}


def with_here(body: dict[str, Any], field: str) -> str:
    """The body as JSON, with a mark in the place of the field."""
    outer, _, inner = field.partition(".")
    body[outer] = {**ORDER, inner: HERE} if inner else HERE
    return json.dumps(body, ensure_ascii=False)


@pytest.mark.parametrize("operation", SHAPES.values(), ids=str)
def test_it_refuses_what_a_field_does_not_take(attacker: Attacker, operation: Operation) -> None:
    path, given = attacker.path_of(operation), attacker.body_of(operation)
    for field, schema in fields_of(operation).items():
        body = with_here(dict(given), field)
        for literal in hostile_to(schema):
            answer = attacker.send(operation.method, path, body.replace(f'"{HERE}"', literal.raw).encode())
            attacker.refused(answer, 400, field=field, said=f"{field}: {literal.name}")


def test_it_names_a_key_that_nobody_knows(attacker: Attacker) -> None:
    for operation in WITH_BODY:
        path, body = attacker.path_of(operation), attacker.body_of(operation)
        for key in KEYS:
            answer = attacker.send(operation.method, path, json.dumps({**body, key: 1}, ensure_ascii=False).encode())
            attacker.refused(answer, 400, field=key or "body", said=f"{operation} key {key[:40]!r}")
        for key in BROKEN_KEYS:
            raw = json.dumps({**body, HERE: 1}, ensure_ascii=False).replace(HERE, key)
            answer = attacker.send(operation.method, path, raw.encode())
            attacker.refused(answer, 400, field="body", said=f"{operation} key {key}")


@pytest.mark.parametrize("path", ["/lead/restaurants/", "/api/token/"])
def test_it_is_not_kept_busy_by_ninety_thousand_keys(attacker: Attacker, path: str) -> None:
    raw = json.dumps({f"k{number}": 0 for number in range(90_000)}, separators=(",", ":")).encode()
    answer = attacker.send("POST", path, raw)
    attacker.refused(answer, 400, field="k0")
    assert len(answer.content) < 100_000


def test_it_sends_thousands() -> None:
    shapes = [schema for operation in SHAPES.values() for schema in fields_of(operation).values()]
    assert sum(len(list(hostile_to(schema))) for schema in shapes) >= 4_000
