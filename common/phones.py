"""Phone numbers: kept as typed, and compared in their international form."""

import phonenumbers


def e164(text: str, *, region: str) -> str:
    """The number as +E.164, read as one of `region` (ISO 3166 alpha-2) unless it says its country; else ""."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
