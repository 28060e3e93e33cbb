"""What a model is called is told without loading one."""

from faster_whisper import available_models

from voice.stt.weights import NAMES


def test_the_names_of_models_are_those_of_faster_whisper():
    assert frozenset(available_models()) == NAMES
