"""Log-ins and their tokens, as a client makes and reads them."""

from typing import Any

import jwt
from django.conf import settings

from kams.models import User
from tests.cast import PASSWORD, Api, api

KEY = str(settings.SIMPLE_JWT["SIGNING_KEY"])


def log_in(username: Any = "asha", password: Any = PASSWORD, **more: Any) -> Any:
    return api().post("/api/token/", {"username": username, "password": password, **more})


def pair_of(username: str = "asha") -> dict[str, str]:
    answer = log_in(username)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def refresh(token: Any) -> Any:
    return api().post("/api/token/refresh/", {"refresh": token})


def verify(token: Any) -> Any:
    return api().post("/api/token/verify/", {"token": token})


def log_out(token: Any) -> Any:
    return api().post("/api/token/blacklist/", {"refresh": token})


def with_access(token: str) -> Api:
    return Api(token)


def claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, KEY, algorithms=["HS256"]))


def signed(said: dict[str, Any], *, key: str = KEY, algorithm: str | None = "HS256", **header: Any) -> str:
    return jwt.encode(said, key, algorithm=algorithm, headers=header or None)


def give_password(person: User) -> User:
    person.set_password(PASSWORD)
    person.save()
    return person


def is_refused(answer: Any) -> bool:
    """Whether this is the 401 of a token that is not good."""
    return bool(
        answer.status_code == 401
        and answer["WWW-Authenticate"] == 'Bearer realm="api"'
        and answer["Content-Type"] == "application/problem+json"
        and answer.json()["code"] == "token_not_valid"
    )
