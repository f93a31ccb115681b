"""The pages for staff: what those of all apps share.

Every door leads to the same rules: a page saves through the verbs of the row (`rules.py`), and nothing that was
recorded is deleted (`lists.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from common.admin.lists import (
    ArchivableAdmin,
    ArchivableInline,
    LiveFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    RuleAdmin,
    RuleInline,
)
from common.admin.rules import RuleForm, RuleFormSet
from common.models import Change, IdempotencyRecord, JobRun, Seal

__all__ = [
    "ArchivableAdmin",
    "ArchivableInline",
    "LiveFilter",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "RuleAdmin",
    "RuleForm",
    "RuleFormSet",
    "RuleInline",
]

admin.site.site_title = admin.site.site_header = "KAM Lead Management"
admin.site.index_title = "All records"


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    """Which retries are answered from memory; the answers themselves are somebody's data and stay out of sight."""

    list_display = ("id", "user", "status", "leased_until", "expires_at")
    list_select_related = ("user",)
    list_filter = ("status",)
    search_fields = ("=id", "user__username")
    date_hierarchy = "expires_at"
    ordering = ("-expires_at",)
    fields = ("id", "user", "status", "leased_until", "expires_at")


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    """What ran by itself, when, and what came of it."""

    list_display = ("job", "state", "period", "started_at", "took", "done", "attempts", "host")
    list_filter = ("state", "job")
    search_fields = ("job", "error")
    date_hierarchy = "started_at"
    ordering = ("-started_at", "-id")
    fields = (
        "job",
        "period",
        "state",
        "attempts",
        "started_at",
        "finished_at",
        "took",
        "done",
        "error",
        "free_from",
        "host",
        "pid",
    )
    readonly_fields = ("took",)


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    """Who changed what; from where, for admins only."""

    list_display = ("id", "at", "by", "action", "model", "row", "version", "address")
    list_select_related = ("by",)
    list_filter = ("action",)
    search_fields = ("=request", "=by__username")
    search_help_text = "The id of a request, or a username"
    ordering = ("-id",)
    fields = ("at", "by", "address", "request", "action", "model", "row", "version", "changes", "seal")

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.told(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.told(request, super().get_fields(request, obj))

    def told(self, request: HttpRequest, names: Sequence[Any]) -> Sequence[Any]:
        return names if self.has_act_permission(request) else [name for name in names if name != "address"]


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    """What shows that the history is as it was written; `verify_audit` checks it."""

    list_display = ("number", "at", "rows", "keys")
    search_fields = ("=mark",)
    ordering = ("-number",)
    fields = ("number", "at", "rows", "keys", "content", "mark")
