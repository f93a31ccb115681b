"""Links lead somewhere, and every page can be reached."""

import re

import pytest

from tests.architecture import ROOT
from tests.docs.pages import Page, page, pages


@pytest.mark.parametrize("one", pages(), ids=str)
def test_it_leads_somewhere(one: Page) -> None:
    for link in one.links:
        if re.match(r"https?://", link):
            continue
        name, _, anchor = link.partition("#")
        target = (one.path.parent / name).resolve() if name else one.path
        assert target.exists(), f"{one}: {link} leads nowhere."
        assert not anchor or anchor in Page(target).anchors, f"{one}: {link} has no such heading."


def test_it_reaches_every_page() -> None:
    reached, waiting = set(), [page("README.md")]
    while waiting:
        one = waiting.pop()
        if one.path in reached:
            continue
        reached.add(one.path)
        links = [link.partition("#")[0] for link in one.links if not link.startswith("http")]
        waiting += [Page(path) for link in links if (path := (one.path.parent / link).resolve()).suffix == ".md"]

    assert {str(one) for one in pages()} == {path.relative_to(ROOT).as_posix() for path in reached}


def test_it_numbers_the_decisions_without_a_gap() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    index = [link for link in page("docs/decisions/README.md").links if link[0].isdigit()]

    assert [path.name for path in decisions] == index
    for number, path in enumerate(decisions, start=1):
        text = path.read_text()
        assert path.name.startswith(f"{number:04}-"), path.name
        assert text.startswith(f"# {number}. "), path.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequence"], path.name
        assert len(text.splitlines()) <= 70, f"{path.name} is longer than a page."
