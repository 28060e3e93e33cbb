"""Why they want it: to buy, to rent, or as an investment."""

from __future__ import annotations

import re

from voice.understanding.phrases import phrase
from voice.understanding.soundalikes import sounding_like
from voice.understanding.text import Heard, Mark, Marks

_RENTAL_GAIN = (
    r"rent (?:income|yield|returns?|pe dena|par dena|ke liye dena|out)|(?:rent|lease) par (?:dena"
    r"|lagana|chadha\w*|dijiye|dunga|dungi)|(?<!you )(?<!they )(?<!owner )(?<!he )(?:let|give|giving|put|putting)"
    r" (?:it |this |them |the flat )?(?:out )?(?:on|for) rent"
)
_INVESTED = (
    r"(?:paisa|paise|pesa) (?:lagana|lagane|lagaana|daalna|dalna|park)"
    r"|(?:paisa|paise|money) (?:ko )?(?:double|badha\w*|grow)"
    r"|park(?:ing)? (?:my |some |our )?(?:money|funds?|paisa)"
    r"|(?:sell|resell|flip) (?:after|in) (?:a |few |some |\d+ |couple of )*(?:saal|mahine)"
    r"|(?:sell|flip) (?:it|this|them)(?: \w+)? (?:later|after|in|when|on)"
    r"|(?:bech|beech) (?:denge|dunga|dungi)(?!.* (?:naya|nayi|dusra|doosra|new|another|bada|badi) )"
    r"|capital gains?|(?:good |zyada |for )?(?:munafa|profit)"
)
_PURPOSE = re.compile(
    rf"(?<= )(?:(?P<invest>invest|{_RENTAL_GAIN}|{_INVESTED}|rent (?:it|this|them) out|returns|resale|re sale"
    r"|appreciation|roi|passive income)"
    r"|(?P<rent>rent|leave (?:aur|n|in) licen[cs]e|l aur l|rant(?= (?:par|me|mein|ke) )|bhad\w*ne|bhadyane|badige\w*"
    r"|vaadagai\w*|vadagai\w*|vadakai\w*|addek\w*|adde ki|lease|leasing|renting|rented|tenant|(?:per|par|monthly"
    r"|every|har|prati|/) ?(?:mahine|month)"
    r"|monthly|pcm|paying guest)"
    r"|(?P<buy>buy|buying|bye|by(?= (?:it|a (?:flat|house|home)))|purchase|purchasing|purchased|kharidna|own use"
    r"|self use|end use|end user|own it|outright|ownership|owning|vikat|vaang\w*|konali|konadam|konadaniki|kinbo"
    r"|kinte|kharedi))(?= )"
)
_OWN_USE = re.compile(
    r"(?<= )(?:self|own|own living|own purpose|personal(?! (?:matter|problem|question|details|information|reasons?))"
    r"|personal use|khud (?:ke|rehna)(?: liye| rehna)?|khud"
    r"|apne (?:liye|use)|apne rehna ke liye|rehna(?: ke liye)?|to live|living|live in|for myself|for my family"
    r"|family|lena|le lena|(?<!nahi )le rah[aie]|apna ghar(?! (?:hai(?! chahiye)|already|to hai))"
    r"|end use|self occupation|to stay|stay)(?= )"
)
_DENIED = re.compile(
    r" (?:not|(?<! no )no|dont want(?: to)?|do not want(?: to)?|never|instead of|rather than|(?:tired"
    r"|sick) of(?: paying)?|fed up (?:of|with)(?: paying)?|done with|no more|(?:brother|sister|father|wife"
    r"|husband|friend|uncle|son|dad|bhai|dost|papa|pati|patni|partner) (?:is|was|are))(?: (?:live|stay|living|for|to"
    r"|on|a|an|the|it"
    r"|looking|as|ke|liye|interested|in))* $"
)
_DENIED_AFTER = re.compile(
    r" (?:(?:par|ke|liye|karo|karo hai|mein|hai|purpose|ko|se|ka|wala|wale|lena|dena|rehna|dijiye|jhanjhat|chakkar"
    r"|jhamela|jhamele|apne|bas|hamare|tension|lafda|khel|mood) ){0,4}(?:nahi|mat|na)(?= )"
    r"| (?:se|de de kar|dekar|bhar bhar ke) (?:pareshan|tang|thak\w*|bore|mukti|chhutkara|bach\w*|azadi)(?= )"
    r"| (?:is |are |was |would be )?(?:isnt|is not|not|never|hardly) (?:possible|affordable|feasible|an option|for me"
    r"|my"
    r"|our|in my|within|happening|needed|required|interesting)(?= )| (?:is |are )?(?:out of (?:the )?question"
    r"|impossible"
    r"|beyond (?:me|my|our|us))(?= )"
)
_MONTHLY = re.compile(
    r"(?<= )(?:(?:thousand|lakh)(?: rupees)?|\d{4,6}(?: rupees)?) (?:a |ke |per |par |every )?(?:mahine)(?= )"
    r"|(?<= )(?:thousand|lakh|\d{4,6})(?: rupees)? (?:pm|p m|p \. m)(?= )"
)
_EARNED_OR_OWED = (
    r"salary|income|emi|earn|earning|earnings|kamata|kamati|kamaai|package|pagaar|tankhwah|instal?lments?|kist"
    r"|maintenance"
)
_OTHER_MONEY = re.compile(
    rf"(?<= )(?:{_EARNED_OR_OWED})(?: \S+){{1,5}}? (?:(?:per|a|every|ke|har|/) )?(?:mahine|monthly|pm|p m)(?= )"
    rf"|(?<= )(?:(?:har|per|every) )?(?:monthly|mahine) (?:ke )?(?:{_EARNED_OR_OWED})(?= )"
)
_NAMES = {
    "investment": "invest",
    "investing": "invest",
    "appreciation": "invest",
    "purchase": "buy",
    "purchasing": "buy",
    "ownuse": "buy",
    "selfuse": "buy",
    "renting": "rent",
}
_CORRECTED = re.compile(r" (?:no|nahi|sorry|actually|i mean|wait) ")
_EITHER = re.compile(r" (?:ya|/) ")


def read_purpose(heard: Heard, asked: str) -> Marks:
    """Slot purpose."""
    line = _OTHER_MONEY.sub(_blank, heard.line)
    line = phrase("other_purchase").sub(_blank, line)
    if asked != "purpose":
        line = phrase("rents_today").sub(_blank, line)  # how they live now, not what they want
    said = [(match, _is_denied(line, match)) for match in _PURPOSE.finditer(line)]
    found = [_mark(match, match.lastgroup or "") for match, denied in said if not denied]
    gone = tuple(_mark(match, match.lastgroup or "") for match, denied in said if denied)
    if not found and (match := _MONTHLY.search(line)):
        found = [_mark(match, "rent")]
    if not found and asked == "purpose" and (match := _OWN_USE.search(line)):
        found = [] if _is_denied(line, match) else [_mark(match, "buy")]
    if not said and not found and asked == "purpose" and (like := sounding_like(heard, _NAMES)):
        found = [Mark("purpose", like.value, like.start, like.end)]
    return _settle(line, found, gone)


def _blank(match: re.Match[str]) -> str:
    return "." * len(match.group())


def _mark(match: re.Match[str], value: str) -> Mark:
    return Mark("purpose", value, match.start(), match.end())


def _is_denied(line: str, match: re.Match[str]) -> bool:
    return bool(_DENIED.search(line[: match.start()]) or _DENIED_AFTER.match(line, match.end()))


def _settle(line: str, found: list[Mark], gone: tuple[Mark, ...]) -> Marks:
    """Buying to invest is investing; "buy or rent" leaves it open; else the last one said stands."""
    if not found:
        return Marks(dropped=gone)
    values = {mark.value for mark in found}
    if len(values) > 1 and _EITHER.search(line[found[0].end : found[-1].start + 1]):
        return Marks(dropped=gone)
    is_put_right = len(found) > 1 and _CORRECTED.search(line[found[-2].end : found[-1].start + 1])
    if values == {"buy", "invest"} and not is_put_right:
        return Marks((next(mark for mark in found if mark.value == "invest"),), gone)
    last = found[-1]
    return Marks((last,), (*gone, *(mark for mark in found if mark.value != last.value)))
