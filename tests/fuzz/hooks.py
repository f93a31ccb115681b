"""Where schemathesis meets the lessons. What is meant to be refused is sent as it was made up."""

from __future__ import annotations

import atexit
import json
import os
import uuid
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

import schemathesis  # noqa: E402 - the lessons need the settings first
from schemathesis.core.parameters import ParameterLocation as Part  # noqa: E402

from tests.fuzz.lessons import BODIES, as_written  # noqa: E402
from tests.fuzz.rows import admin, guest, keys_of, one_of, own_session, rows_at, tokens_of  # noqa: E402

FEW = 10
LONGEST = 101  # characters; one more than a filter takes
calls: Counter[str] = Counter()


@schemathesis.auth(refresh_interval=600)
class LogIn:
    """An admin's token, not by way of the front door: made-up log-ins may have closed it."""

    def get(self, case: Any, context: Any) -> str:
        return tokens_of(admin())["access"]

    def set(self, case: Any, data: str, context: Any) -> None:
        # They end every login, but not the one that the run goes on with.
        own = case.operation.path in {"/kam/me/password/", "/kam/me/log-out-everywhere/"}
        case.headers["Authorization"] = f"Bearer {tokens_of(guest())['access'] if own else data}"


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    if case.meta is None:
        return
    path, invalid = case.operation.path, case.meta.is_negative_at
    rows = None if invalid(Part.PATH) else rows_at(path)
    if rows is not None:
        # What is deleted is something new, so that the demo stays.
        known = keys_of(rows)[: FEW if case.method == "DELETE" else None]
        case.path_parameters["id"] = one_of(known, case.path_parameters["id"])
    if "session" in case.path_parameters and not invalid(Part.PATH):
        case.path_parameters["session"] = own_session()
    if not invalid(Part.QUERY):
        # A cursor is signed: only one that an answer gave is taken.
        case.query.pop("cursor", None)
        spans_a_month(case.query)
    # The web server refuses a URL of more than 8 KB, before the API sees it.
    case.query.update({name: value[:LONGEST] for name, value in case.query.items() if isinstance(value, str)})
    if not invalid(Part.HEADER):
        send_what_holds(case.headers)
    if isinstance(case.body, dict) and not invalid(Part.BODY):
        body = as_written(case.body)
        if path in BODIES:
            BODIES[path](body, rows.filter(pk=case.path_parameters["id"]).first() if rows is not None else None)
        case.body = body


def spans_a_month(query: Any) -> None:
    """A report is about a year at most, from one day to a later one."""
    if query.get("from"):
        query["to"] = str(date.fromisoformat(query["from"]) + timedelta(days=30))
    elif query.get("to"):
        query["from"] = str(date.fromisoformat(query["to"]) - timedelta(days=30))


def send_what_holds(headers: Any) -> None:
    """An ETag is of a row as it is now, and a key is of one request."""
    if "If-Match" in headers:
        headers["If-Match"] = "*"
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = str(uuid.uuid4())


@schemathesis.hook
def after_call(_context: Any, case: Any, _response: Any) -> None:
    calls[case.operation.label] += 1


@atexit.register
def say_what_was_tested() -> None:
    Path(os.environ["FUZZ_CALLS"]).write_text(json.dumps(calls))
