"""The agent speaks the language of its caller."""

import pytest

from tests.dialogue_calls import talk, until


@pytest.mark.parametrize(
    ("heard", "languages"),
    [
        (["haan boliye", "Pune mein chahiye", "ghar chahiye"], ["en-IN", "en-IN", "hi-IN"]),
        (["हाँ बोलिए", "पुणे", "घर"], ["en-IN", "hi-IN", "hi-IN"]),
        (["yes speaking", "Pune mein chahiye", "I want a residential home", "flat chahiye"], ["en-IN"] * 4),
        (["haan", "ji haan", "haan ji", "2 BHK", "70 lakh"], ["en-IN"] * 5),
        (["yes", "Wakad", "Hiranandani", "Shanti Niketan"], ["en-IN"] * 4),
        (["speak in English please", "Pune mein chahiye", "ghar chahiye"], ["en-IN"] * 3),
    ],
)
def test_the_agent_turns_to_the_language_of_two_answers_in_a_row(heard, languages):
    assert [reply.language for reply in talk(until("identity"), *heard)[1]] == languages


def test_the_agent_turns_back_to_english():
    _, replies = talk(until("identity", language="hi-IN"), "yes this is me", "I am looking in Pune")
    assert [reply.language for reply in replies] == ["hi-IN", "en-IN"]


def test_a_voice_that_reads_no_devanagari_gets_latin_letters_and_a_tag_that_it_knows():
    _, replies = talk(until("budget", hindi_script="Latn"), "Hindi mein boliye", "70 lakh tak")
    assert [(reply.text, reply.language) for reply in replies] == [
        ("Zaroor, Hindi mein baat karte hain. Aapka budget kitna hai?", "hi-IN"),
        (
            (
                "Theek hai, 70 lakh rupaye tak. "
                "Kya hamare sales pratinidhi aapko sahi property ke baare mein call kar sakte "
                "hain?"
            ),
            "hi-IN",
        ),
    ]
