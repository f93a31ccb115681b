"""Moments in messages: `{% load mail %}`, then `{{ due_at|moment }}`, `{{ due_at|day }}` or `{{ due_at|clock }}`.

They take a moment or its ISO text, as facts have it, and show it by the clock and in the language of who reads it.
Of nothing they make nothing, as filters do.
"""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import formats, timezone, translation

register = template.Library()

# Django's English formats are those of one country, and say "noon"; the other languages keep theirs.
ENGLISH_DAY = "j F Y"
CLOCK = "H:i"


@register.filter
def day(moment: datetime | str) -> str:
    """`28 December 2024`."""
    if not moment:
        return ""
    pattern = ENGLISH_DAY if (translation.get_language() or "en").startswith("en") else "DATE_FORMAT"
    return formats.date_format(_local(moment), pattern)


@register.filter
def clock(moment: datetime | str) -> str:
    """`17:30`."""
    return "" if not moment else formats.date_format(_local(moment), CLOCK)


@register.filter
def moment(moment: datetime | str) -> str:
    """`28 December 2024, 17:30 IST`: the day, the clock, and the zone it is of."""
    return "" if not moment else f"{day(moment)}, {formats.date_format(_local(moment), f'{CLOCK} T')}"


def _local(moment: datetime | str) -> datetime:
    return timezone.localtime(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)
