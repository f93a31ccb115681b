"""The row that a body names: its statement is made once for each kind of caller, as that of a detail is."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import Model

from common.api import standing
from common.models import Prepared


def seen(model: type[Model], person: Any, *, pk: int, held: bool = False) -> Any:
    """The row with this key, or None where the person sees none; `held` locks it until the transaction ends."""
    named = standing.named(person)
    if named is not None:
        named |= {"pk": pk, "held": held}
        if (statements := standing.statements_for(person, _seen(model), named)) is not None:
            (one,) = statements
            return one.first(named)
    return _asked(model, person, held=held).filter(pk=pk).first()


def _asked(model: type[Model], person: Any, *, held: bool) -> Any:
    rows: Any = model._default_manager
    visible = rows.visible_to(person)
    return visible.locked() if held else visible


@cache
def _seen(model: type[Model]) -> Prepared:
    def rows(*, pk: int, held: bool, caller: Any, person: int, team: Any, at: Any, **values: Any) -> Any:
        asks = standing.somebody(caller, pk=person, team=team, at=at, keys=standing.keys_among(values))
        return _asked(model, asks, held=held).filter(pk=pk).order_by()

    return Prepared(rows, optional=standing.OPTIONAL)
