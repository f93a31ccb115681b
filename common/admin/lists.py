"""Pages of rows: who may do what on them, how they are listed, and how they are put away and brought back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import SuspiciousOperation
from django.db import models
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from common.admin.dates import DatedList
from common.admin.keys import OneRow, SeveralRows, SeveralRowsField, is_key
from common.admin.rules import Refused, RuleForm, RuleFormSet
from common.api.transactions import in_transaction
from common.errors import RuleBroken

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline


class ByRole:
    """Staff who are admins change everything, staff who see everything look at it, and nobody deletes.

    The role decides here as it does in the API, so there are no permissions to hand out beside it.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return getattr(request.user, "sees_everything", False)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """May use the actions of a list."""
        return getattr(request.user, "is_admin", False)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_act_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is archived is restored first."""
        return self.has_act_permission(request) and getattr(obj, "archived_at", None) is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(ByRole):
    """What other verbs write: histories, sessions, figures."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ListAdmin(ModelAdmin):
    """A list that costs the same however many rows there are."""

    change_list_template = "admin/dated_change_list.html"
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """No key holds a NUL, and PostgreSQL will not even look for one."""
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DatedList]:
        return DatedList

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Search columns are kept in lower case, and the other searches do not mind."""
        return super().get_search_results(request, queryset, search_term.lower())

    def response_action(self, request: HttpRequest, queryset: Any, *more: Any) -> HttpResponse | None:
        if not all(is_key(self.model, key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise SuspiciousOperation("A selected row has no such key.")
        return super().response_action(request, queryset, *more)

    def carry_out(self, request: HttpRequest, rows: Any, verb: Callable[[Any], object], *, done: str) -> None:
        """Do it to every row, and note it in their logs, or to none where a rule refuses one.

        The rows are locked in the order of their keys.
        """

        def work() -> int:
            held = rows.select_related(None).order_by("pk").locked()
            for row in held:
                try:
                    verb(row)
                except RuleBroken as broken:
                    broken.message = f"{row}: {broken.message}"
                    raise
                self.log_change(request, row, f"{done.capitalize()}.")
            return len(held)

        self.work_through(request, work, done=done)

    def carry_out_at_once(
        self, request: HttpRequest, rows: Any, verb: Callable[[Any], Sequence[Any]], *, done: str
    ) -> None:
        """Do it to all rows by one verb of their set, which locks and answers them, and note it in their logs."""

        def work() -> int:
            held = verb(rows.select_related(None))
            by: Any = request.user
            LogEntry.objects.log_actions(by.pk, held, CHANGE, f"{done.capitalize()}.")
            return len(held)

        self.work_through(request, work, done=done)

    def work_through(self, request: HttpRequest, work: Callable[[], int], *, done: str) -> None:
        """Do the work whole or not at all, and tell how many rows it was."""
        try:
            count = in_transaction(work)
        except RuleBroken as broken:
            self.message_user(request, f"{broken.message} Nothing was changed.", messages.ERROR)
        else:
            noun = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
            self.message_user(request, f"{count} {noun} {done}.", messages.SUCCESS)

    def ask(self, request: HttpRequest, form: Form, rows: Iterable[Any], **words: str) -> TemplateResponse:
        """The page that asks for what an action has to know first; `action`, `title` and `submit` are its words."""
        context = {
            **self.admin_site.each_context(request),
            **words,
            "opts": self.opts,
            "form": form,
            "rows": [(row.pk, self.described(row)) for row in rows],
            "select_across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "admin/ask.html", context)

    def described(self, row: Any) -> str:
        """A row on such a page."""
        return str(row)


class ReadOnlyAdmin(ReadOnly, ListAdmin):
    """Rows to look at."""


class RuleAdmin(ByRole, ListAdmin):
    """Rows that are entered and changed through their own verbs."""

    form = RuleForm
    # What is said once, when the row is entered; and what a change takes beside the fields of the row.
    fixed_fields: tuple[str, ...] = ()
    change_fields: tuple[str, ...] = ("seen_version",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fixed = () if obj is None else self.fixed_fields
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": self.change_fields})]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = OneRow(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs |= {"widget": SeveralRows(db_field, self.admin_site), "form_class": SeveralRowsField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refused = getattr(request, "refused", None)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save the page; what a rule refuses is rolled back, and the page is shown again with its words."""

        def view() -> HttpResponse:
            return super(RuleAdmin, self).changeform_view(request, object_id, form_url, extra_context)

        if request.method != "POST":
            return view()
        try:
            return in_transaction(view)
        except Refused as refused:
            request.refused = refused  # type: ignore[attr-defined]
            return view()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        obj.pk = form.write(by=request.user, at=timezone.now()).pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        for formset in formsets:
            formset.write(by=request.user, at=timezone.now())


class LiveFilter(admin.SimpleListFilter):
    """What everybody sees, unless staff ask for what was put away."""

    title = "place"
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("archive", "In the archive"), ("all", "All")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        live, *others = super().choices(changelist)
        yield {**live, "display": "Live"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "archive":
                return queryset.filter(archived_at__isnull=False)
            case "all":
                return queryset
        return queryset.visible_to(request.user)


class ArchivableAdmin(RuleAdmin):
    """Rows that are put away rather than deleted, and can be brought back."""

    actions: tuple[str, ...] = ("archive", "restore")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Fields that complete themselves offer live rows only; they say for which field they ask."""
        if "field_name" in request.GET:
            queryset = queryset.visible_to(request.user)
        return super().get_search_results(request, queryset, search_term)

    @admin.action(description="Archive selected %(verbose_name_plural)s", permissions=["act"])
    def archive(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        live = queryset.filter(archived_at__isnull=True)
        self.carry_out(request, live, lambda row: row.archive(by=request.user, at=timezone.now()), done="archived")

    @admin.action(description="Restore selected %(verbose_name_plural)s", permissions=["act"])
    def restore(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        put_away = queryset.filter(archived_at__isnull=False)
        self.carry_out(request, put_away, lambda row: row.restore(by=request.user, at=timezone.now()), done="restored")


class RuleInline(ByRole, TabularInline):
    """Rows below a row, entered and changed through their own verbs."""

    form = RuleForm
    formset = RuleFormSet
    extra = 0

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return [*fields, "seen_version"] if self.has_change_permission(request, obj) else fields

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.refused = getattr(request, "refused", None)
        return formset


class ArchivableInline(RuleInline):
    """Live rows below a row."""

    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).filter(archived_at__isnull=True)


class ReadOnlyInline(ReadOnly, TabularInline):
    """A history below a row."""

    formset = RuleFormSet
    extra = 0
    select_related: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.select_related)
