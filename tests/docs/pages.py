"""The pages of the documentation, taken apart: what they run, show, list and link to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.architecture import ROOT

_FENCED = re.compile(r"^(?P<marks>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=marks)[ ]*$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^\|.*\|\n)+", re.MULTILINE)
_CELL_END = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the words behind it, and its text."""

    language: str
    marks: tuple[str, ...]
    text: str

    @property
    def runs(self) -> bool:
        """Whether the tests run it: it is marked as in ```` ```sh run ````."""
        return self.language == "sh" and "run" in self.marks


@dataclass(frozen=True)
class Page:
    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def blocks(self) -> list[Block]:
        return [Block(*_info(found["info"]), found["text"]) for found in _FENCED.finditer(self.text)]

    @cached_property
    def prose(self) -> str:
        """The text without its blocks."""
        return _FENCED.sub("", self.text)

    @property
    def code_words(self) -> set[str]:
        """What stands between `backticks`."""
        return set(_INLINE.findall(self.prose))

    @property
    def links(self) -> list[str]:
        return _LINK.findall(_INLINE.sub("", self.prose))

    @property
    def anchors(self) -> set[str]:
        """The headings as addresses within the page, as code forges make them."""
        return {
            re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in _HEADING.findall(self.prose)
        }

    def table(self, first: str) -> list[dict[str, str]]:
        """The rows of the table whose first column has this title, each by the titles of its columns."""
        for found in _TABLE.findall(self.prose):
            titles, _, *rows = [_cells(line) for line in found.splitlines()]
            if titles[0] == first:
                return [dict(zip(titles, row, strict=True)) for row in rows]
        raise LookupError(f"{self} has no table that begins with the column {first}.")

    def block(self, mark: str) -> Block:
        """The one block that is marked with this word."""
        (found,) = [block for block in self.blocks if mark in block.marks]
        return found


def page(name: str) -> Page:
    return Page(ROOT / name)


def pages() -> list[Page]:
    """Every page, in the order of their names."""
    return [Page(path) for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])]


def plain(cell: str) -> str:
    """The text of a cell without its backticks."""
    return cell.replace("`", "")


def _info(words: str) -> tuple[str, tuple[str, ...]]:
    language, *marks = words.split() or [""]
    return language, tuple(marks)


def _cells(line: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in _CELL_END.split(line)[1:-1]]
