"""What happened with a restaurant, for staff; the latest also on the page of the restaurant."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from common.admin import ArchivableAdmin, LiveFilter, ReadOnlyInline, RuleForm, RuleFormSet, RuleInline
from interaction_tracking.models import Interaction, Order
from kams.models import User
from leads.admin import RestaurantAdmin

LATEST = 20


class LatestFormSet(RuleFormSet):
    @cached_property
    def latest(self) -> QuerySet[Interaction]:
        return super().get_queryset()[:LATEST]

    def get_queryset(self) -> QuerySet[Interaction]:
        return self.latest


class LatestInline(ReadOnlyInline):
    model = Interaction
    formset = LatestFormSet
    verbose_name_plural = f"latest {LATEST} interactions"
    fields: ClassVar[tuple[str, ...]] = (
        "date",
        "interaction_type",
        "status",
        "contact",
        "kam",
        "order_placed",
        "details",
    )
    select_related: tuple[str, ...] = ("contact", "kam")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Interaction]:
        return super().get_queryset(request).filter(archived_at__isnull=True)


RestaurantAdmin.inlines.insert(0, LatestInline)


class OrderForm(RuleForm):
    """The details of an order are written by its interaction, whose version they share."""

    quantity = forms.IntegerField(min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order_date"].required = not self.is_new

    def add(self, *, by: User, at: datetime, **given: Any) -> Order:
        return self.order_of(given.pop("interaction").pk, by=by, at=at, **given)

    def change(self, *, by: User, at: datetime, **given: Any) -> Order:
        return self.order_of(self.instance.pk, by=by, at=at, **given)

    def order_of(self, interaction: int, *, by: User, at: datetime, **given: Any) -> Order:
        row: Interaction = Interaction.objects.locked().get(pk=interaction)
        row.write_order(by=by, at=at, **given)
        return row.order


class OrderInline(RuleInline):
    model = Order
    form = OrderForm
    fields = ("product_details", "quantity", "total_price", "order_date")
    show_change_link = False


class InteractionForm(RuleForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Without a date it happened now, without a person it was whoever records it; a planned call has no contact yet.
        self.relax("date", if_open=self.is_new)
        self.relax("kam", if_open=self.is_new or self.instance.kam_id is None)
        self.relax("contact", if_open=not self.is_new and self.instance.contact_id is None)

    def relax(self, name: str, *, if_open: bool) -> None:
        if name in self.fields:
            self.fields[name].required = not if_open


@admin.register(Interaction)
class InteractionAdmin(ArchivableAdmin):
    form = InteractionForm
    list_display = ("date", "lead", "interaction_type", "status", "contact", "kam", "order_placed", "outcome")
    list_select_related = ("lead", "contact", "kam")
    list_filter = (LiveFilter, "interaction_type", "status", "order_placed", "kam")
    search_fields = ("lead__search_text__contains",)
    search_help_text = "Restaurant"
    date_hierarchy = "date"
    autocomplete_fields = ("lead", "contact", "participants", "kam")
    fixed_fields = ("lead",)
    readonly_fields = ("call_plan", "due_at", "created_at", "updated_at", "archived_at", "version")
    fieldsets = (
        (None, {"fields": ("lead", "interaction_type", "status", "date", "duration_seconds")}),
        ("Who", {"fields": ("contact", "participants", "kam")}),
        ("What", {"fields": ("details", "outcome", "order_placed", "call_plan", "due_at")}),
        ("Record", {"fields": ("created_at", "updated_at", "archived_at", "version")}),
    )
    inlines = (OrderInline,)
