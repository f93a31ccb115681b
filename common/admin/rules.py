"""Forms that save through the verbs of the rows, and show what a rule refuses beside its field."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import IntegrityError, models

from common.api.fields import FIRST_YEAR, LAST_YEAR
from common.errors import RuleBroken

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    BaseInlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    ModelForm, BaseInlineFormSet = forms.ModelForm, forms.BaseInlineFormSet


class Stale(RuleBroken):
    """Somebody else changed the row since the page was opened."""

    code = "stale"


class Refused(Exception):
    """What a rule said against one form of the page. It leaves the transaction, so nothing was changed."""

    def __init__(self, form: RuleForm, *, message: str, errors: dict[str, str]) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors
        self.prefix = form.prefix


class RuleForm(ModelForm):
    """Saves what the page changed, and only that, through `add` and `revise`."""

    # Set on the class that the admin makes for one request, when it shows the page again.
    refused: ClassVar[Refused | None] = None

    # The version that the page shows: saving it must not undo what others changed meanwhile.
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The verbs say in words what the constraints of the database only name.
        self.instance.validate_constraints = lambda **_: None
        self.fields["seen_version"].initial = None if self.is_new else getattr(self.instance, "version", None)

    @property
    def is_new(self) -> bool:
        return bool(self.instance._state.adding)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, datetime) and not FIRST_YEAR <= value.year <= LAST_YEAR:
                self.add_error(name, f"Choose a day between the years {FIRST_YEAR} and {LAST_YEAR}.")
        if self.refused is not None and self.refused.prefix == self.prefix:
            self.add_error(None, self.refused.message)
            for name, text in self.refused.errors.items():
                self.add_error(name if name in self.fields else None, text)
        return cleaned

    def write(self, *, by: Any, at: datetime, **parent: models.Model) -> Any:
        """Do what the page asks for and return the row. Raises `Refused`."""
        given = {name: self.cleaned_data[name] for name in self.changed_data if name != "seen_version"}
        try:
            return self.add(by=by, at=at, **parent, **given) if self.is_new else self.change(by=by, at=at, **given)
        except RuleBroken as broken:
            raise Refused(self, message=broken.message, errors=broken.errors) from broken
        except IntegrityError as clash:
            raise Refused(
                self, message="Somebody else has just saved something that excludes this. Look again.", errors={}
            ) from clash

    def add(self, *, by: Any, at: datetime, **given: Any) -> Any:
        return self._meta.model._default_manager.add(by=by, at=at, **given)

    def change(self, *, by: Any, at: datetime, **given: Any) -> Any:
        row = self.hold()
        row.revise(by=by, at=at, **given)
        return row

    def hold(self) -> Any:
        """The row of the page, locked, and as the page showed it."""
        row = self._meta.model._default_manager.locked().get(pk=self.instance.pk)
        if row.version != self.cleaned_data["seen_version"]:
            raise Stale("Somebody else has changed this since you opened the page. Open it again, then change it.")
        return row


class RuleFormSet(BaseInlineFormSet):
    """Rows below the row of the page; each is saved through its own verbs."""

    def write(self, *, by: Any, at: datetime) -> None:
        # What the admin tells in the history of the page.
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects: list[Any] = []
        for form in self.forms:
            if not form.has_changed():
                continue
            row = form.write(by=by, at=at, **{self.fk.name: self.instance})
            if form.is_new:
                self.new_objects.append(row)
            else:
                self.changed_objects.append((row, form.changed_data))
