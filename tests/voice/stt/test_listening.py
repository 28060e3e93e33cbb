"""A hint at the words: it helps the first hearing, and no more of it is believed than the sound says."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from voice.stt.audio import RATE
from voice.stt.listening import Listener, Sound

HINT = "How many bedrooms do you need?"


class Model:
    """A model that writes one text when it is told a hint, and another when it is not."""

    def __init__(self, told: str, untold: str) -> None:
        self.model = SimpleNamespace(is_multilingual=True)
        self.texts = {True: told, False: untold}
        self.hints: list[str | None] = []

    def transcribe(self, _samples, *, initial_prompt=None, **_options):
        self.hints.append(initial_prompt)
        words = [
            SimpleNamespace(word=f" {word}", start=number * 0.2, end=number * 0.2 + 0.2, probability=0.9)
            for number, word in enumerate(self.texts[bool(initial_prompt)].split())
        ]
        found = SimpleNamespace(id=1, words=words, avg_logprob=-0.1, no_speech_prob=0.01)
        return [found] if words else [], None


def heard(model, hint=HINT):
    listener = Listener(lambda: model, "en-IN", hint)
    sound = Sound(np.zeros(10 * RATE, np.float32), np.full(400, 0.9, np.float32), 0.0, "unknown")
    assert list(listener.listen(sound))[-1] == 10.0
    return [line.text for line in listener.lines], [(one["text"], one["gate"]) for one in listener.dropped]


def test_a_hint_is_given_to_the_model_and_an_answer_taken_as_heard():
    model = Model("Three bedrooms, please.", "Tree bed rooms, please.")
    assert heard(model) == (["Three bedrooms, please."], [])
    assert model.hints == [HINT]


def test_without_a_hint_none_is_given():
    model = Model("", "Three bedrooms, please.")
    assert heard(model, hint="") == (["Three bedrooms, please."], [])
    assert model.hints == [None]


def test_where_the_hint_itself_is_written_down_what_follows_of_it_is_not_believed():
    model = Model(f"{HINT} 3, 2, 3, 4, 5", "I am driving now.")
    assert heard(model) == (["I am driving now."], [])
    assert model.hints == [HINT, None]


def test_the_agents_own_question_on_the_line_is_no_answer():
    model = Model(f"{HINT} We're going to do it.", "how many bedrooms do you need")
    assert heard(model) == ([], [("how many bedrooms do you need", "hint")])


def test_a_loop_is_heard_again_without_the_hint():
    model = Model("no " * 30, "No, thank you, not now.")
    assert heard(model) == (["No, thank you, not now."], [])
    assert model.hints == [HINT, None]


def test_a_loop_behind_the_hint_is_not_believed_where_nothing_is_heard_without_it():
    model = Model(f"{HINT} " + "3, 2, " * 20, "")
    assert heard(model) == ([], [])
    assert model.hints == [HINT, None]
