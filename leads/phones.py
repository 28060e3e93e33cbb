"""Phone numbers as people type them, made E.164; nonsense is refused with a sentence."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import timezone

_WITHHELD = {"", "anonymous", "unknown", "unavailable", "restricted", "private", "blocked", "withheld"}
# The same words spelled on a keypad, as Twilio sends them: support, "calls from these strange numbers".
_KEYPAD_WORDS = {"+266696687", "+7378742833", "+2562533", "+86282452253", "+8656696", "+464"}
_LETTERS = re.compile(r"[^\W\d_]")
_EXTENSION = re.compile(r"(?i)^tel:|\b(?:ext|extn|extension|x)\b.*$")
_MODERN = {"Asia/Calcutta": "Asia/Kolkata"}
_E164 = re.compile(r"\+[1-9]\d{6,14}")


def normalise(text: str, region: str = "IN") -> str:
    """The E.164 form of a number typed in any usual Indian or international way.

    :raises ValueError: with a sentence for the person who typed it.
    """
    # People write the trunk zero after the country code, and dots and slashes, which the library half accepts.
    cleaned = re.sub(r"\(0\)|,", "", text.strip())
    if not re.search(r"\d", cleaned) or _LETTERS.search(_EXTENSION.sub("", cleaned)):
        raise ValueError("This is not a phone number. Type it like 98765 43210 or +91 98765 43210.")
    try:
        parsed = phonenumbers.parse(cleaned, region)
    except phonenumbers.NumberParseException:
        raise ValueError("This is not a phone number. Type it like 98765 43210 or +91 98765 43210.") from None
    if parsed.extension:
        raise ValueError("An extension cannot be dialled. Type the number without it.")
    if not phonenumbers.is_valid_number(parsed):
        raise ValueError(_why_invalid(parsed))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _why_invalid(parsed: phonenumbers.PhoneNumber) -> str:
    verdict = phonenumbers.is_possible_number_with_reason(parsed)
    if verdict == phonenumbers.ValidationResult.TOO_SHORT:
        return "This phone number has too few digits. An Indian number has ten, like 98765 43210."
    if verdict == phonenumbers.ValidationResult.TOO_LONG:
        return "This phone number has too many digits. An Indian number has ten, like 98765 43210."
    return "No such phone number exists. Check it, and type the country code (such as +971) if it is not Indian."


def from_carrier(text: str) -> str:
    """The E.164 number that a carrier sent, or an empty string where it was withheld or is malformed.

    Carriers send numbers that no numbering plan lists, so the shape alone decides.
    """
    cleaned = text.strip()
    if cleaned.lower() in _WITHHELD or cleaned in _KEYPAD_WORDS or not _E164.fullmatch(cleaned):
        return ""
    return cleaned


@lru_cache(maxsize=4096)
def region_of(phone: str) -> str:
    """The ISO country of an E.164 number, such as IN; empty where the numbering plans do not tell."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or ""
    except phonenumbers.NumberParseException:
        return ""


@lru_cache(maxsize=4096)
def zones_of(phone: str) -> tuple[str, ...]:
    """Every time zone that the holder of an E.164 number may live in; empty where nothing is known of it."""
    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(_MODERN.get(zone, zone) for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)
