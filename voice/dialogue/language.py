"""Which language to speak: the one that the caller asks for, or keeps answering in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voice.dialogue.state import State

_IN_A_ROW = 2  # answers; one may be a habit, as in "haan" amid English
_WORD = re.compile(r"[a-z']+")

# Small words tell a language; names, figures and what both languages share ("flat", "budget", "ok") tell nothing.
_HINDI_WORDS = """
aap aapka aapke aapki aapko aapse abhi accha acha agar aise andar apna apne apni aur baad baare baat bahut bas bataiye
batao bataye bhi bola boli boliye bolo chahiye chahta chahte chahti chalega chalegi dekh dekhna dekhte dijiye diya
dobara gaya gayi ghar haan haanji hai hain hamara hamare hamari han ho hoga hogi hoon hum humein hun iska iske isme
ismein itna jagah jaise jee ji ka kab kabhi kahan kaise kam kar karein karna karo karte kaun ke kharidna kharidne ki
kiraya kiraye kitna kitne kitni ko koi kuch kya kyon lagbhag lekin lena liya liye maaf main mat matlab mein mera mere
meri mujhe naam nahi nahin nai paas par pata pehle phir raha rahe rahi rakho rehna rehne saal sahi sakta sakte sakti
samajh se shehar sirf soch socha suno tak tha theek thi thik thoda toh turant unka unki unko uska uski usko wahan wala
wale wali wo woh ya yahan ye yeh zaroor zyada
"""

_ENGLISH_WORDS = """
a about after again all am an and any anything are around at be because been before below but by can could did does
don't dont for from get give good have i i'd i'll i'm i've if in is isn't it it's its just know less like looking make
maximum minimum month months more my near need not of on only or our out over planning please prefer some something
speaking take tell than thank that that's the them then there these they thing think this those under until up us very
want was we we're we've what when where which who will with within would year years yes you your
"""
_HINDI = frozenset(_HINDI_WORDS.split())
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_HABIT = frozenset(
    {"haan", "han", "haanji", "boliye", "bolo", "ji", "jee", "accha", "acha", "nahi", "theek", "yes", "please", "thank"}
)


def follow(state: State, text: str) -> None:
    """Turn to the language of two answers in a row; once a caller has asked for one, theirs stays. Changes `state`."""
    spoken = spoken_in(text)
    if state["language_chosen"] or not spoken:
        return
    if spoken == state["language"]:
        state["other_language"], state["leaning"] = 0, ""
        return
    state["other_language"] = state["other_language"] + 1 if state["leaning"] == spoken else 1
    state["leaning"] = spoken
    if state["other_language"] >= _IN_A_ROW:
        state["language"], state["other_language"], state["leaning"] = spoken, 0, ""


def spoken_in(text: str) -> str:
    """The language of an answer, "hi-IN" in either script or "en-IN"; "" where its words belong to both."""
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        return ""
    if 2 * sum("\u0900" <= letter <= "\u097f" for letter in letters) > len(letters):
        return "hi-IN"
    words = set(_WORD.findall(text.casefold()))
    hindi, english = words & _HINDI, words & _ENGLISH
    if len(hindi) == len(english) or (hindi | english) <= _HABIT:
        return ""
    return "hi-IN" if len(hindi) > len(english) else "en-IN"
