"""Keys as they come from outside, and the fields that complete themselves, which send them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import ModelMultipleChoiceField

if TYPE_CHECKING:
    MultipleChoiceField = ModelMultipleChoiceField[Any]
else:
    MultipleChoiceField = ModelMultipleChoiceField


def is_key(model: type[models.Model], text: Any) -> bool:
    """Tell whether a row of the model could have this key."""
    try:
        model._meta.pk.clean(text, None)
    except ValidationError:
        return False
    return True


class KnownKeys:
    """Looks up only what can be a key when it is shown again; Django's widgets fall over the rest."""

    field: Any

    def optgroups(self, name: str, value: Sequence[Any], attr: Any = None) -> Any:
        model = self.field.remote_field.model
        shown: Any = super()
        return shown.optgroups(name, [key for key in value if is_key(model, key)], attr)


class OneRow(KnownKeys, AutocompleteSelect):
    pass


class SeveralRows(KnownKeys, AutocompleteSelectMultiple):
    pass


class SeveralRowsField(MultipleChoiceField):
    """Refuses what can be no key before it asks the database."""

    def clean(self, value: Any) -> Any:
        rows: Any = self.queryset
        for key in value or ():
            if not is_key(rows.model, key):
                raise ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": key})
        return super().clean(value)
