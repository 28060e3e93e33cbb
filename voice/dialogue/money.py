"""Whole rupees in the words that people say: "eighty lakh rupees", "डेढ़ करोड़ रुपये"."""

from __future__ import annotations

_ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
"""
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"

_HINDI = """
शून्य एक दो तीन चार पाँच छह सात आठ नौ
दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस
बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस
तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस
चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास
पचास इक्यावन बावन तिरेपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ
साठ इकसठ बासठ तिरेसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर
सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उन्यासी
अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी
नब्बे इक्यानवे बानवे तिरानवे चौरानवे पंचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे
"""

_UNITS = ((10_000_000, "crore", "करोड़"), (100_000, "lakh", "लाख"), (1_000, "thousand", "हज़ार"), (100, "hundred", "सौ"))


_CURRENCY = {"en-IN": "rupees", "hi-IN": "रुपये", "hi-Latn": "rupaye"}
_IN_LATIN = {"thousand": "hazaar", "hundred": "sau"}


def rupees(total: int, language: str) -> str:
    """`total` whole rupees as speech in "en-IN", "hi-IN" or "hi-Latn"; a sum beyond 99 crore has digits for its crores.

    Hindi in Latin letters counts in digits, which every voice reads out in its own language.
    """
    return f"{amount(total, language)} {_CURRENCY[language]}"


def amount(total: int, language: str) -> str:
    """The sum without its currency, for the first end of a range."""
    parts: list[str] = []
    rest = abs(total)
    for size, english, devanagari in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            unit = {"en-IN": english, "hi-IN": devanagari}.get(language, _IN_LATIN.get(english, english))
            parts.append(f"{_number(count, language)} {unit}")
    if rest or not parts:
        parts.append(_number(rest, language))
    return " ".join(parts)


def _number(count: int, language: str) -> str:
    if count > 99 or language == "hi-Latn":
        return str(count)
    if language == "hi-IN":
        return _HINDI.split()[count]
    if count < 20:
        return _ONES.split()[count]
    tens, ones = divmod(count, 10)
    return _TENS.split()[tens] + (f"-{_ONES.split()[ones]}" if ones else "")
