"""Every kind that an app declares can be put into words, in each language that it has words in."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.timezone import get_default_timezone

from notifications.kinds import KINDS, Kind
from notifications.words import Recipient, title_of
from tests.architecture import ROOT

LANGUAGES = [code for code, _ in settings.LANGUAGES]
CODES = sorted(KINDS)


def has(name: str) -> bool:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    return True


@pytest.mark.parametrize("code", CODES)
def test_it_has_text_and_html(code: str) -> None:
    assert has(f"mail/{code}.txt")
    assert has(f"mail/{code}.html")


@pytest.mark.parametrize("code", CODES)
def test_it_has_both_or_neither_in_a_language(code: str) -> None:
    for language in LANGUAGES:
        assert has(f"mail/{language}/{code}.txt") == has(f"mail/{language}/{code}.html")


@pytest.mark.parametrize("code", CODES)
def test_it_has_a_title_whatever_the_facts(code: str) -> None:
    for language in LANGUAGES:
        assert title_of(code, {}, Recipient(language, get_default_timezone(), {}))


def test_it_has_no_template_that_nobody_sends() -> None:
    parts = {"layout", "unsubscribe"}
    found = {path.stem for path in ROOT.glob("*/templates/mail/**/*") if path.is_file()}
    included = {name for name in found if name.startswith("_")}
    assert found - parts - included - set(CODES) == set()
    assert all(Path(path).suffix in {".txt", ".html"} for path in ROOT.glob("*/templates/mail/**/*.*"))


def test_it_has_one_kind_of_a_code() -> None:
    with pytest.raises(ValueError, match=r"There is a kind password_reset already\."):
        Kind("password_reset", "Another")
