"""The outbox for staff: what waits, what was given up and why, and the way to send it again.

Facts stay out of sight: they are somebody's data, and no secret is among them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timesince import timesince

from common.admin import ReadOnlyAdmin
from notifications.kinds import KINDS
from notifications.models import Message, Preference


class KindFilter(admin.SimpleListFilter):
    """The kinds that are declared; to ask the table for those that it holds would read all of it."""

    title = parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, code) for code in sorted(KINDS)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() is None else queryset.filter(kind=self.value())


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "channel", "state", "recipient", "due_at", "attempts", "sent_at", "error")
    list_select_related = ("user", "contact")
    list_filter = ("state", "channel", KindFilter)
    search_fields = ("user__search_text__contains", "contact__search_text__contains", "address")
    search_help_text = "Who it is for"
    date_hierarchy = "created_at"
    actions = ("send_again",)
    fields = (
        "title",
        "kind",
        "channel",
        "state",
        "user",
        "contact",
        "address",
        "restaurant",
        "uuid",
        "created_at",
        "due_at",
        "attempts",
        "leased_until",
        "sent_at",
        "read_at",
        "error",
    )

    @admin.display(description="To")
    def recipient(self, message: Message) -> str:
        return str(message.user or message.contact or message.address)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Says above the list for how long the oldest message that should have left has been waiting."""
        now = timezone.now()
        lag = Message.objects.lag(now)
        words = f"The oldest waits for {timesince(now - lag, now)}" if lag > timedelta() else "Nothing is late"
        return super().changelist_view(request, {"title": f"Messages. {words}.", **(extra_context or {})})

    @admin.action(description="Send selected messages again", permissions=["act"])
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        now = timezone.now()
        self.carry_out(request, queryset, lambda message: message.send_again(at=now), done="to be sent again")


@admin.register(Preference)
class PreferenceAdmin(ReadOnlyAdmin):
    """Who wants what; each person says it themselves."""

    list_display = ("user", "kind", "channel", "enabled")
    list_select_related = ("user",)
    list_filter = ("channel", "enabled", KindFilter)
    search_fields = ("user__search_text__contains",)
    search_help_text = "Person"
    fields = list_display
