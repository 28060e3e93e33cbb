import json

import pytest

from voice.dialogue.script import DEFAULT_ORDER, Script, fill, problems

OURS = Script(agent_name="Ravi", language="hi-IN", order=("budget",), required=("budget",), version=4)


def test_a_script_survives_being_stored():
    assert Script.from_json(json.loads(json.dumps(OURS.to_json()))) == OURS


def test_a_stored_script_of_another_version_still_opens():
    assert Script.from_json({"agent_name": "Ravi", "mood": "sunny"}) == Script(agent_name="Ravi")


def test_the_default_script_has_no_problems():
    assert problems(Script()) == ()


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (Script(greeting=" "), "The greeting is empty; write what the agent says first."),
        (
            Script(greeting="Hello {nmae}"),
            "The greeting has an unknown hole {nmae}; use {name}, {agent} or {brokerage}.",
        ),
        (Script(greeting="Hello {name"), "The greeting has a brace without its partner; write holes as {name}."),
        (Script(recording_notice="x" * 501), "The recording notice is 501 characters long; keep it under 500."),
        (Script(order=(), required=()), "The order is empty; choose at least one question."),
        (
            Script(order=(*DEFAULT_ORDER, "colour")),
            (
                'The order asks for "colour", which is not a question; choose from identity, name, phone, location, '
                "category, property_type, bedrooms, budget, purpose, timeline, email, consent."
            ),
        ),
        (Script(order=(*DEFAULT_ORDER, "budget")), 'The order asks for "budget" more than once; keep it once.'),
        (
            Script(required=("email",)),
            '"email" is required but never asked; add it to the order or make it optional.',
        ),
        (Script(language="ta-IN"), 'The language "ta-IN" is not spoken yet; choose en-IN or hi-IN.'),
        (Script(hindi_script="Arab"), 'Hindi cannot be written in "Arab"; choose Deva or Latn.'),
    ],
)
def test_each_problem_of_a_script_is_told_with_its_cure(script, sentence):
    assert problems(script) == (sentence,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {name}, this is {agent}.", "Hello Meena, this is Asha."),
        ("Hello {unknown}, welcome", "Hello, welcome"),
        ("Hello { name }!", "Hello Meena!"),
        ("Hello {name", "Hello name"),
        ("{}{0}%s", "%s"),
    ],
)
def test_holes_are_filled_and_unknown_ones_are_not_heard(text, said):
    assert fill(text, {"name": "Meena", "agent": "Asha"}) == said
