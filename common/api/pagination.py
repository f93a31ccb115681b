"""Keyset pages of bare arrays: any page costs what the first one costs.

A cursor is the place of the last row in the chosen order, signed for the list it belongs to. Rows that stayed are
seen exactly once, whatever is inserted or deleted meanwhile.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.signing import BadSignature, Signer
from django.db import connections
from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.fields import NOT_BLANK
from common.api.orderings import Ordering
from common.api.problems import Problem, unknown
from common.api.statements import found_by

_SIZE = re.compile(r"[0-9]{1,4}")
DEFAULT_SIZE = 500
LARGEST_SIZE = 1000
PARAMETERS = frozenset({"page_size", "cursor", "ordering", "count"})


# The values that a place has, beside those that JSON knows, and how they are read again.
_KINDS: dict[str, Callable[[Any], Any]] = {
    "": lambda value: value,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "Decimal": Decimal,
}


def _signer(request: Request, wanted: str) -> Signer:
    return Signer(salt=f"{request.path} {wanted} by kind", sep=".")


def cursor_at(request: Request, wanted: str, *, value: Any, key: int) -> str:
    """The cursor that goes on after the row with this key, whose place in the order is this value."""
    name = type(value).__name__
    kind = name if name in _KINDS else ""
    place = orjson.dumps([kind, value.isoformat() if kind.startswith("date") else value, key], default=str)
    return _signer(request, wanted).sign(base64.urlsafe_b64encode(place).decode())


def refused(name: str, message: str) -> Problem:
    return Problem(400, "invalid_parameter", f"The parameter {name} is not valid.", errors={name: [message]})


def _parts(
    view: Any,
    *,
    columns: tuple[str, ...],
    asked_for: tuple[str, int],
    place: Any = None,
    key: int | None = None,
) -> Iterator[QuerySet[Any, Any]]:
    """What the view lists, from a place on, in as many parts as there are ranges: each as long as a page, and one."""
    wanted, size = asked_for
    rows = view.listed()
    ordering = Ordering.parse(wanted, rows, view.reader, least=view.nulls_are_least)
    parts = ordering.parts(rows) if key is None else ordering.parts_after(rows, place, key)
    for part in parts:
        page = _page(part, ordering, size + 1, view)
        yield page.values_list(*columns, *dict.fromkeys((ordering.name, "pk")))


def _page(part: QuerySet[Any], ordering: Ordering, size: int, view: Any) -> QuerySet[Any]:
    """The first rows of a part; in one statement also where the view wants their keys found first."""
    # MariaDB knows no LIMIT there.
    if view.gathers and connections[part.db].features.allow_sliced_subqueries_with_in:
        return ordering.apply(view.of_keys(ordering.sorted(part)[:size].values("pk")))
    return ordering.apply(part)[:size]


class KeysetPagination(BasePagination):
    """Reads `page_size`, `cursor`, `ordering` and `count`; answers with `Link` and, if asked, `X-Total-Count`."""

    default_size, largest_size = DEFAULT_SIZE, LARGEST_SIZE

    def answer(self, view: Any) -> Response:
        """One page of what the view lists."""
        request, reader = view.request, view.reader
        size = self._size(request.query_params)
        wanted = self._ordering(request.query_params, view)
        asked: dict[str, Any] = {"columns": reader.columns, "asked_for": (wanted, size)}
        if "cursor" in request.query_params:
            asked["place"], asked["key"] = self._place(request, wanted)
        found: list[Sequence[Any]] = []
        for part in found_by(view, _parts, asked):
            found.extend(part)
            if len(found) > size:
                break
        past = len(reader.columns)
        headers = {"Link": self._links(request, wanted, found[size - 1][past:] if len(found) > size else None)}
        if self._wants_count(request.query_params):
            headers["X-Total-Count"] = str(view.listed().order_by().count())
        return Response([reader.whole(values) for values in found[:size]], headers=headers)

    def _size(self, parameters: QueryDict) -> int:
        text = parameters.get("page_size", str(self.default_size))
        size = int(text) if _SIZE.fullmatch(text) else 0
        if not 1 <= size <= self.largest_size:
            raise refused("page_size", f"Send a whole number from 1 to {self.largest_size}.")
        return size

    def _ordering(self, parameters: QueryDict, view: Any) -> str:
        wanted: str = parameters.get("ordering", view.ordering)
        if wanted.removeprefix("-") not in view.ordering_fields:
            raise refused("ordering", unknown(wanted.removeprefix("-"), view.ordering_fields, what="field"))
        return wanted

    def _wants_count(self, parameters: QueryDict) -> bool:
        if parameters.get("count", "exact") != "exact":
            raise refused("count", "Send exact, or leave it out.")
        return "count" in parameters

    def _place(self, request: Request, wanted: str) -> tuple[Any, int]:
        try:
            place = _signer(request, wanted).unsign(request.query_params["cursor"])
        except BadSignature:
            raise refused("cursor", "Follow the links of an answer, with the parameters they have.") from None
        kind, value, key = orjson.loads(base64.urlsafe_b64decode(place))
        return _KINDS[kind](value), key

    def _links(self, request: Request, wanted: str, last: Sequence[Any] | None) -> str:
        path = request.build_absolute_uri(request.path)
        asked = [(name, str(value)) for name, value in request.query_params.items() if name != "cursor"]
        links = [_link(path, asked, "first")]
        if last is not None:
            cursor = cursor_at(request, wanted, value=last[0], key=last[-1])
            links.insert(0, _link(path, [*asked, ("cursor", cursor)], "next"))
        return ", ".join(links)

    # --- what the schema says -----------------------------------------------------------------
    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        orderings = [sign + name for name in sorted(view.ordering_fields) for sign in ("", "-")]
        return [
            self._size_parameter(),
            _parameter(
                "cursor", "The place to go on from: follow the `Link` header.", {"type": "string", "pattern": NOT_BLANK}
            ),
            _parameter(
                "ordering",
                "The field to order by, `-` for descending; ties are broken by id, nulls come last.",
                {"type": "string", "enum": orderings, "default": view.ordering},
            ),
            _COUNT,
        ]

    def _size_parameter(self) -> dict[str, Any]:
        bounds = {"minimum": 1, "maximum": self.largest_size, "default": self.default_size}
        return _parameter("page_size", "How many rows a page holds.", {"type": "integer", **bounds})


class BestFirst(KeysetPagination):
    """The first rows of a ranking. Who wants more asks for a larger page: what was done meanwhile ranks anew."""

    default_size, largest_size = 20, 100
    parameters = frozenset({"page_size", "count"})

    def best(self, ranking: Sequence[Any], request: Request) -> tuple[Sequence[Any], dict[str, str]]:
        """As many as are asked for, and the headers of the answer."""
        headers = {"Link": self._links(request, "", None)}
        if self._wants_count(request.query_params):
            headers["X-Total-Count"] = str(len(ranking))
        return ranking[: self._size(request.query_params)], headers

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [self._size_parameter(), _COUNT]


def _link(path: str, asked: Sequence[tuple[str, str]], relation: str) -> str:
    query = f"?{urlencode(asked)}" if asked else ""
    return f'<{path}{query}>; rel="{relation}"'


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


_COUNT = _parameter("count", "Send `exact` to get `X-Total-Count`.", {"type": "string", "enum": ["exact"]})
