"""Residential or commercial, and which type of property."""

from __future__ import annotations

import re

from voice.understanding.phrases import phrase
from voice.understanding.soundalikes import sounding_like
from voice.understanding.text import CLOSING, Heard, Mark, Marks

_TYPES = {
    "apartment": r"flats?|apartments?|appartments?|apartment|apartmant|society flat|phlait|flait|phlet"
    r"|apaartament|fal+at|phal+at|flet|aprtment|condos?|condominium",
    "villa": r"villas?|vila|independ[ae]nt (?:house|ghar|home)|svatantra ghar|individual house|kothi|bungalows?"
    r"|bunglows?|bungla|bangla|bungalo"
    r"|(?:row|raw|ro|roe) ?houses?|duplex(?: house)?|independent|haveli|villament|townhouse|banglow",
    "builder_floor": r"builder ?floors?|bild[ea]r flo+r|independent floors?|builder flor",
    "plot": r"(?:residential|bda|corner|empty|vacant) sites?|(?<!your )(?<!the )(?<!web )(?<!this )(?<!job )site"
    r"(?= (?:only|chahiye|please|\x03))|plots?|plotted|zameen|land|plat|plaat|plaut|plote|ploat|plott|bhookhand"
    r"|bhukhand",
    "studio": r"(?:1 )?r (?:k|ke|thousand)(?= (?:\x03|[.,]|enough|chahiye|is|will|ok|only|flat|for|hai|bas|also"
    r"|please|me"
    r"|mein|chalega|kaafi|room|apartment))"
    r"|(?<!photo )(?<!photography )(?<!yoga )(?<!dance )(?<!music )(?<!art )(?<!film )"
    r"(?<!design )(?<!recording )(?<!fitness )(?<!tattoo )(?<!makeup )studio (?:apartment|flat)"
    r"|(?<!photo )(?<!photography )(?<!yoga )(?<!dance )(?<!music )(?<!art )(?<!film )"
    r"(?<!design )(?<!recording )(?<!fitness )(?<!tattoo )(?<!makeup )studio|1 rk|rk|1 rooms? kitchen|rooms? kitchen",
    "penthouse": r"p[ae]nt ?house|penthouses|paint house",
    "farmhouse": r"farm ?houses?|farm land|farmland",
    "office": r"office(?: space)?|offices|ofis|aafis|workspace|co working(?: space)?|coworking(?: space)?",
    "shop": r"shops?|dukaan|kadai|angadi|dokan|retail(?: (?:shop|space|outlet))?",
    "showroom": r"show ?rooms?|shorum",
    "warehouse": r"ware ?houses?|godowns?|godam|godaam|storage space|go down",
    "commercial_land": r"(?:commercial|industrial) (?:land|plots?|zameen)|(?:plot|land|zameen) commercial",
}
_ASKED_WHAT = ("category", "property_type", "purpose")
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
    r"(?<= )(?:(?P<residential>residential|residence|residency|rehna ke liye|ghar|home|homes|house|houses|apna ghar"
    r"|resi|resid)"
    r"|(?P<commercial>commercial|business|vyavsayik|karobar|dhandha|dhandhe|dhanda|dhande|vyapar|vyavsa+y|vyava?say"
    r"|trade))(?= )"
)
_LIVING = re.compile(
    r"(?<= )(?P<residential>living|live|live in|to live|(?<!family )family(?! business)|rehna|rahenge|rahunga|rahungi"
    r"|stay"
    r"|staying|parivar|settle|settling|shift my family|retirement|makkan)(?= )"
)
_KIND_NAMES = {
    "apartment": "apartment",
    "independenthouse": "villa",
    "rowhouse": "villa",
    "bungalow": "villa",
    "builderfloor": "builder_floor",
    "penthouse": "penthouse",
    "farmhouse": "farmhouse",
    "officespace": "office",
    "showroom": "showroom",
    "warehouse": "warehouse",
}
_CATEGORY_NAMES = {"residential": "residential", "commercial": "commercial"}
# Trade that a caller has, not the place wanted for it: "I have enough headaches with business".
_TRADE = ("business", "trade", "karobar", "dhandha", "dhandhe", "dhanda", "dhande", "vyapar", "vyavsay", "vyavsaay")
_HAS_TRADE = re.compile(
    r" (?:have|has|had|run|runs|running|own|owns|do|does|doing|enough|headaches?|(?<!interested )in|with|from"
    r"|because of"
    r"|due to|lost|close|closed|left|sold|my|our|his|mera|hamara|uska|family|father|fathers|papa|husband|husbands)"
    r"(?: (?!for |ke )(?:a|the|own|small|big|family|my|our|his|with|of|good|enough|\w+s))* $"
)
_TO_TRADE = re.compile(r" to (?:run|do|start|open|expand|set up|carry on)(?: \w+){0,2} $")
_FOR_TRADE = re.compile(
    r" (?:ke liye|purpose|space|property|use|premises|jagah|center|centre|wala|wali|set ?up|ke hisaab|kholna"
    r"|start)(?= )"
)
# Homes that somebody else lives in, and where a person happens to be.
_NOT_A_WISH = re.compile(
    r" (?:ghar|home|house|office|shop|dukaan) (?:par|gaya|se|ja|pohch|mein hoon|aaya|pahunch|wale|walon|walo|ke paas"
    r"|ke nazdeek|ke kareeb|ke malkin|ke malik|ke log|ke bade|ke sab|is in|is at|is near|hai)(?= )"
    r"| (?<= at )home(?= )| (?<= from )(?:home|ghar)(?= )"
    r"| (?<= in )(?<!interested in )(?<!invest in )(?<!looking in )(?:home|house)(?= )"
    r"| (?:home|house) (?:delivery|town|tour|ministry|wife|minister|work|maker|help)(?= )"
    r"| (?:ghar|home|house|office|shop|dukaan|business|dhande|dhandha) (?:ke (?:baad|pehle|time|kaam|bahar|andar"
    r"|samay|waqt|peeche"
    r"|aage|liye nikal)|nikal|jaata|jaati|jaana|jaunga|jaungi|aata|aati|ghante|hours|timings?|time|mein (?:abhi|busy"
    r"|nahi|kaam"
    r"|sab|phone|meeting|baitha|baithi|raha|koi))(?= )"
    r"| (?<= your )(?:office|shop|house|home)(?= )| (?<= aapka )(?:office|shop|dukaan|house|ghar)(?= )"
    r"| (?:shop|dukaan|office|showroom|godown|warehouse) (?:hi |bhi )?(?:chalata|chalati|chalate|chala rah\w)(?= )"
    r"| (?:flat|ghar|house|plot|villa|shop|dukaan|office) (?:already|pehle se|hai (?:already|pehle se))(?= )"
)

_NEAR = re.compile(
    r" (?:near|nearby|close to|from|opposite|next to|behind|distance from|at|in|reach|to) (?:my|our|his|her) $"
)
_HAS = re.compile(
    r" (?:i|we|he|she|who|already|husband|father|wife|friend|brother|sister|son|parents|neighbour|boss|uncle"
    r"|they) (?:already |currently )?(?:run|runs|own|owns|have|has|work in|work at"
    r"|working in|bought|purchased|bought already)(?: (?:a|an|my|our|the|own|small|big|1|old|already))* $"
)
_HAD_IN_MIND = re.compile(r" (?:in mind|requirement|search|chahiye)(?= )")
_LIVES_IN = re.compile(
    r" (?:i|we|im|am|are|currently|now|they|presently|family|abhi) (?:currently |now |presently )?(?:live|stay|living"
    r"|staying|residing"
    r"|reside|settled|put up)(?: (?:right now|currently|now|abhi))? (?:in|at)(?: \S+){0,3} $"
    r"| (?:currently|presently|right now|abhi|at present) (?:in|at|have|own)(?: (?:a|an|my|the|own|rented|\d|bhk))* $"
)
_LIVED_IN = re.compile(r" (?:mein |me )(?:hi |abhi )?(?:r[ae]h(?:te|ta|ti)|reh|rehna (?:raha|rahi|rahe))(?= )")
_FARMED = re.compile(r" (?:agricultural|agriculture|farming|kheti ke|krishi) $")
_INSIDE = re.compile(
    r" (?:am|im|is|are|currently|abhi|right now|now|reach|was) (?:in|at|from)(?: the| my)? $| at (?:my )?$"
)
_DENIED = re.compile(
    r" (?:(?:dont|do not) call (?:it|this|that)|isnt|is not|where did you get|what (?:will|would|do|can|shall"
    r"|to) (?:i |we )?do with|what use is|kisne bola|who (?:said|told)"
    r"|hates?|dislikes?|(?:dont|do not|doesnt) (?:like|care for)|cant stand|fed up (?:with|of)|tired of|bored of"
    r"|not|(?<! no )no|non|dont want|dont need|do not want|not want|instead of|rather than|except|other than)(?: (?:a"
    r"|an|any"
    r"|the|in|for|interested))* $"
)
_DENIED_AFTER = re.compile(
    r" (?:sh\w+ )?(?:ke |mein |wala |se )?(?:bilkul |to |bhi )?(?:nahi|ke jagah|ke bajay|(?:main "
    r"|hum )?kya (?:kar\w*)(?= )"
    r"|(?:is |are |to |bahut |bhi )*(?:too|very|bahut|zyada) (?:costly|expensive|mehn?g[aei]|small|chhot[ai]|far|big)"
    r"|(?:bahut |kaafi )?mehn?g[aei]|se (?:bore|tang|pareshan|thak\w*)"
    r"|(?:is |are )?(?:not (?:for me|needed|required|interested|my)|useless|waste))(?= )"
)
_ONLY_NOT = re.compile(r" (?:only|hi|sirf)(?: ,)? (?:no|not|nahi)(?: any)? ")  # "a villa only, no flats"
_RESTART = re.compile(r" (?:ab|now|sorry|no|nahi|actually|i mean|wait|matlab|make it) ")


def read_property(heard: Heard, asked: str) -> Marks:
    """Slots category and property_type; two types leave the type open."""
    line = heard.line
    types, denied = _kinds(line, _ANY)
    categories, gone = _kinds(line, _CATEGORY)
    categories = [match for match in categories if not _is_trade_at_hand(line, match)]
    if asked == "purpose":  # "to live in" says what for, not what
        categories = [match for match in categories if not match.group().startswith("rehna")]
    if not categories and asked == "category":
        categories = _kinds(line, _LIVING)[0]
    if not (types or categories) and (use := _by_use(heard, asked)):
        return Marks((use,))
    if not (types or categories or denied or gone) and (like := _by_sound(heard, asked)):
        return like
    dropped = tuple(Mark("property_type", match.lastgroup, *match.span()) for match in denied)
    dropped += tuple(Mark("category", match.lastgroup, *match.span()) for match in gone)
    kinds = {match.lastgroup for match in types}
    said = {_category_of(match) for match in types or categories}
    if (" ya " in line or line.count(" bhi ") > 1) and len(said | {_category_of(match) for match in categories}) > 1:
        return Marks(dropped=dropped)  # "ghar ya dukaan" leaves everything open
    marks = []
    if len(kinds) == 1:
        marks.append(Mark("property_type", types[-1].lastgroup, types[-1].start(), types[-1].end()))
    if len(said) == 1:
        stretch = types or categories
        marks.append(Mark("category", said.pop(), stretch[0].start(), stretch[-1].end()))
    return Marks(tuple(marks), dropped)


def _by_use(heard: Heard, asked: str) -> Mark | None:
    """Commercial by what is to be done there: "for my dental clinic", "salon kholna hai"."""
    line = heard.line
    match = phrase("opens_business").search(line)
    if not match and asked in _ASKED_WHAT:
        match = phrase("for_business").search(line)
    return Mark("category", "commercial", match.start(), match.end()) if match else None


def _by_sound(heard: Heard, asked: str) -> Marks | None:
    """A type or category that the recogniser broke or bent; None where nothing sounds alike."""
    if asked not in ("category", "property_type"):
        return None
    if like := sounding_like(heard, _KIND_NAMES):
        kind = like.value
        category = "commercial" if kind in _COMMERCIAL else "residential"
        return Marks(
            (Mark("property_type", kind, like.start, like.end), Mark("category", category, like.start, like.end))
        )
    like = sounding_like(heard, _CATEGORY_NAMES)
    return Marks((Mark("category", like.value, like.start, like.end),)) if like else None


def _is_trade_at_hand(line: str, match: re.Match[str]) -> bool:
    """True for the trade that somebody has: "my business is in Surat"; False for the one a place is wanted for."""
    if match.group() not in _TRADE or _FOR_TRADE.match(line, match.end()):
        return False
    before = line[: match.start()]
    return bool(_HAS_TRADE.search(before)) and not _TO_TRADE.search(before)


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
        or (_HAS.search(before) and not _HAD_IN_MIND.match(line, match.end()))
        or _FARMED.search(before)
        or _LIVES_IN.search(before)
        or _LIVED_IN.match(line, match.end())
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
