"""What a manager looks into, against the same worked out by hand, whatever stands below whatever."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kams.choices import Role
from kams.models import Team, User
from tests.cast import Cast, api, person
from tests.paging import ids

NUMBER = 7
# Of each team the one above, by its number; a team stands below one that came before.
FORESTS = st.tuples(*(st.none() | st.integers(0, number - 1) if number else st.none() for number in range(NUMBER)))


def below(own: set[int], above: tuple[int | None, ...]) -> set[int]:
    """Their own teams, and all whose way to the top leads through one of them."""
    seen = set(own)
    for number, parent in enumerate(above):
        if parent in seen:
            seen.add(number)
    return seen


def test_it_is_their_own_teams_and_all_below(cast: Cast) -> None:
    Team.objects.filter(pk=cast.south.pk).update(manager=None)
    teams = [Team.objects.create(name=f"Team {number}") for number in range(NUMBER)]
    mona = person(role=Role.MANAGER)
    caller = api(mona)

    @settings(suppress_health_check=list(HealthCheck))
    @given(
        above=FORESTS,
        managed=st.sets(st.integers(0, NUMBER - 1), max_size=3),
        member_of=st.none() | st.integers(0, NUMBER - 1),
        role=st.sampled_from([Role.MANAGER, Role.MANAGER, Role.KAM]),
    )
    def law(above: tuple[int | None, ...], managed: set[int], member_of: int | None, role: Role) -> None:
        for number, (team, parent) in enumerate(zip(teams, above, strict=True)):
            team.parent = None if parent is None else teams[parent]
            team.manager = mona if number in managed else None
        Team.objects.bulk_update(teams, ["parent", "manager"])
        User.objects.filter(pk=mona.pk).update(role=role, team=None if member_of is None else teams[member_of])
        own = set() if member_of is None else {member_of}
        expected = below(managed | own, above) if role == Role.MANAGER else own
        assert set(ids(caller.get("/kam/teams/").json())) == {teams[number].pk for number in expected}

    law()
