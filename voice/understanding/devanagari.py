"""Devanagari in Latin letters, as people type Hinglish: the inherent vowel goes where speech drops it."""

from __future__ import annotations

_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        [
            "k",
            "kh",
            "g",
            "gh",
            "n",
            "ch",
            "chh",
            "j",
            "jh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "y",
            "r",
            "l",
            "v",
            "sh",
            "sh",
            "s",
            "h",
            "l",
        ],
        strict=True,
    )
)
_VOWELS = dict(
    zip("अआइईउऊऋएऐओऔऑऍ", ["a", "aa", "i", "ee", "u", "oo", "ri", "e", "ai", "o", "au", "o", "e"], strict=True)
)
_SIGNS = dict(zip("ािीुूृेैोौॉॅ", ["aa", "i", "ee", "u", "oo", "ri", "e", "ai", "o", "au", "o", "e"], strict=True))
_VIRAMA, _NASAL, _VISARGA = "्", "ं", "ः"


def to_latin(word: str) -> str:
    """Spell one Devanagari word in Latin letters; signs it does not know are left out."""
    sounds = _sounds(word)
    last = len(sounds) - 1
    spoken = []
    for at, (consonant, vowel) in enumerate(sounds):
        inherent = vowel == "-"
        silent = inherent and (at == last > 0 or _is_medial_silent(sounds, at))
        spoken.append(consonant + ("" if silent else "a" if inherent else vowel))
    return "".join(spoken)


def _is_medial_silent(sounds: list[tuple[str, str]], at: int) -> bool:
    """True between a full vowel and a following consonant with its own vowel: नम(a)कीन."""
    if at == 0 or at + 1 >= len(sounds):
        return False
    before, after = sounds[at - 1][1], sounds[at + 1]
    return before not in ("", "-n") and after[0] != "" and after[1] not in ("", "-")


def _sounds(word: str) -> list[tuple[str, str]]:
    """Split into (consonant, vowel); "-" marks the inherent vowel, "" none."""
    sounds: list[tuple[str, str]] = []
    for char in word:
        if char in _CONSONANTS:
            sounds.append((_CONSONANTS[char], "-"))
        elif char in _VOWELS:
            sounds.append(("", _VOWELS[char]))
        elif sounds and char in _SIGNS:
            sounds[-1] = (sounds[-1][0], _SIGNS[char])
        elif sounds and char == _VIRAMA:
            sounds[-1] = (sounds[-1][0], "")
        elif sounds and char == _NASAL:
            consonant, vowel = sounds[-1]
            sounds[-1] = (consonant, "a" if vowel == "-" else vowel)
            sounds.append(("n", ""))
    return sounds
