"""Phone numbers: kept as typed, and compared in their international form."""

import re

import phonenumbers

_NUMBER = re.compile(r"[0-9 +()./-]+")
_FEWEST_DIGITS = 6


def e164(text: str, *, region: str) -> str:
    """The number as +E.164, read as one of `region` (ISO 3166 alpha-2) unless it says its country; else ""."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def spellings(text: str, *, region: str) -> list[str]:
    """What to look for when the text is a phone number: its digits, and its international form; else nothing."""
    digits = "".join(filter(str.isdigit, text))
    if not _NUMBER.fullmatch(text) or len(digits) < _FEWEST_DIGITS:
        return []
    return [form for form in (digits, e164(text, region=region)) if form]
