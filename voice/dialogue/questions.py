"""What to ask next: the script's order, less what is known, does not apply, or was asked often enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue.requirement import NO_BEDROOMS
from voice.dialogue.state import script_of, slots

if TYPE_CHECKING:
    from voice.dialogue.state import State

ASKS = 2
"""How often a question is put before the conversation moves on."""

CONFIRM, CALLBACK = "confirm", "callback"
YES_NO = frozenset({"identity", "consent", CONFIRM})

FILLS = {
    "location": ("locations",),
    "bedrooms": ("bedrooms_min", "bedrooms_max"),
    "budget": ("budget_min", "budget_max"),
    "timeline": ("timeline_months",),
}
"""The slots that answer a question, where they are not called like it."""

_SPOKEN_OF_A_HOME = (
    "locations",
    "category",
    "property_type",
    "bedrooms_min",
    "bedrooms_max",
    "budget_min",
    "budget_max",
)

_HINTS = {
    "identity": "yes,no,speaking,this is me,wrong number,who is this,haan,nahi,haan boliye,ji haan,galat number,"
    "call me later,not interested,already bought,do not call me",
    "location": "Pune,Mumbai,Navi Mumbai,Thane,Delhi,Gurgaon,Noida,Greater Noida West,Ghaziabad,Faridabad,Bangalore,"
    "Hyderabad,Chennai,Kolkata,Ahmedabad,Jaipur,Lucknow,Varanasi,Whitefield,Koramangala,Wakad,Hinjewadi,Bandra,Powai,"
    "Andheri,Dwarka,Gachibowli",
    "category": "residential,commercial,home,flat,house,plot,office,shop,ghar,dukaan,for my business",
    "property_type": "flat,apartment,villa,independent house,kothi,bungalow,row house,builder floor,plot,studio,1 RK,"
    "penthouse,farmhouse,office space,shop,showroom,warehouse,godown,commercial land",
    "bedrooms": "1 BHK,2 BHK,2.5 BHK,3 BHK,4 BHK,5 BHK,two bedrooms,do BHK,teen BHK,char BHK,minimum two",
    "budget": "lakh,lakhs,crore,crores,thousand,50 lakhs,70 lakhs,80 lakhs,1 crore,one and a half crore,2 crore,"
    "dedh crore,dhai crore,saadhe,sava,paune,hazaar,around,at least,under,per month",
    "purpose": "to buy,to rent,investment,kharidna,kiraye par,nivesh",
    "timeline": "immediately,ready to move,one month,three months,six months,one year,next year,turant,chhe mahine",
    "email": "at the rate,dot com,gmail dot com,yahoo dot com,outlook dot com,underscore,hyphen",
    "consent": "yes,no,sure,okay,haan,nahi,haan zaroor,theek hai,please call,do not call me,not now",
    CONFIRM: "yes,no,that's right,correct,haan,sahi hai,nahi,galat,actually,change,make that,lakh,crore,BHK",
    CALLBACK: "tomorrow,today,morning,evening,in one hour,in two hours,Saturday,Sunday,kal,parso,subah,shaam,baje",
}


def next_question(state: State) -> str:
    """The question to put now: a script's question, "confirm", or "" when nothing is left to say but goodbye."""
    for asked in _order(state):
        if not settled(state, asked) and state["attempts"].get(asked, 0) < ASKS:
            return asked
    if any(slot in state["slots"] for slot in _SPOKEN_OF_A_HOME):
        return CONFIRM
    return ""


def settled(state: State, asked: str) -> bool:
    """True when `asked` has its answer already, or does not apply to what the caller wants."""
    known = slots(state)
    if asked == "bedrooms" and (known.get("category") == "commercial" or known.get("property_type") in NO_BEDROOMS):
        return True
    return any(slot in known for slot in FILLS.get(asked, (asked,)))


def reopen(state: State, lost: tuple[str, ...]) -> None:
    """Let the questions be put again whose answers the caller took back; changes `state`."""
    for asked in script_of(state).order:
        if any(slot in lost for slot in FILLS.get(asked, (asked,))):
            state["attempts"].pop(asked, None)


def missing(state: State) -> tuple[str, ...]:
    """The script's required questions that have no answer yet, in its order."""
    script = script_of(state)
    return tuple(asked for asked in script.order if asked in script.required and not settled(state, asked))


def hints(asked: str) -> tuple[str, ...]:
    """Phrases that a recogniser may expect in answer to `asked`, each at most 100 characters."""
    return tuple(_HINTS.get(asked, "").split(",")) if asked in _HINTS else ()


def _order(state: State) -> tuple[str, ...]:
    """The script's order; who is on the line, and at which number, come first when they are not known."""
    order = [asked for asked in script_of(state).order if asked not in {"identity", "name", "phone"}]
    first = []
    if state["name"]:
        first += [asked for asked in script_of(state).order if asked == "identity"]
    else:
        first.append("name")
    if not state["phone_known"]:
        first.append("phone")
    return (*first, *order)
