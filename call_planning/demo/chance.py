"""The dice of the demo, and the words they choose from."""

import tomllib
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # those that end a British postcode


def data(name: str) -> dict[str, Any]:
    """What a word list beside this file says."""
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


WORDS = data("words.toml")


class Chance(Random):
    """The same seed gives the same throws."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._given: set[str] = set()

    def happens(self, probability: float) -> bool:
        return self.random() < probability

    def days(self, bounds: tuple[float, float]) -> timedelta:
        return timedelta(days=self.uniform(*bounds))

    def weighted(self, weights: dict[T, int]) -> T:
        return self.choices(list(weights), list(weights.values()))[0]

    def some(self, things: Sequence[T], *, most: int) -> list[T]:
        """Up to `most` of these, perhaps none."""
        return self.sample(things, self.randint(0, min(most, len(things))))

    def filled(self, pattern: str) -> str:
        """The pattern with a digit for each # and a letter for each @."""
        marks = {"#": "0123456789", "@": _LETTERS}
        return "".join(self.choice(marks.get(mark, mark)) for mark in pattern)

    def unseen(self, draw: Callable[[], str]) -> str:
        """The first draw that was not given before."""
        while (text := draw()) in self._given:
            pass
        self._given.add(text)
        return text

    def person(self, country: str) -> str:
        return f"{self.choice(WORDS['given'][country])} {self.choice(WORDS['family'][country])}"

    def phrase(self, phrases: Sequence[str], person: str) -> str:
        return self.choice(phrases).format(person=person)

    def restaurant(self, cuisine: str) -> str:
        """A name that no other restaurant has."""
        names = WORDS["names"]
        return self.unseen(lambda: f"{self.choice(names['first'])} {self.choice(names[cuisine])}")
