"""Log lines that people and programs can read: one line each, with the request it belongs to, and without secrets."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from contextvars import ContextVar
from functools import cache
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import LazyObject, empty
from structlog.stdlib import ProcessorFormatter

Line = MutableMapping[str, Any]

# What this thread answers at the moment.
request_at_hand: ContextVar[HttpRequest | None] = ContextVar("request_at_hand", default=None)

LONGEST_PATH = 500
# What is said by a line beside its words.
EXTRA = ("status", "ms")
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?|(?<=Bearer )\S+|(?<=Api-Key )\S+|kam_\w{8}_[\w-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def formatter(shape: str) -> logging.Formatter:
    """JSON for programs, or the console for people; every line goes through here, whoever wrote it."""
    says: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(allow=EXTRA),
        about_the_request,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    shown: list[Any] = [
        ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    if shape == "json":
        shown += [structlog.processors.JSONRenderer(_json)]
    else:
        plain = structlog.dev.plain_traceback
        shown += [on_one_line, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    return ProcessorFormatter(foreign_pre_chain=says, processors=shown)


class Crashes(logging.Filter):
    """Lets a trace through: a refusal without one stands in the line of its request already."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is not None


def about_the_request(_: Any, __: str, line: Line) -> Line:
    """Which request it was, and whose: for each line that is written on the way to an answer."""
    request = request_at_hand.get()
    if request is not None:
        line["request_id"] = request.META["REQUEST_ID"]
        line["person"] = person_of(request)
        line["method"] = request.method
        line["path"] = request.path[:LONGEST_PATH]
    return line


def person_of(request: HttpRequest) -> int | None:
    """The key of who asks, as far as that is known already: nothing is read for a line of a log."""
    user = request.__dict__.get("user")
    if isinstance(user, LazyObject) and user.__dict__.get("_wrapped", empty) is empty:
        return None
    key: int | None = getattr(user, "pk", None)
    return key


def without_secrets(_: Any, __: str, line: Line) -> Line:
    """Without what would let a reader of the log in: tokens, and the paths that are secrets themselves."""
    for name in ("event", "path", "exception"):
        if text := line.get(name):
            line[name] = plain(str(text))
    return line


def plain(text: str) -> str:
    """The text without tokens and secret ends of paths."""
    return _TOKEN.sub("…", _secret_paths().sub(r"\1…", text))


@cache
def _secret_paths() -> re.Pattern[str]:
    return re.compile(rf"({'|'.join(map(re.escape, settings.SECRET_PATHS))})[^/\s?\"']+")


def on_one_line(_: Any, __: str, line: Line) -> Line:
    """Control characters as they are written in code: what somebody sends begins no line, and moves no cursor."""
    for name, value in line.items():
        if isinstance(value, str):
            # A trace has lines of its own, and stands further in than what begins a line.
            if name == "exception":
                line[name] = _CONTROL_BUT_LINES.sub(_escaped, value).replace("\n", "\n    ")
            else:
                line[name] = _CONTROL.sub(_escaped, value)
    return line


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _json(line: Line, **_: Any) -> str:
    try:
        return orjson.dumps(line, default=str).decode()
    except orjson.JSONEncodeError:  # half of a surrogate pair, in the path of a hostile request
        return orjson.dumps({name: ascii(value) for name, value in line.items()}).decode()
