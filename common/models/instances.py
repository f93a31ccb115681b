"""Instances of the rows that a compiled queryset finds, with the rows that it joins to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models.query import get_related_populators


def instance_of(compiler: Any, db: str) -> Callable[[Sequence[Any]], Any]:
    """What Django's `ModelIterable` does with each row."""
    model, places = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    own = slice(places[0], places[-1] + 1)
    names = [column.target.attname for column, *_ in compiler.select[own]]
    beside = get_related_populators(compiler.klass_info, compiler.select, db)  # type: ignore[call-arg] # the stubs are of a later Django
    annotations = tuple((compiler.annotation_col_map or {}).items())

    def made(row: Sequence[Any]) -> Any:
        found = model.from_db(db, names, row[own])
        for one in beside:
            one.populate(row, found)
        for name, place in annotations:
            setattr(found, name, row[place])
        return found

    return made
