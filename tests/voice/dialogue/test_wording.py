import string
from datetime import datetime

import pytest

from voice.dialogue import Script, begin, hint
from voice.dialogue.phrases_en import ENGLISH
from voice.dialogue.phrases_hi import HINDI
from voice.dialogue.phrases_hinglish import HINGLISH
from voice.dialogue.script import QUESTIONS
from voice.dialogue.wording import OPEN_ENDED, describe, summary, when
from voice.events import Direction
from voice.understanding import understand

NOW = datetime.fromisoformat("2026-03-05T15:00:00+05:30")  # a Thursday
PUNE = {"city": "Pune", "locality": None}
WAKAD = {"city": "Pune", "locality": "Wakad"}


@pytest.mark.parametrize(
    ("values", "english", "hindi"),
    [
        ({}, "", ""),
        ({"locations": [PUNE]}, "Pune", "पुणे"),
        ({"locations": [WAKAD]}, "Wakad, Pune", "पुणे, Wakad"),
        ({"bedrooms_min": 2, "bedrooms_max": 2}, "2 BHK", "2 BHK"),
        ({"bedrooms_min": 2.5, "bedrooms_max": 3}, "2.5 to 3 BHK", "2.5 से 3 BHK"),
        ({"bedrooms_min": 3, "property_type": "villa"}, "a 3 BHK or larger villa", "3 BHK या उससे बड़ा विला"),
        ({"bedrooms_max": 2}, "2 BHK or smaller", "2 BHK या उससे छोटा"),
        ({"property_type": "office"}, "an office", "ऑफिस"),
        ({"category": "residential"}, "a home", "घर"),
        ({"budget_max": 8_000_000}, "up to eighty lakh rupees", "अस्सी लाख रुपये तक"),
        ({"budget_min": 10_000_000}, "one crore rupees or more", "एक करोड़ रुपये से ऊपर"),
        (
            {"budget_min": 5_000_000, "budget_max": 6_000_000},
            "fifty lakh to sixty lakh rupees",
            "पचास लाख से साठ लाख रुपये",
        ),
        ({"budget_min": 18_000_000, "budget_max": 22_000_000}, "around two crore rupees", "करीब दो करोड़ रुपये"),
        (
            {"budget_max": 25_000, "purpose": "rent"},
            "up to twenty-five thousand rupees a month",
            "पच्चीस हज़ार रुपये तक महीना",
        ),
        (
            {"locations": [PUNE, {"city": "Mumbai", "locality": None}], "bedrooms_min": 4, "bedrooms_max": 4},
            "a 4 BHK property in Pune or Mumbai",
            "पुणे या मुंबई में 4 BHK प्रॉपर्टी",
        ),
    ],
)
def test_a_requirement_is_described_as_people_would(values, english, hindi):
    assert (describe(values, ENGLISH), describe(values, HINDI)) == (english, hindi)


@pytest.mark.parametrize(
    ("at", "english", "hindi"),
    [
        ("2026-03-05T18:30:00+05:30", "today at 6:30 in the evening", "आज शाम 6:30 बजे"),
        ("2026-03-06T11:00:00+05:30", "tomorrow at 11 in the morning", "कल सुबह 11 बजे"),
        ("2026-03-07T12:00:00+05:30", "on Saturday at 12 in the afternoon", "परसों दोपहर 12 बजे"),
        ("2026-03-21T21:00:00+05:30", "on 21 March at 9 at night", "21 मार्च को रात 9 बजे"),
        ("2026-03-06T05:30:00+00:00", "tomorrow at 11 in the morning", "कल सुबह 11 बजे"),
    ],
)
def test_a_promised_time_is_said_in_the_callers_day(at, english, hindi):
    promised = datetime.fromisoformat(at)
    assert (when(promised, now=NOW, table=ENGLISH), when(promised, now=NOW, table=HINDI)) == (english, hindi)


def test_every_table_has_the_same_phrases_with_the_same_holes():
    def holes(text):
        return {hole for _, hole, _, _ in string.Formatter().parse(text) if hole}

    def shape(table):
        return {
            "questions": {key: set().union(*map(holes, texts)) for key, texts in table.questions.items()},
            "sentences": {key: holes(text) for key, text in table.sentences.items()},
            "summaries": {key: holes(text) for key, text in table.summaries.items()},
            "parts": {key: holes(text) for key, text in table.parts.items()},
            "property_types": {key: holes(text) for key, text in table.property_types.items()},
            "categories": {key: holes(text) for key, text in table.categories.items()},
        }

    assert shape(ENGLISH) == shape(HINDI) == shape(HINGLISH)


def test_hindi_in_latin_letters_has_no_other_letters():
    said = [*HINGLISH.sentences.values(), *HINGLISH.parts.values(), *sum(HINGLISH.questions.values(), ())]
    assert [text for text in said if not text.isascii()] == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"locations": [WAKAD], "budget_max": 8_000_000}, "Pune, Wakad, budget 80 lakh rupaye tak"),
        ({"bedrooms_min": 3, "property_type": "villa"}, "3 BHK ya usse bada villa"),
        ({"budget_max": 25_000, "purpose": "rent"}, "25 hazaar rupaye tak mahina"),
        ({"budget_min": 5_000_000, "budget_max": 6_000_000}, "50 lakh se 60 lakh rupaye"),
    ],
)
def test_a_requirement_is_described_in_latin_hindi(values, said):
    assert describe(values, HINGLISH) == said


def test_every_question_of_a_script_can_be_asked_and_asked_again():
    for table in (ENGLISH, HINDI, HINGLISH):
        assert {asked: len(set(table.questions[asked])) >= 2 for asked in QUESTIONS} == dict.fromkeys(QUESTIONS, True)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"purpose": "buy"}, "So you want to buy a property in Pune, budget up to seventy lakh rupees."),
        ({}, "So you are looking for a property in Pune, budget up to seventy lakh rupees."),
    ],
)
def test_a_requirement_without_type_and_size_is_read_back_as_a_property(known, said):
    values = {"locations": [{"city": "Pune", "locality": None}], "budget_max": 7_000_000, **known}
    state, _ = begin(Script(), direction=Direction.OUTBOUND, known=values, at=NOW)
    assert summary(state) == said


def asking(asked, **changed):
    return begin(Script(), direction=Direction.OUTBOUND, known={}, at=NOW)[0] | {"asked": asked} | changed


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "How many bedrooms do you need?"),
        ({"attempts": {"bedrooms": 2}}, "How many bedrooms do you need?"),
        ({"language": "hi-IN"}, ""),
        ({"outcome": "completed"}, ""),
    ],
)
def test_an_answer_is_hinted_at_by_its_question_in_its_plainest_words(changed, said):
    assert hint(asking("bedrooms", **changed)) == said


def test_hearing_is_not_led_to_a_name_or_to_one_of_the_answers():
    offer = {"slot": "locations", "value": [WAKAD], "text": "vakkad"}
    assert [hint(asking(asked)) for asked in ("identity", "confirm", "purpose", "property_type")] == [""] * 4
    assert (hint(asking("location", offer=offer)), hint(asking("budget", offer=offer))) == ("", "What is your budget?")


def test_no_question_that_hints_names_a_value():
    for asked in OPEN_ENDED:
        assert understand(hint(asking(asked)), asked=asked, now=NOW).slots == {}


def test_the_rent_is_hinted_at_where_it_is_known_to_be_one():
    assert hint(asking("budget", slots={"purpose": {"value": "rent"}})) == "What monthly rent are you comfortable with?"


def test_a_conversation_that_an_older_version_began_is_hinted_at_too():
    older = {key: value for key, value in asking("bedrooms").items() if key not in {"offer", "version"}}
    assert hint(older) == "How many bedrooms do you need?"
