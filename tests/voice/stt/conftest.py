"""Speech and weights for the tests of speech to text: synthesised and joined once, never skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import pytest

from tests.speech import wav_of
from tests.whisper_model import model_folder

if TYPE_CHECKING:
    from pathlib import Path

SENTENCE = "I want to buy an apartment in Bangalore. Please call me tomorrow morning."


@pytest.fixture(scope="session")
def model() -> str:
    return model_folder()


@pytest.fixture(scope="session")
def speech(tmp_path_factory) -> Path:
    """SENTENCE as espeak-ng says it: a 22,050 Hz mono WAV."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    path.write_bytes(wav_of(SENTENCE))
    return path


@pytest.fixture
def encoded(speech, tmp_path):
    """Return a function that writes the speech in another form and gives its path."""

    def encode(name: str, codec: str, rate: int, layout: str = "mono") -> Path:
        target = tmp_path / name
        with av.open(str(speech)) as source, av.open(str(target), "w") as sink:
            stream = sink.add_stream(codec, rate=rate, layout=layout)
            stream.bit_rate = 64_000  # the MP3 default at 8 kHz is no speech any more
            for frame in source.decode(audio=0):
                sink.mux(stream.encode(frame))
            sink.mux(stream.encode(None))
        return target

    return encode
