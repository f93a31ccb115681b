"""The read path: rows of values from the database straight to the renderer.

A serializer is compiled once into columns: which value paths to select, under which name each is shown, and how
its values are converted. Schema and answers come from the same fields, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.relations import PrimaryKeyRelatedField

from common.api.fields import FromRow, RelatedIds
from common.models import fetched

Record = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    """Reads records of one serializer's shape."""

    names: tuple[str, ...]
    paths: tuple[str, ...]
    converters: tuple[tuple[str, FromRow], ...]
    nested: tuple[tuple[str, Reader], ...]
    # What no column holds: its names, and how it is made of the values of these paths.
    computed: tuple[str, ...] = field(default=(), kw_only=True)
    beside: tuple[str, ...] = field(default=(), kw_only=True)
    compute: Callable[[Sequence[Any]], Record] | None = field(default=None, kw_only=True)

    def computing(self, paths: tuple[str, ...], compute: Callable[[Sequence[Any]], Record]) -> Reader:
        """The same, and with what is made of other columns; its fields are marked as `computed`."""
        return replace(self, beside=paths, compute=compute)

    def read(self, rows: QuerySet[Any], *also: str) -> Iterator[tuple[Record, Sequence[Any]]]:
        """Each row's record, and the values of the paths in `also` beside it."""
        past = len(self.columns)
        for values in fetched(rows.values_list(*self.columns, *also)):
            yield self.whole(values), values[past:]

    @property
    def columns(self) -> tuple[str, ...]:
        """The paths of all that a record is made of."""
        return (*self.paths, *self.beside)

    def whole(self, values: Sequence[Any]) -> Record:
        """The record that the values of the columns make."""
        record = self.record(values)
        if self.compute is not None:
            width = len(self.paths)
            record |= self.compute(values[width : width + len(self.beside)])
        return record

    def one(self, rows: QuerySet[Any]) -> Record | None:
        """The record of the only row, or None."""
        return next((record for record, _ in self.read(rows)), None)

    def record(self, values: Sequence[Any]) -> Record:
        record = dict(zip(self.names, values, strict=False))
        for name, convert in self.converters:
            record[name] = convert(record[name])
        if self.nested:
            rest = iter(values[len(self.names) :])
            for name, reader in self.nested:
                part = tuple(islice(rest, len(reader.paths)))
                # A one-to-one row that is not there comes as nothing but nulls.
                record[name] = None if all(value is None for value in part) else reader.record(part)
        return record


@cache
def reader_for(serializer_class: type[serializers.BaseSerializer[Any]]) -> Reader:
    """The reader that a serializer's readable fields declare."""
    return _compile(serializer_class(), prefix="")


def _compile(serializer: Any, *, prefix: str) -> Reader:
    names: list[str] = []
    paths: list[str] = []
    converters: list[tuple[str, Callable[[Any], Any]]] = []
    nested: list[tuple[str, Reader]] = []
    computed: list[str] = []
    for name, shown in serializer.fields.items():
        if shown.write_only:
            continue
        if getattr(shown, "computed", False):
            computed.append(name)
            continue
        path = prefix + shown.source.replace(".", "__")
        if isinstance(shown, serializers.BaseSerializer):
            nested.append((name, _compile(shown, prefix=f"{path}__")))
            continue
        if isinstance(shown, PrimaryKeyRelatedField):
            path += "_id"
        elif isinstance(shown, RelatedIds):
            path = prefix + shown.column
        names.append(name)
        paths.append(path)
        if convert := getattr(shown, "from_row", None):
            converters.append((name, convert))
    for _, reader in nested:
        paths.extend(reader.paths)
    return Reader(tuple(names), tuple(paths), tuple(converters), tuple(nested), computed=tuple(computed))
