"""Which migrations cannot run while the release before is serving, each with the remedy.

While a release is rolled out, its predecessor works on the changed tables, and people wait for every lock on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field, GeneratedField, ManyToManyField
from django.db.models.fields import NOT_PROVIDED

HARMLESS: tuple[type, ...] = (
    AddIndexConcurrently,
    AddConstraintNotValid,
    ValidateConstraint,
    operations.CreateModel,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.RemoveIndex,
    operations.RemoveConstraint,
    operations.RenameIndex,
)
ONLINE = "make it with AddIndexOnline of common.online, in a migration of its own with atomic = False"
LATER = "take it out of the code first, and out of the database with the release after"
BESIDE = "add a new one beside it, write both, copy in batches, and remove the old one with a later release"
# The first that fits counts.
WRONG: tuple[tuple[tuple[type, ...], str], ...] = (
    (HARMLESS, ""),
    ((operations.AddIndex,), f"writes wait until the index is made; {ONLINE}"),
    ((operations.RemoveField, operations.DeleteModel), f"the release before still reads it; {LATER}"),
    (
        (operations.RenameField, operations.RenameModel, operations.AlterModelTable),
        f"the release before knows the old name only; {BESIDE}",
    ),
    (
        (operations.AddConstraint, operations.AlterUniqueTogether),
        "all rows are looked at while writes wait; use AddConstraintNotValid, and later ValidateConstraint",
    ),
    (
        (operations.RunPython, operations.RunSQL),
        "it holds its rows until it ends; work in batches, in a migration of its own with atomic = False",
    ),
)
UNKNOWN = "nobody has said yet whether this is safe; look"
EXPLAIN = 'or say in the migration why it is safe: accepted = "…"'


def findings(loader: MigrationLoader, released: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each operation that is not safe, among the migrations after those that were released."""
    graph, new = loader.graph, set()
    plan: list[tuple[str, str]] = []
    for leaf in sorted(graph.leaf_nodes()):
        plan += [key for key in graph.forwards_plan(leaf) if key not in plan]
    for key in plan:
        app, name = key
        migration = graph.nodes[key]
        if app not in released or name <= released[app]:
            continue
        # What is made since then is empty, and nobody uses it yet.
        new |= {(app, made.name_lower) for made in migration.operations if isinstance(made, operations.CreateModel)}
        if getattr(migration, "accepted", ""):
            continue
        state = loader.project_state(key, at_end=False)
        for operation in migration.operations:
            model = (getattr(operation, "model_name", None) or getattr(operation, "name", "") or "").lower()
            if (app, model) not in new and (wrong := unsafe(operation, migration, state)):
                yield f"{app}/migrations/{name}.py: {operation.describe()}: {wrong}, {EXPLAIN}."
            operation.state_forwards(app, state)


def unsafe(operation: Any, migration: Migration, state: Any) -> str:
    """What is wrong and what to do; nothing where it is safe."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return next(filter(None, (unsafe(one, migration, state) for one in operation.database_operations)), "")
    if isinstance(operation, operations.AddField):
        return _added(operation.field)
    if isinstance(operation, operations.AlterField):
        return _altered(_field(state, migration.app_label, operation), operation.field)
    if isinstance(operation, operations.RunPython | operations.RunSQL) and not migration.atomic:
        return ""
    return next((wrong for kinds, wrong in WRONG if isinstance(operation, kinds)), UNKNOWN)


def _added(field: Field[Any, Any]) -> str:
    if isinstance(field, ManyToManyField):
        return ""  # a table of its own
    if isinstance(field, GeneratedField):
        return f"the whole table is written anew while everybody waits; {BESIDE}"
    if field.unique or _indexed(field):
        return f"its index is made while writes wait; add it with db_index=False, then {ONLINE}"
    if not field.null and field.db_default is NOT_PROVIDED:
        return "the release before writes rows without it, which are refused; give it null=True or a db_default"
    return ""


def _altered(old: Field[Any, Any], new: Field[Any, Any]) -> str:
    if old.null and not new.null:
        return "the release before still writes null, and all rows are looked at; fill it in batches, a release earlier"
    if (new.unique and not old.unique) or (_indexed(new) and not _indexed(old)):
        return f"its index is made while writes wait; {ONLINE}"
    same_kind = old.get_internal_type() == new.get_internal_type()
    if same_kind and (old.max_length or 0) <= (new.max_length or 0) and _digits(old) == _digits(new):
        return ""
    return f"the whole table may be written anew while everybody waits; {BESIDE}"


def _indexed(field: Field[Any, Any]) -> bool:
    return bool(getattr(field, "db_index", False))


def _digits(field: Field[Any, Any]) -> tuple[Any, Any]:
    return getattr(field, "max_digits", None), getattr(field, "decimal_places", None)


def _field(state: Any, app: str, operation: operations.AlterField) -> Field[Any, Any]:
    field: Field[Any, Any] = state.models[app, operation.model_name_lower].fields[operation.name]
    return field
