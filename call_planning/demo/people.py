"""The teams and people of the demo, and how to log in as one of them."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from kams.choices import Role
from kams.models import Team, User

PASSWORD = "every-restaurant-counts"  # noqa: S105 - public: it opens the demo, which production refuses
DOMAIN = "kam-demo.example"

ADMIN = "admin"
MANAGER = "vikram.rao"
ANALYST = "daniel.cho"
KAM = "asha.menon"

# A fixed salt, so that equal moments give equal rows; it protects nothing, for the password is public.
_SALT = "the-demo-needs-no-secret"


class Person(NamedTuple):
    username: str
    name: str
    role: Role
    team: str | None
    timezone: str
    cities: tuple[str, ...] = ()  # a KAM's territory


# (name, above it, who manages it)
TEAMS = (
    ("India and the Gulf", None, MANAGER),
    ("Gulf", "India and the Gulf", "layla.haddad"),
    ("Atlantic", None, "eleanor.hughes"),
)
# The admin comes first: on an empty database, the examples with `"assigned_to": 1` mean somebody.
PEOPLE = (
    Person(ADMIN, "Nisha Verma", Role.ADMIN, None, "Asia/Kolkata"),
    Person(MANAGER, "Vikram Rao", Role.MANAGER, "India and the Gulf", "Asia/Kolkata"),
    Person("layla.haddad", "Layla Haddad", Role.MANAGER, "Gulf", "Asia/Dubai"),
    Person("eleanor.hughes", "Eleanor Hughes", Role.MANAGER, "Atlantic", "Europe/London"),
    Person(ANALYST, "Daniel Cho", Role.ANALYST, None, "America/New_York"),
    Person(KAM, "Asha Menon", Role.KAM, "India and the Gulf", "Asia/Kolkata", ("Mumbai", "Pune")),
    Person("rohan.kapoor", "Rohan Kapoor", Role.KAM, "India and the Gulf", "Asia/Kolkata", ("New Delhi", "Jaipur")),
    Person("kavya.reddy", "Kavya Reddy", Role.KAM, "India and the Gulf", "Asia/Kolkata", ("Bengaluru", "Mysuru")),
    Person("arjun.iyer", "Arjun Iyer", Role.KAM, "India and the Gulf", "Asia/Kolkata", ("Chennai", "Kochi")),
    Person(
        "sneha.banerjee", "Sneha Banerjee", Role.KAM, "India and the Gulf", "Asia/Kolkata", ("Kolkata", "Bhubaneswar")
    ),
    Person("omar.farouk", "Omar Farouk", Role.KAM, "Gulf", "Asia/Dubai", ("Dubai",)),
    Person("fatima.almansoori", "Fatima Al Mansoori", Role.KAM, "Gulf", "Asia/Dubai", ("Abu Dhabi", "Sharjah")),
    Person("james.whitfield", "James Whitfield", Role.KAM, "Atlantic", "Europe/London", ("London", "Bristol")),
    Person("priya.shah", "Priya Shah", Role.KAM, "Atlantic", "Europe/London", ("Manchester", "Leeds", "Edinburgh")),
    Person("maria.gonzalez", "Maria Gonzalez", Role.KAM, "Atlantic", "America/New_York", ("New York", "Boston")),
    Person("tyler.brooks", "Tyler Brooks", Role.KAM, "Atlantic", "America/Chicago", ("Chicago", "Houston")),
    Person("grace.kim", "Grace Kim", Role.KAM, "Atlantic", "America/Los_Angeles", ("Los Angeles", "Seattle")),
)


def e_mail(username: str) -> str:
    return f"{username}@{DOMAIN}"


def hire(*, now: datetime) -> tuple[list[Team], list[User]]:
    """The teams and the people, who were all there before the first restaurant."""
    founded = now - timedelta(days=1000)
    teams: dict[str | None, Team] = {}
    for pk, (name, above, _) in enumerate(TEAMS, start=1):
        teams[name] = Team(pk=pk, name=name, parent=teams.get(above), created_at=founded, updated_at=founded)
    # Hashing takes long on purpose; one password for all needs it once.
    password = make_password(PASSWORD, salt=_SALT)
    users = {
        person.username: _user(person, pk=pk, team=teams.get(person.team), password=password, founded=founded)
        for pk, person in enumerate(PEOPLE, start=1)
    }
    for name, _, manager in TEAMS:
        teams[name].manager = users[manager]
    return list(teams.values()), list(users.values())


def _user(person: Person, *, pk: int, team: Team | None, password: str, founded: datetime) -> User:
    first, last = person.name.split(" ", 1)
    joined = founded + timedelta(days=15 * (pk - 1))
    return User(
        pk=pk,
        username=person.username,
        first_name=first,
        last_name=last,
        email=e_mail(person.username),
        password=password,
        role=person.role,
        team=team,
        timezone=person.timezone,
        is_staff=person.role == Role.ADMIN,
        is_superuser=person.role == Role.ADMIN,
        date_joined=joined,
        created_at=joined,
        updated_at=joined,
    )
