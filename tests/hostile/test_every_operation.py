"""What every operation is sent, whatever it takes: one without an attack here fails."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction

from tests.hostile.conftest import Attacker
from tests.hostile.literals import DEEP, EVERYWHERE
from tests.hostile.test_fields import WITH_BODY, fields_of
from tests.routes import Operation, endpoints

# A body where none is read: it changes nothing of the answer.
UNREAD: dict[str, tuple[bytes, str]] = {
    "deep lists": (b"[" * DEEP, "application/json"),
    "a NUL": (b"\0", "application/json"),
    "no UTF-8": (b'{"x": "\xff"}', "application/json"),
    "half a pair": (b'{"x": "\\ud800"}', "application/json"),
    "a name twice": (b'{"x": 1, "x": 2}', "application/json"),
    "too much": (b" " * 1_000_001, "application/json"),
    "a form": (b"x=1&_method=DELETE", "application/x-www-form-urlencoded"),
    "parts": (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
    "no such type": (b"x", "\xff/\0"),
}
# The last name is one that nobody declared, so that nothing is done even where the rest is let pass.
QUERIES = (
    "surprise=" + "x" * 100_000,
    "surprise=1&surprise=2",
    "&&&surprise=1",
    "=1&surprise=1",
    "surprise",
    "surprise=%FF%FE",
    "surprise=%00",
    "surprise=%ED%A0%80",
    "surprise=" + quote("\N{FULLWIDTH DIGIT ONE}"),
    "surprise=%",
    "surprise=%u0041",
    "surprise[a][b][c]=1",
    "surprise=" + ",".join("1" * 10_000),
    "surprise=" + "(" * 10_000,
    "\xff\xfe=1&surprise=1",
    "&".join(f"p{number}=1" for number in range(900)),
)
# No field of any type takes these.
NEVER = [literal for literal in EVERYWHERE if not literal.kind and literal.name != "less than nothing"]
LEVELS = 18  # with the body and its field as deep as a body may be
DEEP_INSIDE = ("[" * LEVELS + "1" + "]" * LEVELS, '{"a":' * LEVELS + "1" + "}" * LEVELS, '[{"a":' * 9 + "1" + "}]" * 9)
BODILESS = [one for one in endpoints() if one.method == "POST" and one not in WITH_BODY]
UNREADING = [one for one in endpoints() if one.method in {"GET", "DELETE"}]

pytestmark = pytest.mark.timeout(600)  # thousands of requests, on a machine that may be busy


def test_it_reads_no_body_of_what_takes_none(attacker: Attacker) -> None:
    for operation in UNREADING:
        path, before = attacker.path_of(operation), None
        for name, (raw, content_type) in {"none": (b"", "application/json"), **UNREAD}.items():
            point = transaction.savepoint()
            answer = attacker.send(operation.method, path, raw, content_type=content_type)
            transaction.savepoint_rollback(point)
            before = before or answer.status_code
            assert answer.status_code == before < 500, f"{operation} {name}"


def test_it_names_what_is_wrong_with_a_query(attacker: Attacker) -> None:
    for operation in endpoints():
        path = attacker.path_of(operation)
        for query in QUERIES:
            answer = attacker.send(operation.method, f"{path}?{query}", b"{}")
            attacker.refused(answer, 400, said=f"{operation} {query[:40]}")
            assert answer.json()["errors"], f"{operation} {query[:40]}"
            assert len(answer.content) < 10_000, f"{operation} {query[:40]}"


def wrong_everywhere(operation: Operation, raw: str) -> bytes:
    names = [name for name in fields_of(operation) if "." not in name]
    return ("{" + ", ".join(f"{json.dumps(name)}: {raw}" for name in names) + "}").encode()


def test_it_refuses_wrong_types_everywhere(attacker: Attacker) -> None:
    values = {one.name: one.raw for one in NEVER} | {f"{raw[:5]} deep inside": raw for raw in DEEP_INSIDE}
    for operation in WITH_BODY:
        path, fields = attacker.path_of(operation), fields_of(operation)
        for name, raw in values.items():
            answer = attacker.send(operation.method, path, wrong_everywhere(operation, raw))
            attacker.refused(answer, 400, said=f"{operation} {name}")
            named = {field.partition(".")[0] for field in answer.json()["errors"]}
            assert named, f"{operation} {name}"
            assert named <= {*fields, "body"}, f"{operation} {name}"


def test_it_refuses_a_name_that_is_there_twice(attacker: Attacker) -> None:
    for operation in WITH_BODY:
        path, body = attacker.path_of(operation), attacker.body_of(operation)
        name = next(iter(body), None) or next(iter(fields_of(operation)))
        value = json.dumps(body.get(name), default=float)
        others = json.dumps(body, default=float).removeprefix("{").removesuffix("}")
        for again in (value, "null", "1"):
            pairs = [others, f"{json.dumps(name)}: {value}", f"{json.dumps(name)}: {again}"]
            raw = f"{{{', '.join(filter(None, pairs))}}}"
            answer = attacker.send(operation.method, path, raw.encode())
            attacker.refused(answer, 400, field=name, said=f"{operation} {raw[:80]}")
    answer = attacker.send("POST", "/lead/restaurants/", b'{"opening_hours": {"mon": [], "tue": [], "mon": []}}')
    attacker.refused(answer, 400, field="opening_hours.mon")


def test_it_has_an_attack_for_every_operation() -> None:
    covered: list[Any] = [*WITH_BODY, *BODILESS, *UNREADING]
    assert sorted(map(str, covered)) == sorted(map(str, endpoints())), "A body that OpenAPI does not describe."
    assert len(endpoints()) * len(QUERIES) + len(UNREADING) * len(UNREAD) + len(WITH_BODY) * len(NEVER) >= 3_000
