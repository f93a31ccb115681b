"""The read path: rows of values from the database straight to the renderer.

A serializer is compiled once into columns: which value paths to select, under which name each is shown, and how
its values are converted. Schema and answers come from the same fields, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.relations import PrimaryKeyRelatedField

from common.api.fields import FromRow, RelatedIds

Record = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    """Reads records of one serializer's shape."""

    names: tuple[str, ...]
    paths: tuple[str, ...]
    converters: tuple[tuple[str, FromRow], ...]
    nested: tuple[tuple[str, Reader], ...]

    def read(self, rows: QuerySet[Any], *also: str) -> Iterator[tuple[Record, Sequence[Any]]]:
        """Each row's record, and the values of the paths in `also` beside it."""
        width = len(self.paths)
        for values in rows.values_list(*self.paths, *also):
            yield self.record(values[:width]), values[width:]

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
    for name, field in serializer.fields.items():
        if field.write_only:
            continue
        path = prefix + field.source.replace(".", "__")
        if isinstance(field, serializers.BaseSerializer):
            nested.append((name, _compile(field, prefix=f"{path}__")))
            continue
        if isinstance(field, PrimaryKeyRelatedField):
            path += "_id"
        elif isinstance(field, RelatedIds):
            path = prefix + field.column
        names.append(name)
        paths.append(path)
        if convert := getattr(field, "from_row", None):
            converters.append((name, convert))
    for _, reader in nested:
        paths.extend(reader.paths)
    return Reader(tuple(names), tuple(paths), tuple(converters), tuple(nested))
