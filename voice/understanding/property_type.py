"""Residential or commercial, and which type of property."""

from __future__ import annotations

import re

from voice.understanding.phrases import phrase
from voice.understanding.text import CLOSING, Heard, Mark, Marks

_TYPES = {
    "apartment": r"flats?|apartments?|appartments?|apartment|apartmant|society flat|phlait|flait|phlet"
    r"|apaartament|condos?|condominium",
    "villa": r"villas?|vila|independ[ae]nt (?:house|ghar|home)|svatantra ghar|individual house|kothi|bungalows?"
    r"|bunglows?|bungla|bangla|bungalo"
    r"|row ?houses?|duplex(?: house)?|independent|haveli|villament|townhouse|banglow",
    "builder_floor": r"builder ?floors?|bild[ea]r flo+r|independent floors?|builder flor",
    "plot": r"(?:residential|bda|corner|empty|vacant) sites?|(?<!your )(?<!the )(?<!web )(?<!this )(?<!job )site"
    r"(?= (?:only|chahiye|please|\x03))|plots?|plotted|zameen|land|plat",
    "studio": r"studio (?:apartment|flat)|studio|1 rk|rk|1 rooms? kitchen|rooms? kitchen",
    "penthouse": r"pent ?house|penthouses|paint house",
    "farmhouse": r"farm ?houses?|farm land|farmland",
    "office": r"office(?: space)?|offices|ofis|aafis|workspace|co working(?: space)?|coworking(?: space)?",
    "shop": r"shops?|dukaan|retail(?: (?:shop|space|outlet))?",
    "showroom": r"show ?rooms?|shorum",
    "warehouse": r"ware ?houses?|godowns?|godam|godaam|storage space|go down",
    "commercial_land": r"(?:commercial|industrial) (?:land|plots?|zameen)|(?:plot|land|zameen) commercial",
}
_COMMERCIAL = frozenset(("office", "shop", "showroom", "warehouse", "commercial_land"))
_ANY = re.compile(
    r"(?<= )(?:"
    + "|".join(
        f"(?P<{kind}>{_TYPES[kind]})"
        for kind in (
            "commercial_land",
            "studio",
            "builder_floor",
            "penthouse",
            "farmhouse",
            "villa",
            "apartment",
            "office",
            "shop",
            "showroom",
            "warehouse",
            "plot",
        )
    )
    + r")(?= )"
)
_CATEGORY = re.compile(
    r"(?<= )(?:(?P<residential>residential|residence|residency|rehna ke liye|ghar|home|homes|house|houses|apna ghar)"
    r"|(?P<commercial>commercial|business|vyavsayik|karobar|dhandha|dhandhe|dhanda|vyapar|trade))(?= )"
)
_LIVING = re.compile(r"(?<= )(?P<residential>living|live|live in|to live|family|rehna|stay|staying)(?= )")
# Homes that somebody else lives in, and where a person happens to be.
_NOT_A_WISH = re.compile(
    r" (?:ghar|home|house|office|shop|dukaan) (?:par|gaya|se|ja|pohch|mein hoon|aaya|pahunch|wale|walon|walo|ke paas"
    r"|ke nazdeek|ke kareeb|ke malkin|ke malik|ke log|ke bade|ke sab|is in|is at|is near|hai)(?= )"
    r"|(?<= at )home(?= )"
)

_NEAR = re.compile(
    r" (?:near|nearby|close to|from|opposite|next to|behind|distance from|at|in|reach|to) (?:my|our|his|her) $"
)
_FARMED = re.compile(r" (?:agricultural|agriculture|farming|kheti ke|krishi) $")
_INSIDE = re.compile(
    r" (?:am|im|is|are|currently|abhi|right now|now|reach|was) (?:in|at|from)(?: the| my)? $| at (?:my )?$"
)
_DENIED = re.compile(
    r" (?:not|non|dont want|dont need|do not want|not want|instead of|rather than|except|other than)(?: (?:a|an|any"
    r"|the|in|for|interested))* $"
)
_DENIED_AFTER = re.compile(r" (?:ke |mein |wala )?(?:nahi|ke jagah|ke bajay)(?= )")
_ONLY_NOT = re.compile(r" (?:only|hi|sirf)(?: ,)? (?:no|not|nahi)(?: any)? ")  # "a villa only, no flats"
_RESTART = re.compile(r" (?:ab|now|sorry|no|nahi|actually|i mean|wait|matlab|make it) ")


def read_property(heard: Heard, asked: str) -> Marks:
    """Slots category and property_type; two types leave the type open."""
    line = heard.line
    types, denied = _kinds(line, _ANY)
    categories, gone = _kinds(line, _CATEGORY)
    if asked == "purpose":  # "to live in" says what for, not what
        categories = [match for match in categories if not match.group().startswith("rehna")]
    if not categories and asked == "category":
        categories = _kinds(line, _LIVING)[0]
    dropped = tuple(Mark("property_type", match.lastgroup, *match.span()) for match in denied)
    dropped += tuple(Mark("category", match.lastgroup, *match.span()) for match in gone)
    kinds = {match.lastgroup for match in types}
    said = {_category_of(match) for match in types or categories}
    if " ya " in line and len(said | {_category_of(match) for match in categories}) > 1:
        return Marks(dropped=dropped)  # "ghar ya dukaan" leaves everything open
    marks = []
    if len(kinds) == 1:
        marks.append(Mark("property_type", types[-1].lastgroup, types[-1].start(), types[-1].end()))
    if len(said) == 1:
        stretch = types or categories
        marks.append(Mark("category", said.pop(), stretch[0].start(), stretch[-1].end()))
    return Marks(tuple(marks), dropped)


def _category_of(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    if kind in ("residential", "commercial"):
        return kind
    return "commercial" if kind in _COMMERCIAL else "residential"


def _is_whereabouts(line: str, match: re.Match[str]) -> bool:
    """True for "I am in office", "near my shop": where somebody is, not what they want."""
    before = line[: match.start()]
    if (
        _NOT_A_WISH.match(line, match.start() - 1)
        or phrase("not_wanted").match(line, match.start())
        or _NEAR.search(before)
        or _FARMED.search(before)
        or phrase("sold").search(before + CLOSING)
    ):
        return True
    return match.group() in ("office", "home", "ghar", "shop", "house") and bool(_INSIDE.search(before))


def _kinds(line: str, pattern: re.Pattern[str]) -> tuple[list[re.Match[str]], list[re.Match[str]]]:
    """What is wanted after the last correction, and what was negated or corrected."""
    kept: list[re.Match[str]] = []
    gone: list[re.Match[str]] = []
    for match in pattern.finditer(line):
        if _is_whereabouts(line, match):
            continue
        only = kept and _ONLY_NOT.fullmatch(line[kept[-1].end() : match.start()])
        if only or _DENIED.search(line[: match.start()]) or _DENIED_AFTER.match(line, match.end()):
            gone.append(match)
            continue
        if kept and _RESTART.search(line[kept[-1].end() : match.start() + 1]):
            gone += kept
            kept = []
        kept.append(match)
    return kept, gone
