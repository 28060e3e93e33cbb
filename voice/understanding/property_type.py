"""Residential or commercial, and which type of property."""

from __future__ import annotations

import re

from voice.understanding.text import Heard, Mark, Marks

_TYPES = {
    "apartment": r"flats?|apartments?|appartments?|apartment|apartmant|society flat|phlait|flait|phlet|apaartament|condos?|condominium",
    "villa": r"villas?|vila|independent house|individual house|kothi|bungalows?|bunglows?|bungla|bangla|bungalo|row ?houses?|duplex(?: house)?|independent|haveli|villament|townhouse|banglow",
    "builder_floor": r"builder ?floors?|bilder floor|independent floors?|builder flor",
    "plot": r"plots?|plotted|zameen|land|plat",
    "studio": r"studios?|studio apartments?|studio flats?|1 rk|one rk|rk|1 room kitchen|room kitchen",
    "penthouse": r"pent ?house|penthouses|paint house",
    "farmhouse": r"farm ?houses?|farm land|farmland",
    "office": r"office(?: space)?|offices|ofis|aafis|workspace|co working(?: space)?|coworking(?: space)?",
    "shop": r"shops?|dukaan|retail(?: (?:shop|space|outlet))?",
    "showroom": r"show ?rooms?|shorum",
    "warehouse": r"ware ?houses?|godowns?|godam|godaam|storage space|go down",
    "commercial_land": r"(?:commercial|industrial) (?:land|plots?|zameen)",
}
_COMMERCIAL = frozenset(("office", "shop", "showroom", "warehouse", "commercial_land"))
_ANY = re.compile(
    r"(?<= )(?:"
    + "|".join(f"(?P<{kind}>{_TYPES[kind]})" for kind in ("commercial_land", "studio", "builder_floor", "penthouse", "farmhouse", "villa", "apartment", "office", "shop", "showroom", "warehouse", "plot"))
    + r")(?= )"
)
_CATEGORY = re.compile(
    r"(?<= )(?:(?P<residential>residential|residence|residency|rehne|rahne|ghar|home|house|living|family|apna ghar|rihayshi|awasiya)|(?P<commercial>commercial|business|vyavsayik|karobar|dhandha|vyapar))(?= )"
)
_DENIED = re.compile(r" (?:not|no|nahi|dont want)(?: (?:a|an|any|the))? $")
_DENIED_AFTER = re.compile(r" nahi(?= )")


def read_property(heard: Heard, asked: str) -> Marks:
    """Slots category and property_type; two types leave the type open."""
    line = heard.line
    found, dropped = [], []
    for match in _ANY.finditer(line):
        denied = _DENIED.search(line[: match.start()]) or _DENIED_AFTER.match(line, match.end())
        (dropped if denied else found).append(match)
    kinds = list(dict.fromkeys(match.lastgroup for match in found))
    gone = tuple(Mark("property_type", match.lastgroup, match.start(), match.end()) for match in dropped)
    marks = []
    categories = {"commercial" if kind in _COMMERCIAL else "residential" for kind in kinds}
    start, end = (found[0].start(), found[-1].end()) if found else (0, 0)
    if len(kinds) == 1:
        marks.append(Mark("property_type", kinds[0], start, end))
    if not categories:
        for match in _CATEGORY.finditer(line):
            if _DENIED.search(line[: match.start()]) or _DENIED_AFTER.match(line, match.end()):
                continue
            categories, start, end = {match.lastgroup or ""}, match.start(), match.end()
    if len(categories) == 1:
        marks.append(Mark("category", categories.pop(), start, end))
    return Marks(tuple(marks), gone)
