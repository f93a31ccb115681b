"""The index behind `?search=` on PostgreSQL; the other databases search without one."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation


class AddTrigramIndex(Operation):
    """A trigram GIN index on a model's `search_text`, which finds any part of a word.

    `pg_trgm` comes with PostgreSQL and is trusted: the owner of the database may create it.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model: str, name: str) -> None:
        self.model = model
        self.name = name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models know nothing of it, because not every database has it."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        table = schema_editor.quote_name(to_state.apps.get_model(app_label, self.model)._meta.db_table)
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        name = schema_editor.quote_name(self.name)
        schema_editor.execute(f"CREATE INDEX {name} ON {table} USING gin (search_text gin_trgm_ops)")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {schema_editor.quote_name(self.name)}")

    def describe(self) -> str:
        return f"Index what ?search= looks through in {self.model}"
