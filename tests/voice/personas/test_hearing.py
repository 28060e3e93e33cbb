import pytest

from voice.dialogue.hearing import question_in
from voice.dialogue.phrases_en import ENGLISH
from voice.dialogue.phrases_hi import HINDI
from voice.dialogue.phrases_hinglish import HINGLISH
from voice.dialogue.script import fill
from voice.dialogue.wording import describe

HOLES = {
    "name": "Meena Kulkarni",
    "summary": "So you are looking for a 2 BHK flat in Pune, budget up to seventy lakh rupees.",
}
WORDINGS = [
    (table.language, key, fill(wording, HOLES))
    for table in (ENGLISH, HINDI, HINGLISH)
    for key, wordings in table.questions.items()
    for wording in wordings
    if key != "offer" and not key.endswith(".written")  # callees telephone; nobody reads to them
]
OFFERED = {"property_type": "apartment", "category": "residential", "purpose": "rent"}
LEADS = [
    "",
    "Got it, a 2 BHK flat in Pune, budget up to seventy lakh rupees.",
    "जी, पुणे में 2 BHK फ्लैट, बजट सत्तर लाख रुपये तक।",
    "Ji, Pune mein 2 BHK flat, budget 70 lakh rupaye tak.",
    ENGLISH.sentences["colleague_answers"],
    *(ENGLISH.sentences[key] for key in ("about", "who_is_calling", "silence")),
]


@pytest.mark.parametrize(("language", "key", "wording"), WORDINGS)
def test_a_callee_hears_what_every_wording_asks(language, key, wording):
    heard = {lead: question_in(f"{lead} {wording}") for lead in LEADS}
    assert heard == dict.fromkeys(LEADS, key.split(".")[0])


@pytest.mark.parametrize("table", [ENGLISH, HINDI, HINGLISH])
@pytest.mark.parametrize(("slot", "value"), OFFERED.items())
def test_a_callee_hears_what_was_half_understood(table, slot, value):
    what = table.parts[f"purpose.{value}"] if slot == "purpose" else describe({slot: value}, table)
    assert question_in(fill(table.questions["offer"][0], {"what": what})) == slot


def test_a_goodbye_asks_nothing():
    assert question_in("Thank you, Meena. Someone from Sunrise Realty will call you soon. Have a good day!") == ""


def test_an_unknown_question_is_told_from_a_known_one():
    assert question_in("Do you like cricket?") == "?"
