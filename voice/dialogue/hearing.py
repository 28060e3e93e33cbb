"""Which question a sentence asks, told by its words alone, as a person on the telephone tells it."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?<=[.?!।])\s+")

# The first line that matches decides, so the telling words come before the common ones.
_TELLING: tuple[tuple[str, str], ...] = (
    ("confirm", r"is that right|get that right|यह सही है|ठीक समझा|\byeh sahi hai|theek samjh"),
    ("change", r"me to change|should i correct|क्या बदलना|ठीक करूँ|kya badalna|theek karoon"),
    ("purpose", r"\bmean to\b|मतलब .*के लिए|matlab .*ke liye"),
    (
        "category",
        r"mean a (?:home|commercial property)|मतलब (?:घर|कमर्शियल प्रॉपर्टी)|matlab (?:ghar|commercial property)",
    ),
    ("property_type", r"\bmean an?\b|मतलब|\bmatlab\b"),
    ("location", r"did you mean|क्या आपने|kya aapne"),
    ("callback", r"\b(time|when)\b.* call you|दोबारा|\bdobara\b"),
    ("consent", r"\bsales\b|\b(representative|executive|agent|advisor|expert|colleague|team)s?\b.* call\b|सेल्स"),
    ("email", r"\bemail\b|ईमेल"),
    ("phone", r"phone number|mobile number|फ़ोन नंबर|मोबाइल|mobile\b|phone number"),
    ("name", r"your name|आपका नाम|aapka naam"),
    (
        "identity",
        r"speaking with|\bis this\b(?! (?:to|for|an?|the|your|about)\b)|बात .* हो रही|बोल रहे|baat .* ho rahi|bol rahe",
    ),
    ("purpose", r"\binvest|निवेश|\bnivesh"),
    ("budget", r"\bbudget\b|\brent\b|\bspend\b|बजट|किराया|खर्च|\bkiraya\b|\bkharch\b"),
    ("bedrooms", r"\bbedrooms?\b|\bbhk\b|बेडरूम"),
    ("timeline", r"\bmonths?\b|move ahead|कब तक|महीने में|\bkab tak\b|mahine mein"),
    ("property_type", r"what type|which kind|would you like an"),
    ("property_type", r"किस तरह|कौन सी प्रॉपर्टी|कैसी जगह|फ्लैट चाहिए|ऑफिस चाहिए"),
    ("property_type", r"kis tarah|kaun si property|kaisi jagah|flat chahiye|office chahiye"),
    ("category", r"\bcommercial\b|\bbusiness\b|कमर्शियल"),
    ("location", r"\bcity\b|\bplace\b|\barea\b|शहर|जगह|इलाके|\bshehar\b|\bjagah\b|\bilaake\b"),
)


def last_question(said: str) -> str:
    """The last question in `said`; "" when nothing is asked."""
    questions = [sentence for sentence in _SENTENCE.split(said.strip()) if sentence.endswith("?")]
    return questions[-1] if questions else ""


def question_in(said: str) -> str:
    """The slot that the last question in `said` asks for; "" when nothing is asked, "?" when it is not clear what."""
    heard = last_question(said).casefold()
    if not heard:
        return ""
    return next((slot for slot, telling in _TELLING if re.search(telling, heard)), "?")
