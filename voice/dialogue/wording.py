"""Sentences as people say them, from the tables of phrases: questions, acknowledgements, the read-back, goodbyes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from voice.dialogue.money import amount, rupees
from voice.dialogue.offer import ASKED_BY
from voice.dialogue.phrases_en import ENGLISH
from voice.dialogue.phrases_hinglish import HINGLISH
from voice.dialogue.script import LANGUAGES, fill
from voice.dialogue.state import REFUSED, script_of, slots, upgraded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice.dialogue.phrases import Phrases
    from voice.dialogue.state import Offer, State

OPEN_ENDED = frozenset({"location", "bedrooms", "budget", "timeline", "consent"})
"""The questions that name neither a person nor one of their answers, in any of their wordings for a first time."""


def phrases(state: State) -> Phrases:
    """The table of the language spoken now, in the letters that the script's voice reads."""
    if state["language"] == "hi-IN" and script_of(state).hindi_script == "Latn":
        return HINGLISH
    return LANGUAGES[state["language"]]


def sentence(state: State, key: str, **more: str) -> str:
    """The sentence `key` in the language spoken now, its holes filled."""
    sentences = phrases(state).sentences
    return fill(sentences[_written(state, key, sentences)], {**_holes(state), **more})


def _written(state: State, key: str, table: Mapping[str, object]) -> str:
    """The variant of a phrase for a conversation in writing, where this is one and the phrase has one."""
    return f"{key}.written" if script_of(state).written and f"{key}.written" in table else key


def answer(state: State, intent: str) -> str:
    """What to say to a question about ourselves; empty where only our own question is to be put again."""
    if intent == "repeat":
        return ""
    inbound = f"{intent}.{state['direction']}"
    return sentence(state, inbound if inbound in phrases(state).sentences else intent)


def greeting(state: State) -> str:
    """What staff wrote to open a call with: the recording notice if there is one, then the greeting."""
    thanks = sentence(state, "thanks_for_calling") if state["direction"] == "inbound" else ""
    said = [recording_notice(state), thanks, _staff_text(state, "greeting", script_of(state).greeting)]
    return " ".join(part for part in said if part)


def recording_notice(state: State) -> str:
    """What staff wrote to tell that a call is recorded; empty for none, and once the caller has refused it."""
    if state.get("recording") == REFUSED:
        return ""
    return _staff_text(state, "recording_notice", script_of(state).recording_notice)


def question(state: State, asked: str) -> str:
    """The question `asked`, in the wording for this attempt; the last one serves all later ones. Empty for none."""
    if not asked:
        return ""  # in a conversation that others lead
    offer = state["offer"]
    if offer and asked == ASKED_BY[offer["slot"]]:
        return _offer(offer, phrases(state))
    table = phrases(state).questions
    wordings = table[_written(state, _variant(state, asked), table)]
    chosen = wordings[min(state["attempts"].get(asked, 1), len(wordings)) - 1]
    return fill(chosen, {**_holes(state), "summary": summary(state)})


def hint(state: State) -> str:
    """The open question in its plainest words, for whoever hears the answer: it tells which words are likely.

    Empty where the question names what may be answered, for hearing must not be led to agree; and outside English,
    where nothing is gained by it (`bench/audio_values.py`).
    """
    state = upgraded(state)
    offer, asked = state["offer"], state["asked"]
    is_offered = offer and asked == ASKED_BY[offer["slot"]]
    if asked not in OPEN_ENDED or is_offered or state["outcome"] or state["language"] != ENGLISH.language:
        return ""
    return ENGLISH.questions[_variant(state, asked)][0]


def _offer(offer: Offer, table: Phrases) -> str:
    slot, value = offer["slot"], offer["value"]
    if slot != "locations":
        what = table.parts[f"purpose.{value}"] if slot == "purpose" else describe({slot: value}, table)
        return fill(table.questions["offer"][0], {"what": what})
    place = value[0]
    city = table.places.get(place["city"], place["city"])
    named = (
        fill(table.parts["place.asked"], {"city": city, "locality": place["locality"]}) if place["locality"] else city
    )
    return fill(table.questions["location.offer"][0], {"place": named})


def acknowledgement(state: State, changed: tuple[str, ...]) -> str:
    """What changed in this turn ("Got it, a 2 BHK flat in Pune."); empty where none of it can be said."""
    what = describe({slot: value for slot, value in slots(state).items() if slot in changed}, phrases(state))
    if not what:
        return ""
    leads = phrases(state).leads
    return fill(leads[state["turn"] % len(leads)], {"what": what})


def summary(state: State) -> str:
    """The requirement in one sentence; empty when nothing is known of it."""
    known = slots(state)
    what = describe(known, phrases(state), noun=phrases(state).parts["property.any"])
    return fill(phrases(state).summaries[known.get("purpose", "")], {"what": what}) if what else ""


def describe(values: Mapping[str, Any], table: Phrases, *, noun: str = "") -> str:
    """The requirement's values as one phrase; only what is in `values` is said.

    `noun` stands for the property where nothing tells of its kind or size.
    """
    parts = table.parts
    size, places, budget = _size(values, table), _places(values, table), _budget(values, table)
    kind, category = values.get("property_type", ""), values.get("category", "")
    said = size
    if kind or category or (size and places):
        named = table.property_types.get(kind) or table.categories[category]
        said = fill(named, {"size": f"{size} " if size else ""})
    if places or budget:
        said = said or noun
    if places:
        said = fill(parts["property.place"], {"property": said, "places": places}) if said else places
    if budget:
        said = fill(parts["property.budget"], {"property": said, "budget": budget}) if said else budget
    return said


def promised(state: State) -> str:
    """The time at which the caller wants to be called, as it is said on the day of the call."""
    now = datetime.fromisoformat(state["began_at"])
    return when(datetime.fromisoformat(state["callback_at"] or state["began_at"]), now=now, table=phrases(state))


def when(at: datetime, *, now: datetime, table: Phrases) -> str:
    """A promised time: "tomorrow at 6 in the evening"; both times aware, said in the caller's zone, `now`'s."""
    local = at.astimezone(now.tzinfo)
    days = (local.date() - now.date()).days
    if days in table.days:
        day = table.days[days]
    elif 0 < days < 7:
        day = table.weekdays[local.weekday()]
    else:
        day = fill(table.parts["date"], {"day": str(local.day), "month": table.months[local.month - 1]})
    clock = f"{local.hour % 12 or 12}" + (f":{local.minute:02}" if local.minute else "")
    part = table.day_parts[_part_of_day(local.hour)]
    return fill(table.parts["when"], {"day": day, "clock": clock, "part": part})


def _part_of_day(hour: int) -> int:
    return next(index for index, end in enumerate((12, 16, 20, 24)) if hour < end)


def _holes(state: State) -> dict[str, str]:
    script = script_of(state)
    name = state["name"] or slots(state).get("name", "")
    theirs = slots(state).get("identity") != "wrong_person"
    first = name.split()[0] if name and theirs else ""
    comma = fill(phrases(state).parts["comma_name"], {"first": first}) if first else ""
    return {
        "name": name,
        "comma_name": comma,
        "agent": script.agent_name,
        "brokerage": script.brokerage,
        "via": _source(state),
    }


def _source(state: State) -> str:
    """Where the enquiry came from, for a caller who wonders; a source not in the table is named as it is."""
    if not state["source"]:
        return ""
    table = phrases(state)
    key = state["source"].casefold().replace(" ", "_").replace("-", "_")
    return table.sources.get(key, fill(table.parts["source"], {"source": state["source"]}))


def _staff_text(state: State, key: str, text: str) -> str:
    """Text that staff never touched follows the language of the call."""
    if any(text == table.sentences[key] for table in (*LANGUAGES.values(), HINGLISH)):
        text = phrases(state).sentences[key]
    return fill(text, _holes(state))


def _variant(state: State, asked: str) -> str:
    known = slots(state)
    variants = {"property_type": known.get("category"), "budget": known.get("purpose")}
    variant = f"{asked}.{variants.get(asked)}"
    return variant if variant in phrases(state).questions else asked


def _size(values: Mapping[str, Any], table: Phrases) -> str:
    low, high = values.get("bedrooms_min"), values.get("bedrooms_max")
    if low is None and high is None:
        return ""
    key = "size.range"
    if low is None or high is None:
        key = "size.most" if low is None else "size.least"
    elif low == high:
        key = "size.exact"
    return fill(table.parts[key], {"low": _plain(low), "high": _plain(high)})


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def _places(values: Mapping[str, Any], table: Phrases) -> str:
    said = []
    for place in values.get("locations") or ():
        city = table.places.get(place["city"], place["city"])
        if place["locality"]:
            said.append(fill(table.parts["place"], {"city": city, "locality": place["locality"]}))
        else:
            said.append(city)
    return table.parts["or"].join(said)


def _budget(values: Mapping[str, Any], table: Phrases) -> str:
    low, high = values.get("budget_min"), values.get("budget_max")
    if low is None and high is None:
        return ""
    key, middle = "budget.range", ""
    if low is None or high is None:
        key = "budget.most" if low is None else "budget.least"
    elif low == high:
        key = "budget.exact"
    elif 11 * low == 9 * high:
        # Plus and minus a tenth is how "around" is kept.
        key, middle = "budget.about", rupees((low + high) // 2, table.language)
    holes = {
        "low": amount(low or 0, table.language) if key == "budget.range" else rupees(low or 0, table.language),
        "high": rupees(high or 0, table.language),
        "middle": middle,
    }
    said = fill(table.parts[key], holes)
    return fill(table.parts["month"], {"budget": said}) if values.get("purpose") == "rent" else said
