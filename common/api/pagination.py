"""Keyset pages of bare arrays: any page costs what the first one costs.

A cursor is the place of the last row in the chosen order, signed for the list it belongs to. Rows that stayed are
seen exactly once, whatever is inserted or deleted meanwhile.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import FieldDoesNotExist
from django.core.signing import BadSignature, Signer
from django.db import connections
from django.db.models import BigIntegerField, BooleanField, Expression, F, Field, QuerySet, Value
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce
from django.db.models.lookups import FieldGetDbPrepValueMixin
from django.db.models.sql.where import AND
from django.http import QueryDict
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.fields import NOT_BLANK
from common.api.problems import Problem, unknown
from common.api.rows import Reader, Record

_SIZE = re.compile(r"[0-9]{1,4}")
DEFAULT_SIZE = 500
LARGEST_SIZE = 1000
PARAMETERS = frozenset({"page_size", "cursor", "ordering", "count"})


def _signer(request: Request, wanted: str) -> Signer:
    return Signer(salt=f"{request.path} {wanted}", sep=".")


def refused(name: str, message: str) -> Problem:
    return Problem(400, "invalid_parameter", f"The parameter {name} is not valid.", errors={name: [message]})


class Beyond(Expression):
    """The row comparison `(field, key) > (value, key)`, which an index on both answers in order."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, left: Sequence[Any], right: Sequence[Any], *, descending: bool) -> None:
        super().__init__()
        self.parts = [*left, *right]
        self.descending = descending

    def get_source_expressions(self) -> list[Any]:
        return self.parts

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.parts = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        compiled = [compiler.compile(part) for part in self.parts]
        sql = [text for text, _ in compiled]
        operator = "<" if self.descending else ">"
        params = tuple(param for _, params in compiled for param in params)
        return f"({sql[0]}, {sql[1]}) {operator} ({sql[2]}, {sql[3]})", params


@dataclass(frozen=True)
class Ordering:
    """One field, up or down; ties are broken by the key, nulls come last, or first where they are the `least`."""

    name: str
    descending: bool
    field: Field[Any, Any]
    nullable: bool
    # Whether nulls are shown as nothing, 0, and come where it does; they are a part of their own in both directions.
    least: bool = False

    @classmethod
    def parse(cls, text: str, rows: QuerySet[Any], reader: Reader, *, least: frozenset[str] = frozenset()) -> Ordering:
        shown = text.removeprefix("-")
        name = dict(zip(reader.names, reader.paths, strict=False)).get(shown, shown)
        try:
            field = rows.model._meta.get_field(name)
            nullable = field.null and not _is_compared(rows, field)
        except FieldDoesNotExist:
            field, nullable = rows.query.annotations[name].output_field, name in least
        if field.primary_key:
            name = "pk"
        return cls(name, text.startswith("-"), field, nullable, name in least)

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        key = "-pk" if self.descending else "pk"
        if self.name == "pk":
            return rows.order_by(key)
        column = F(self.name)
        # The nulls that a descending order puts last are a part of their own, so it need not say where they go.
        nulls = {"nulls_last": True} if self.nullable and not self.descending and not self.least else {}
        return rows.order_by(column.asc(**nulls) if not self.descending else column.desc(), key)

    def sorted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The same order of rows that are to be found first, and sorted then.

        PostgreSQL would rather walk through everybody's by an index on the order, until it has met enough of them:
        few among many are met late. No index has this expression.
        """
        if self.name == "pk" or self.nullable:
            return self.apply(rows)
        column = Coalesce(self.name, self.name)
        return rows.order_by(column.desc() if self.descending else column.asc(), "-pk" if self.descending else "pk")

    def parts(self, rows: QuerySet[Any]) -> list[QuerySet[Any]]:
        """All rows. In a descending order, where an index has the nulls first, the values come before the nulls."""
        if not self.nullable or not (self.descending or self.least):
            return [rows]
        parts = [rows.filter(**{f"{self.name}__isnull": is_null}) for is_null in (False, True)]
        return parts if self.descending else parts[::-1]

    def parts_after(self, rows: QuerySet[Any], value: Any, key: int) -> list[QuerySet[Any]]:
        """What comes after a place, in one part or, where nulls follow values, in two: each is one index range."""
        beyond_key = {"pk__lt" if self.descending else "pk__gt": key}
        if self.name == "pk":
            return [rows.filter(**beyond_key)]
        nulls_first = self.least and not self.descending
        if value is None:
            nulls = rows.filter(**{f"{self.name}__isnull": True}, **beyond_key)
            return [nulls, rows.filter(**{f"{self.name}__isnull": False})] if nulls_first else [nulls]
        place = (Value(value, output_field=self.field), Value(key, output_field=BigIntegerField()))
        beyond = rows.filter(Beyond((F(self.name), F("pk")), place, descending=self.descending))
        # MariaDB finds no range in a row comparison; this says the same less exactly.
        beyond = beyond.filter(**{f"{self.name}__{'lte' if self.descending else 'gte'}": value})
        if not self.nullable or nulls_first:
            return [beyond]
        return [beyond, rows.filter(**{f"{self.name}__isnull": True})]


def _is_compared(rows: QuerySet[Any], field: Field[Any, Any]) -> bool:
    """Whether a filter compares the rows' own column with a value: then it is not null in any of them."""
    where = rows.query.where
    if where.connector != AND or where.negated:
        return False
    conditions: list[Any] = [one for one in where.children if isinstance(one, FieldGetDbPrepValueMixin)]
    compared = [one.lhs for one in conditions if isinstance(one.lhs, Col)]
    return any(column.target is field and column.alias == rows.query.base_table for column in compared)


class KeysetPagination(BasePagination):
    """Reads `page_size`, `cursor`, `ordering` and `count`; answers with `Link` and, if asked, `X-Total-Count`."""

    default_size, largest_size = DEFAULT_SIZE, LARGEST_SIZE

    def answer(self, rows: QuerySet[Any], request: Request, view: Any, reader: Reader) -> Response:
        parameters = request.query_params
        size = self._size(parameters)
        wanted = self._ordering(parameters, view)
        ordering = Ordering.parse(wanted, rows, reader, least=view.nulls_are_least)
        if "cursor" in parameters:
            parts = ordering.parts_after(rows, *self._place(request, wanted, ordering))
        else:
            parts = ordering.parts(rows)
        found: list[tuple[Record, Sequence[Any]]] = []
        for part in parts:
            if len(found) <= size:
                page = self._page(part, ordering, size + 1 - len(found), view)
                found.extend(reader.read(page, *dict.fromkeys((ordering.name, "pk"))))
        headers = {"Link": self._links(request, wanted, found[size - 1][1] if len(found) > size else None)}
        if self._wants_count(parameters):
            headers["X-Total-Count"] = str(rows.order_by().count())
        return Response([record for record, _ in found[:size]], headers=headers)

    def _page(self, part: QuerySet[Any], ordering: Ordering, size: int, view: Any) -> QuerySet[Any]:
        """The first rows of a part; in one statement also where the view wants their keys found first."""
        # MariaDB knows no LIMIT there.
        if view.gathers and connections[part.db].features.allow_sliced_subqueries_with_in:
            return ordering.apply(view.of_keys(ordering.sorted(part)[:size].values("pk")))
        return ordering.apply(part)[:size]

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

    def _place(self, request: Request, wanted: str, ordering: Ordering) -> tuple[Any, int]:
        try:
            place = _signer(request, wanted).unsign(request.query_params["cursor"])
        except BadSignature:
            raise refused("cursor", "Follow the links of an answer, with the parameters they have.") from None
        value, key = orjson.loads(base64.urlsafe_b64decode(place))
        return ordering.field.to_python(value), key

    def _links(self, request: Request, wanted: str, last: Sequence[Any] | None) -> str:
        links = []
        if last is not None:
            place = orjson.dumps([last[0], last[-1]], default=str, option=orjson.OPT_UTC_Z)
            cursor = _signer(request, wanted).sign(base64.urlsafe_b64encode(place).decode())
            links.append(self._link(request, cursor, "next"))
        links.append(self._link(request, None, "first"))
        return ", ".join(links)

    def _link(self, request: Request, cursor: str | None, relation: str) -> str:
        parameters = request.query_params.copy()
        parameters.pop("cursor", None)
        if cursor:
            parameters["cursor"] = cursor
        query = f"?{parameters.urlencode()}" if parameters else ""
        return f'<{request.build_absolute_uri(request.path)}{query}>; rel="{relation}"'

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


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


_COUNT = _parameter("count", "Send `exact` to get `X-Total-Count`.", {"type": "string", "enum": ["exact"]})
