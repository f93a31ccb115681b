"""Query parameters: every declared one with every value it does not take, and those that nobody declared."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.hostile.conftest import Attacker
from tests.hostile.literals import MOMENTS, document, kinds, resolved
from tests.routes import Operation, endpoints

NO_ID = (
    "0",
    "-1",
    "1.5",
    "1.0",
    "true",
    "x",
    "\N{FULLWIDTH DIGIT ONE}",
    "1e3",
    "0x1",
    "+1",
    " 1",
    "1,2",
    "[1]",
    "9" * 19,
    "9" * 60,
    "None",
)
NO_AMOUNT = (
    "-1",
    "1.005",
    "1e5",
    "1E5",
    "NaN",
    "Infinity",
    "\N{FULLWIDTH DIGIT ONE}",
    "1,5",
    "x",
    ".5",
    "5.",
    "+5",
    "1_000",
    "9" * 60,
)
NO_FLAG = ("1", "0", "True", "FALSE", "yes", "on", "null", "x")
UNKNOWN = (
    "surprise",
    "format",
    "fields",
    "expand",
    "limit",
    "offset",
    "page",
    "_method",
    "password",
    "assigned_to__role",
    "lead__assigned_to",
    "restaurant__name__startswith",
    "status[]",
    "id__in",
    "\N{FULLWIDTH LATIN SMALL LETTER S}earch",
    "\0",
    "x" * 2_000,
)


def part_of(operation: Operation) -> str:
    return operation.path.split("/")[1]


def endpoints_of(part: str) -> list[Operation]:
    return [operation for operation in endpoints() if part_of(operation) == part]


def declared(operation: Operation) -> dict[str, dict[str, Any]]:
    """Its parameters, each with its schema."""
    described = document()["paths"].get(operation.path.replace("{pk}", "{id}"), {}).get(operation.method.lower(), {})
    return {one["name"]: one["schema"] for one in described.get("parameters", ()) if one.get("in") == "query"}


def hostile_to(name: str, schema: dict[str, Any]) -> list[str]:
    """The texts that a parameter of this schema has to refuse; nothing and blanks are none for any."""
    taken, schema = kinds(schema), resolved(schema)
    found = ["", " ", "\u2003"]
    if schema.get("format") == "date-time":
        return [*found, *MOMENTS]
    if choices := schema.get("enum") or resolved(schema.get("items", {})).get("enum"):
        first = str(choices[0])
        return [*found, "x", f"{first}x", f"{first},", f",{first}", f"{first} ", "\0", "id,name", "--id", "?", "-"]
    if "integer" in taken:
        return [*found, *NO_ID, *(str(schema["maximum"] + 1) for _ in range("maximum" in schema))]
    if "number" in taken:
        return [*found, *NO_AMOUNT]
    if "boolean" in taken:
        return [*found, *NO_FLAG]
    broken = ["x", "é", "....", "W10=", "bnVsbA==", "WzEsMV0=", "x" * 5_000] if name == "cursor" else []
    return [*found, "\0", "a\0b", *broken, "x" * (schema.get("maxLength", 5_000) + 1)]


# Each part of the service by itself: hundreds of requests in one test would be long on a busy machine.
each_part = pytest.mark.parametrize("part", sorted({part_of(operation) for operation in endpoints()}))


@each_part
def test_it_refuses_what_a_parameter_does_not_take(attacker: Attacker, part: str) -> None:
    for operation in endpoints_of(part):
        path = attacker.path_of(operation)
        for name, schema in declared(operation).items():
            for text in hostile_to(name, schema):
                answer = attacker.send(operation.method, f"{path}?{name}={quote(text)}")
                attacker.refused(answer, 400, field=name, said=f"{operation} {name}={text[:40]!r}")
            answer = attacker.send(operation.method, f"{path}?{name}=1&{name}=1")
            attacker.refused(answer, 400, field=name, said=f"{operation} {name} twice")


@each_part
def test_it_names_a_parameter_that_nobody_declared(attacker: Attacker, part: str) -> None:
    for operation in endpoints_of(part):
        path = attacker.path_of(operation)
        for name in sorted(set(UNKNOWN) - declared(operation).keys()):
            answer = attacker.send(operation.method, f"{path}?{quote(name)}=1")
            attacker.refused(answer, 400, field=name, said=f"{operation} {name[:40]}")


@pytest.mark.parametrize("path", ["/lead/restaurants/", "/kam/people/"])
def test_it_refuses_a_thousand_parameters(attacker: Attacker, path: str) -> None:
    attacker.refused(attacker.send("GET", path + "?" + "&".join(f"p{number}=1" for number in range(1_500))), 400)


def test_it_sends_hundreds() -> None:
    values = sum(len(hostile_to(*one)) for operation in endpoints() for one in declared(operation).items())
    assert values + len(endpoints()) * (len(UNKNOWN) - 1) >= 1_500
