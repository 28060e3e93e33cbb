import pytest

from voice.dialogue.money import amount, rupees


@pytest.mark.parametrize(
    ("total", "english", "hindi"),
    [
        (8_000_000, "eighty lakh rupees", "अस्सी लाख रुपये"),
        (12_000_000, "one crore twenty lakh rupees", "एक करोड़ बीस लाख रुपये"),
        (25_000, "twenty-five thousand rupees", "पच्चीस हज़ार रुपये"),
        (7_250_000, "seventy-two lakh fifty thousand rupees", "बहत्तर लाख पचास हज़ार रुपये"),
        (1_500, "one thousand five hundred rupees", "एक हज़ार पाँच सौ रुपये"),
        (99, "ninety-nine rupees", "निन्यानवे रुपये"),
        (0, "zero rupees", "शून्य रुपये"),
        (1_250_000_000, "125 crore rupees", "125 करोड़ रुपये"),
    ],
)
def test_rupees_are_said_in_lakhs_and_crores(total, english, hindi):
    assert (rupees(total, "en-IN"), rupees(total, "hi-IN")) == (english, hindi)


def test_every_number_up_to_a_hundred_has_its_own_word():
    said = {language: {amount(number, language) for number in range(100)} for language in ("en-IN", "hi-IN")}
    assert {language: len(words) for language, words in said.items()} == {"en-IN": 100, "hi-IN": 100}
