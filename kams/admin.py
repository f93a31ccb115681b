"""People, their teams, invitations and sessions, for staff."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import authenticate
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.models import Group
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from common.admin import ArchivableAdmin, LiveFilter, ReadOnlyAdmin, RuleAdmin, RuleForm
from kams.attempts import TOO_MANY
from kams.models import ApiKey, Erasure, Invitation, Session, Team, User

if TYPE_CHECKING:
    AccountPages = auth_admin.UserAdmin[User]
    ChangeForm = auth_forms.UserChangeForm[User]
    AdminPasswordForm = auth_forms.AdminPasswordChangeForm[User]
else:
    AccountPages = auth_admin.UserAdmin
    ChangeForm, AdminPasswordForm = auth_forms.UserChangeForm, auth_forms.AdminPasswordChangeForm


class LoginForm(AdminAuthenticationForm):
    def get_invalid_login_error(self) -> ValidationError:
        """Say it where it is not the password that is wrong."""
        return locked_out(self.request) or super().get_invalid_login_error()


class OwnPasswordForm(AdminPasswordChangeForm):
    """A wrong password counts as a failed log-in, as where the API asks for it."""

    def __init__(self, request: HttpRequest, **given: Any) -> None:
        super().__init__(**given)
        self.request = request

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=old) is None:
            wrong = ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
            raise locked_out(self.request) or wrong
        return old


def locked_out(request: HttpRequest | None) -> ValidationError | None:
    """What to say to whoever has guessed too often."""
    return ValidationError(TOO_MANY, code="locked_out") if getattr(request, "axes_locked_out", False) else None


def change_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
    """Django's page, whose form knows the request."""
    view = PasswordChangeView.as_view(
        form_class=partial(OwnPasswordForm, request),
        success_url=reverse("admin:password_change_done"),
        extra_context={**admin.site.each_context(request), **(extra_context or {})},
    )
    return view(request)


admin.site.login_form = LoginForm
admin.site.password_change = change_own_password  # type: ignore[assignment] # as the form above is set
# Roles say what people may do; a second set of permissions beside them would only contradict them.
admin.site.unregister(Group)


class PersonForm(RuleForm):
    def clean_email(self) -> str:
        """Addresses are kept in lower case, and compared so."""
        return str(self.cleaned_data["email"]).lower()


class PersonChangeForm(PersonForm, ChangeForm):
    """The password has a page of its own."""


class PasswordForm(AdminPasswordForm):
    @transaction.atomic
    def save(self, *args: Any) -> User:
        person: User = User.objects.locked().get(pk=self.user.pk)
        usable = self.cleaned_data["set_usable_password"]
        person.change_password(self.cleaned_data["password1"] if usable else None, at=timezone.now())
        self.user = person
        return person


class LeavingForm(forms.Form):
    """Who leaves hands on what they look after."""

    decided = forms.BooleanField(initial=True, widget=forms.HiddenInput)
    successor = forms.ModelChoiceField(
        User.objects.who_can_be_allocated(), required=False, help_text="Who looks after their restaurants from now on."
    )
    to_pool = forms.BooleanField(required=False, help_text="Their restaurants go to the pool.", label="To the pool")


@admin.register(User)
class UserAdmin(RuleAdmin, AccountPages):
    form = PersonChangeForm
    # Who is added chooses a password by the link of a mail.
    add_form = PersonForm
    add_form_template = None
    change_password_form = PasswordForm
    list_display = ("username", "email", "first_name", "last_name", "role", "team", "is_active", "is_staff")
    list_select_related = ("team",)
    list_filter = ("role", "is_active", "is_staff", "team")
    search_fields = ("search_text__contains",)
    search_help_text = "Username, name or e-mail address"
    date_hierarchy = "date_joined"
    actions = ("deactivate", "activate")
    autocomplete_fields = ("team",)
    filter_horizontal = ()
    readonly_fields = ("is_superuser", "last_login", "date_joined", "updated_at", "version")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            "Person",
            {"fields": ("first_name", "last_name", "email", "timezone", "working_hours", "daily_capacity", "language")},
        ),
        ("What they may do", {"fields": ("role", "team", "is_active", "is_staff", "is_superuser")}),
        ("Record", {"fields": ("last_login", "date_joined", "updated_at", "version")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "email",
                    "first_name",
                    "last_name",
                    "timezone",
                    "working_hours",
                    "daily_capacity",
                    "language",
                )
            },
        ),
        ("What they may do", {"fields": ("role", "team", "is_staff")}),
    )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[User], bool]:
        """A field that gives or lends a restaurant to somebody offers who can have it."""
        if request.GET.get("field_name") in {"assigned_to", "absent", "covering"}:
            queryset = queryset.who_can_be_allocated()
        return super().get_search_results(request, queryset, search_term)

    @admin.action(description="Deactivate selected people", permissions=["act"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        form = LeavingForm(request.POST if "decided" in request.POST else None)
        active = queryset.filter(is_active=True)
        if not form.is_valid():
            words = {"action": "deactivate", "title": "Deactivate people", "submit": "Deactivate"}
            return self.ask(request, form, active, **words)
        by, now = request.user, timezone.now()
        who = {name: form.cleaned_data[name] for name in ("successor", "to_pool")}
        self.carry_out(request, active, lambda user: user.deactivate(by=by, at=now, **who), done="deactivated")
        return None

    @admin.action(description="Activate selected people", permissions=["act"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        by, now = request.user, timezone.now()
        inactive = queryset.filter(is_active=False)
        self.carry_out(request, inactive, lambda user: user.revise(by=by, at=now, is_active=True), done="activated")


@admin.register(Team)
class TeamAdmin(RuleAdmin):
    list_display = ("name", "parent", "manager", "created_at")
    list_select_related = ("parent", "manager")
    search_fields = ("name",)
    date_hierarchy = "created_at"
    autocomplete_fields = ("parent", "manager")
    readonly_fields = ("created_at", "updated_at", "version")
    fields = ("name", "parent", "manager", *readonly_fields)


@admin.register(Invitation)
class InvitationAdmin(ArchivableAdmin):
    """Invitations are written and withdrawn; the secret that opens them is only in the mail."""

    list_display = ("email", "role", "team", "invited_by", "created_at", "expires_at", "accepted_at")
    list_select_related = ("team", "invited_by")
    list_filter = (LiveFilter, ("accepted_at", admin.EmptyFieldListFilter), "role", "team")
    search_fields = ("email", "invited_by__search_text__contains")
    search_help_text = "E-mail address, or who invited"
    date_hierarchy = "created_at"
    actions = ("archive",)
    autocomplete_fields = ("team",)
    readonly_fields = ("invited_by", "created_at", "expires_at", "accepted_at", "archived_at")

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> tuple[str, ...]:
        said = ("email", "role", "team")
        return said if obj is None else (*said, *self.readonly_fields)


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Who is logged in, and the way to end it."""

    list_display = ("user", "address", "user_agent", "created_at", "rotated_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__search_text__contains", "address")
    search_help_text = "Person or address"
    date_hierarchy = "created_at"
    actions = ("end",)
    fields = list_display

    @admin.action(description="End selected sessions", permissions=["act"])
    def end(self, request: HttpRequest, queryset: Any) -> None:
        now = timezone.now()
        alive = queryset.alive(at=now)
        self.carry_out(request, alive, lambda session: Session.objects.revoke(session.pk, at=now), done="ended")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """How other systems come in, and the way to end it. The keys themselves are kept nowhere."""

    list_display = ("prefix", "name", "owner", "scopes", "created_at", "expires_at", "last_used_at", "is_good")
    list_select_related = ("owner",)
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("prefix", "name", "owner__search_text__contains")
    search_help_text = "Prefix, name or owner"
    date_hierarchy = "created_at"
    actions = ("revoke",)
    fields = (*list_display, "requests_a_minute", "revoked_at")
    readonly_fields = fields

    @admin.display(boolean=True, description="Good")
    def is_good(self, key: ApiKey) -> bool:
        return key.is_good(at=timezone.now())

    @admin.action(description="Revoke selected API keys", permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        by, now = request.user, timezone.now()
        live = queryset.filter(revoked_at__isnull=True)
        self.carry_out(request, live, lambda key: key.revoke(by=by, at=now), done="revoked")


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnlyAdmin):
    """Failed log-ins that count, and the way to forget them."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "user_agent")
    search_fields = ("username", "ip_address")
    search_help_text = "Username or address"
    date_hierarchy = "attempt_time"
    actions = ("forget",)
    fields = list_display

    @admin.action(description="Forget selected attempts", permissions=["act"])
    def forget(self, request: HttpRequest, queryset: Any) -> None:
        count, _ = queryset.delete()
        self.message_user(request, f"{count} access attempts forgotten.", messages.SUCCESS)


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """Who asked for it, when, and what is left to do; never whom it was about."""

    list_display = ("kind", "subject", "asked_by", "created_at", "done_at", "reason")
    list_select_related = ("asked_by",)
    list_filter = ("kind",)
    search_fields = ("reason",)
    date_hierarchy = "created_at"
    fields = ("kind", "subject", "asked_by", "reason", "counts", "created_at", "done_at")
