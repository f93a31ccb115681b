"""The pages for staff: what those of all apps share.

Every door leads to the same rules: a page saves through the verbs of the row (`rules.py`), and nothing that was
recorded is deleted (`lists.py`).
"""

from django.contrib import admin

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
from common.models import IdempotencyRecord, JobRun

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
