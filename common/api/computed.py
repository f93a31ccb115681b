"""Fields that no column holds: the view's reader makes them, see `Reader.computing`."""

from __future__ import annotations

from common.api.fields import Moment, Text


class ComputedMoment(Moment):
    computed = True


class ComputedText(Text):
    computed = True
