"""The comparison finds what it is there to find."""

import pytest

from tests.docs.shapes import differences, http_differences


@pytest.mark.parametrize(
    ("shown", "answered"),
    [
        ({"id": 1, "name": "Lemon Bakery"}, {"id": 7, "name": "Fennel Rasoi"}),
        ({"id": 1, "…": "…"}, {"id": 7, "name": "Fennel Rasoi"}),
        ([{"id": 1}, "…"], [{"id": 1}, {"id": 2}, {"id": 3}]),
        ({"revenue": 5000.0}, {"revenue": 5000}),
        ({"contact": 3}, {"contact": None}),
    ],
)
def test_it_accepts_another_answer_of_the_same_shape(shown: object, answered: object) -> None:
    assert list(differences(shown, answered)) == []


@pytest.mark.parametrize(
    ("shown", "answered", "says"),
    [
        ({"id": 1, "name": "x"}, {"id": 1}, "has no name"),
        ({"id": 1}, {"id": 1, "name": "x"}, "has name, which is not shown"),
        ({"id": 1}, {"id": "1"}, "of another kind"),
        ({"flag": True}, {"flag": 1}, "of another kind"),
        ([{"id": 1}], [], "has 0 items rather than 1"),
        ([{"id": 1}], [{"id": 1}, {"id": 2}], "has 2 items rather than 1"),
        ({"order": {"quantity": 1}}, {"order": {}}, "the answer.order has no quantity"),
    ],
)
def test_it_names_what_differs(shown: object, answered: object, says: str) -> None:
    assert [text for text in differences(shown, answered) if says in text]


SHOWN = 'HTTP/1.1 409 Conflict\nETag: "1-…"\n\n{"code": "stale", "…": "…"}'


def test_it_accepts_another_message_of_the_same_shape() -> None:
    answered = 'HTTP/1.1 409 Conflict\r\nServer: x\r\nETag: "7-ab12"\r\n\r\n{"code": "stale", "status": 409}'

    assert list(http_differences(SHOWN, answered)) == []


@pytest.mark.parametrize(
    ("answered", "says"),
    [
        ('HTTP/1.1 200 OK\r\nETag: "7-ab"\r\n\r\n{"code": "stale"}', "The status is HTTP/1.1 200 OK"),
        ('HTTP/1.1 409 Conflict\r\n\r\n{"code": "stale"}', "The header etag is None"),
        ('HTTP/1.1 409 Conflict\r\nETag: "7-ab"\r\n\r\n{"code": "gone"}', "says 'gone' rather than 'stale'"),
        ('HTTP/1.1 409 Conflict\r\nETag: "7-ab"\r\n\r\n', "of another kind"),
    ],
)
def test_it_names_what_differs_in_a_message(answered: str, says: str) -> None:
    assert [text for text in http_differences(SHOWN, answered) if says in text]
