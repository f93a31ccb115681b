"""Every operation of the API, read from the URLs themselves: what a table of tests has to have a row for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

# What staff and browsers use; the pages have tests of their own.
NOT_THE_API = ("/admin/",)
PAGES = ("/api/docs/", "/api/redoc/")
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, order=True)
class Operation:
    path: str  # with `{pk}` where a key stands
    method: str
    view: Any = field(compare=False, repr=False)
    action: str = field(compare=False, repr=False)  # of a viewset; else the method

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def operations() -> tuple[Operation, ...]:
    """Each path with each method that is offered there; HEAD goes with GET."""
    found = {
        Operation(path, method.upper(), _view(pattern.callback), action)
        for path, pattern in _patterns(get_resolver().url_patterns, "/")
        if not path.startswith(NOT_THE_API)
        for method, action in _offered(pattern.callback).items()
    }
    return tuple(sorted(found))


def endpoints() -> tuple[Operation, ...]:
    """The operations that speak JSON."""
    return tuple(operation for operation in operations() if operation.path not in PAGES)


def _patterns(entries: list[Any], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in entries:
        path = prefix + _readable(str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, path)
        else:
            yield path, entry


def _readable(pattern: str) -> str:
    """`^restaurants/(?P<pk>[0-9]{1,18})/$` as `restaurants/{pk}/`."""
    keys = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda key: f"{{{key[1] or key[2]}}}", pattern)
    return keys.removeprefix("^").removesuffix("$").removesuffix(r"\Z")


def _offered(callback: Any) -> dict[str, str]:
    """The methods of a view, and which action of it each is."""
    actions: dict[str, str] | None = getattr(callback, "actions", None)
    if actions is None:
        actions = {method: method for method in METHODS if hasattr(_view(callback), method)}
    return {method: action for method, action in actions.items() if method in METHODS}


def _view(callback: Any) -> Any:
    return getattr(callback, "cls", None) or getattr(callback, "view_class", APIView)
