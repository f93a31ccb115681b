"""What contacts are told about what was recorded with them."""

from __future__ import annotations

from kams.models import User
from notifications.choices import Channel
from notifications.kinds import Facts, Kind


def with_whom(facts: Facts) -> Facts:
    """The facts with the name, as it is now, of who recorded it."""
    kam = User.objects.filter(pk=facts["kam_id"]).first()
    return {**facts, "who": (kam.get_full_name() or kam.username) if kam else ""}


INTERACTION_NOTICE = Kind(
    "interaction_notice",
    "Something was recorded with you",
    channels=(Channel.EMAIL,),
    context=with_whom,
    optional=False,
)
