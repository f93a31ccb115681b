"""JSON as nobody should send it, and whether a field's schema would take it all the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

Schema = dict[str, Any]
DEEP = 100_000


@dataclass(frozen=True)
class Literal:
    """A value as it stands in the body; `kind` is its JSON type, "" where no field of any type takes it."""

    name: str
    kind: str
    raw: str

    @property
    def value(self) -> Any:
        return json.loads(self.raw)


EVERYWHERE = (
    Literal("null", "null", "null"),
    Literal("true", "boolean", "true"),
    Literal("one", "integer", "1"),
    Literal("a fraction", "number", "1.5"),
    Literal("one with a point", "number", "1.0"),
    Literal("a list", "array", "[]"),
    Literal("a list of one", "array", "[1]"),
    Literal("a list of fractions", "", "[1.5]"),
    Literal("a list of flags", "", "[true]"),
    Literal("a list of nothing", "", "[null]"),
    Literal("an object", "object", "{}"),
    Literal("an object that looks like an id", "", '{"id": 1}'),
    Literal("a word", "string", '"x"'),
    Literal("no text", "string", '""'),
    Literal("blanks", "string", '" \\u00a0\\u2003 "'),
    Literal("a digit as text", "string", '"1"'),
    Literal("a full-width digit as text", "string", '"\N{FULLWIDTH DIGIT ONE}"'),
    Literal("minus one", "", "-1"),
    Literal("less than nothing", "", "-0.01"),
    Literal("400 digits", "", "1" + "0" * 400),
    Literal("a huge exponent", "", "1e999999"),
    Literal("a tiny number", "", "1e-999999"),
    Literal("three places", "", "1.005"),
    Literal("a NUL", "", '"a\\u0000b"'),
    Literal("half a pair", "", '"\\ud800"'),
    Literal("a pair the wrong way round", "", '"\\udc00\\ud800"'),
    Literal("a half pair in a list", "", '["\\udfff"]'),
)
# Such a body is no JSON, or none that anybody means, whichever field this stands for.
IN_NO_FIELD = (
    Literal("5,000 digits", "", "9" * 5_000),
    Literal("an absurd exponent", "", "1e9999999999999999999"),
    Literal("NaN", "", "NaN"),
    Literal("Infinity", "", "-Infinity"),
    Literal("deep lists", "", "[" * DEEP + "]" * DEEP),
    Literal("deep objects", "", '{"a":' * DEEP + "1" + "}" * DEEP),
    Literal("900 lists", "", "[" * 900 + '"\\u0041"' + "]" * 900),
    Literal("a full-width digit", "", "\N{FULLWIDTH DIGIT ONE}"),
)
MOMENTS = (
    "2024-12-28",
    "2024-12-28T10:00:00",
    "2024-12-28 10:00:00Z",
    "10:00:00Z",
    "2024-12-28T24:00:00Z",
    "2024-12-28T10:60:00Z",
    "2016-12-31T23:59:60Z",
    "2024-02-30T10:00:00Z",
    "2024-13-01T10:00:00Z",
    "2024-12-28T10:00:00+24:00",
    "2024-12-28T10:00:00+",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00-23:59",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-23:59",
    "9999-12-31T23:59:59+23:59",
    "10000-01-01T00:00:00Z",
    "-2024-12-28T10:00:00Z",
    "202\N{FULLWIDTH DIGIT FOUR}-12-28T10:00:00Z",
    "1735380000",
    "now",
)
ADDRESSES = ("a@b", "@example.com", "a b@example.com", "a@b@example.com", "a@example.com\nBcc: b@example.com")


@cache
def document() -> Schema:
    """The OpenAPI document of the API."""
    described: Schema = SchemaGenerator().get_schema(request=None, public=True)
    return described


def resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def kinds(schema: Schema) -> set[str]:
    """The JSON types that a schema takes."""
    schema = resolved(schema)
    inner = [kind for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ())) for kind in kinds(part)]
    named = schema.get("type", [])
    return {*inner, *([named] if isinstance(named, str) else named)}


def hostile_to(schema: Schema) -> Iterator[Literal]:
    """The values that a field of this schema has to refuse."""
    schema = resolved(schema)
    taken = kinds(schema)
    if "number" in taken:
        taken.add("integer")
    for literal in (*EVERYWHERE, *_beyond(schema)):
        if literal.kind not in taken or not _fits(schema, literal):
            yield literal


def _beyond(schema: Schema) -> Iterator[Literal]:
    """What lies just outside of the bounds of this one field."""
    for bound, step in (("minimum", -1), ("maximum", 1)):
        if bound in schema:
            edge = int(schema[bound]) + step
            yield Literal(f"beyond the {bound}", "", str(edge))
    if "maximum" in schema:
        yield Literal("beyond 64 bits", "", str(2**64))
    if "maxLength" in schema:
        yield Literal("a letter too long", "", json.dumps("x" * (schema["maxLength"] + 1)))
        yield Literal("smileys, one too many", "", json.dumps("\N{GRINNING FACE}" * (schema["maxLength"] + 1)))
        yield Literal("extremely long", "", json.dumps("x" * 900_000))
    if "maxItems" in schema:
        yield Literal("too many", "", json.dumps([1] * (schema["maxItems"] + 1)))
    if schema.get("format") == "date-time":
        yield from (Literal(text, "", json.dumps(text, ensure_ascii=False)) for text in MOMENTS)
    if schema.get("format") == "email":
        yield from (Literal(text, "", json.dumps(text)) for text in ADDRESSES)
    for choice in schema.get("enum", [])[:1]:
        yield Literal("another case", "", json.dumps(choice.swapcase()))
        yield Literal("a blank behind", "", json.dumps(f"{choice} "))


def _fits(schema: Schema, literal: Literal) -> bool:
    if literal.kind == "string" and "string" in kinds(schema):
        text = literal.value
        if "enum" in schema or schema.get("format") in {"date-time", "email"}:
            return text in schema.get("enum", [])
        return re.search(schema.get("pattern", ""), text) is not None
    if literal.kind == "object":
        return literal.value == {} and "properties" in schema and "required" not in schema
    return True
