"""Whole bodies that are none: broken JSON, other types, other charsets, and too much of everything."""

from __future__ import annotations

import json

from tests.hostile.conftest import JSON, Attacker
from tests.hostile.literals import IN_NO_FIELD
from tests.hostile.test_fields import WITH_BODY
from tests.routes import endpoints

LIMIT = 1_000_000
NO_BODY = {
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a text": b'"x"',
    "a list": b"[]",
    "a list of objects": b"[{}]",
    "half an object": b'{"name": 1',
    "a comma too many": b'{"name": 1,}',
    "single quotes": b"{'name': 1}",
    "a comment": b"/* */ {}",
    "two objects": b"{} {}",
    "blanks": b"   ",
    "a form": b"name=x&city=y",
    "XML": b"<name>x</name>",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "UTF-32": "{}".encode("utf-32"),
    "Latin-1": b'{"name": "\xe9"}',
    "a surrogate in UTF-8": b'{"name": "\xed\xa0\x80"}',
    "an overlong letter": b'{"name": "\xc0\xaf"}',
    "a NUL": b"\x00",
    "a NUL in a text": b'{"name": "a\x00b"}',
    "a line in a text": b'{"name": "a\nb"}',
    "an unknown escape": b'{"name": "\\x41"}',
    **{f"{literal.name} alone": literal.raw.encode() for literal in IN_NO_FIELD},
    **{f"{literal.name} in a field": b'{"name": %s}' % literal.raw.encode() for literal in IN_NO_FIELD},
}
OTHER_TYPES = (
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/jsonx",
    "application/merge-patch+json",
    "application/octet-stream",
    "nonsense",
)
CHARSETS = ("utf-16", "utf-7", "hex", "zlib", "base64", "rot13", "idna", "punycode", "undefined", "unicode_escape", "x")


def test_it_refuses_what_is_no_object(attacker: Attacker) -> None:
    for operation in WITH_BODY:
        path = attacker.path_of(operation)
        for name, raw in NO_BODY.items():
            attacker.refused(attacker.send(operation.method, path, raw), 400, said=f"{operation} {name}")


def test_it_refuses_every_type_but_json(attacker: Attacker) -> None:
    for operation in WITH_BODY:
        path, raw = attacker.path_of(operation), json.dumps(attacker.body_of(operation)).encode()
        for content_type in OTHER_TYPES:
            answer = attacker.send(operation.method, path, raw, content_type=content_type)
            attacker.refused(answer, 415, said=f"{operation} {content_type}")


def test_it_reads_utf_8_whatever_the_type_says(attacker: Attacker) -> None:
    for operation in WITH_BODY:
        path = attacker.path_of(operation)
        for charset in CHARSETS:
            content_type = f"{JSON}; charset={charset}"
            answer = attacker.send(operation.method, f"{path}?surprise=%C3%A9%41", b"{}", content_type=content_type)
            attacker.refused(answer, 400, field="surprise", said=f"{operation} {charset}")
        answer = attacker.send(operation.method, path, "{}".encode("utf-16"), content_type=f"{JSON}; charset=utf-16")
        attacker.refused(answer, 400, said=f"{operation} in UTF-16")


def test_it_refuses_more_than_a_megabyte(attacker: Attacker) -> None:
    for operation in WITH_BODY:
        path = attacker.path_of(operation)
        for raw in (b'{"name": "%s"}' % (b"x" * LIMIT), b" " * (LIMIT + 1), b"[" * (3 * LIMIT)):
            attacker.refused(attacker.send(operation.method, path, raw), 413, said=str(operation))


def test_it_takes_no_body_where_it_needs_none(attacker: Attacker) -> None:
    for operation in endpoints():
        # A mail program unsubscribes with a form of its own (RFC 8058); whatever it sends, nobody reads it.
        one_click = operation.path.startswith("/notifications/unsubscribe/")
        if operation.method == "POST" and operation not in WITH_BODY and not one_click:
            path = attacker.path_of(operation)
            answer = attacker.send("POST", path, b'{"surprise": 1}')
            attacker.refused(answer, 400, field="surprise", said=str(operation))
            for name, raw in NO_BODY.items():
                attacker.refused(attacker.send("POST", path, raw), 400, said=f"{operation} {name}")
            attacker.refused(attacker.send("POST", path, b"x", content_type="text/plain"), 415, said=str(operation))


def test_it_sends_hundreds() -> None:
    assert len(WITH_BODY) * (len(NO_BODY) + len(OTHER_TYPES) + len(CHARSETS) + 4) >= 1_000
