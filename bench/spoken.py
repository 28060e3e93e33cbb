"""Telephone calls to measure with: two voices on two channels, 8 kHz mu-law, each with what was said and when.

The agent and half of the leads are espeak-ng. The other leads are recorded people, where SPEECH_DIR (or
../shared/speech beside the repository) holds clips and their `transcripts.jsonl`: {"file", "text"} a line.
"""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Samples = npt.NDArray[np.float32]

RATE = 8_000  # Hz, as the telephone network carries it
BAND = (300, 3_400)  # Hz
SPEECH = 0.1  # root mean square that a voice is brought to, of full scale
NOISE_DB = (-62.0, -48.0)  # a line's own noise, below full scale
AGENT_VOICE = "en-gb+f3"
LEAD_VOICES = ("en-us", "en-gb", "en-us+f2", "en-us+m3", "en-gb+m2")
QUESTIONS = (
    "Hello, this is Priya from Skyline Homes about your enquiry. Is this a good time to talk?",
    "Thank you. Which area are you looking at?",
    "How many bedrooms do you need?",
    "And what budget do you have in mind?",
    "Would that be an apartment, a villa or a plot?",
    "Is it for your own use or an investment?",
    "How soon would you like to move in?",
    "Would you like one of our advisers to call you with a few options?",
)
ANSWERS = (
    ("Yes, please go ahead.", "Yes, I have two minutes.", "Sure, but please be quick, I am at work.", "Okay, tell me."),
    (
        "Somewhere near the metro station, because my wife travels to the city every day.",
        "I am looking in the north of the city, close to a good school for my children.",
        "We prefer a quiet street, not far from the lake and the new hospital.",
    ),
    (
        "Three bedrooms would be nice, but two large ones are also fine.",
        "Two bedrooms and a small study, with covered parking for one car.",
        "At least three bedrooms, and a balcony if that is possible.",
    ),
    (
        "Around ninety lakhs, and we could go up to one crore for the right place.",
        "Not more than seventy lakhs, including the registration.",
        "Between one crore and one and a half crores, it depends on the place.",
    ),
    ("An apartment on a higher floor, please.", "An independent house would be best for my parents.", "A flat."),
    (
        "It is for my own family, we want to live there ourselves.",
        "It is an investment, we would rent it out at first.",
    ),
    (
        "Within three months, because our lease ends in the spring.",
        "There is no hurry, some time next year is fine.",
        "As soon as possible, we can visit this weekend.",
    ),
    (
        "Yes, please call me tomorrow evening after six.",
        "Yes, but send the details to my phone first. Thank you very much.",
        "No, thank you, I will think about it and come back to you.",
    ),
)


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance and its place in the call, in seconds."""

    speaker: str
    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SpokenCall:
    """A recording of two channels, the lead's first, and what is said in it."""

    path: Path
    said: tuple[Said, ...]
    length_s: float
    is_human: bool

    def words_of(self, speaker: str | None = None) -> str:
        """What one of them says, or both, in order."""
        return " ".join(said.text for said in self.said if speaker in {None, said.speaker})


@dataclass(frozen=True, slots=True)
class Clip:
    """A voice at 8 kHz with its words."""

    text: str
    samples: Samples


@lru_cache(maxsize=4096)
def espeak(text: str, voice: str, speed: int = 150, rate: int = RATE) -> Samples:
    """`text` by an espeak-ng voice, at `rate` Hz; a RuntimeError says how to get espeak-ng."""
    try:
        done = subprocess.run(
            ["espeak-ng", "-v", voice, "-s", str(speed), "--stdout", text], capture_output=True, check=True
        )
    except FileNotFoundError as error:
        raise RuntimeError("espeak-ng is missing; install it: apt-get install espeak-ng") from error
    return decoded(io.BytesIO(done.stdout), rate)


def decoded(source: io.BytesIO | Path, rate: int = RATE) -> Samples:
    """A sound file as one channel at `rate` Hz."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    chunks = []
    with av.open(str(source) if isinstance(source, Path) else source, "r") as container:
        for frame in [*container.decode(audio=0), None]:
            if frame is not None:
                frame.pts = None
            chunks += [out.to_ndarray()[0] for out in resampler.resample(frame)]
    return np.concatenate(chunks).astype(np.float32)


def telephone(samples: Samples) -> Samples:
    """What is left of a voice between 300 and 3,400 Hz."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(samples.size, 1 / RATE)
    spectrum[(hertz < BAND[0]) | (hertz > BAND[1])] = 0
    return np.fft.irfft(spectrum, samples.size).astype(np.float32)


def loud(samples: Samples, level: float = SPEECH) -> Samples:
    """The same voice at another loudness, measured where it is not silent."""
    voiced = samples[np.abs(samples) > 0.02 * np.abs(samples).max()]
    return (samples * (level / max(float(np.sqrt(np.mean(voiced**2))), 1e-6))).astype(np.float32)


def speech_folder(root: Path) -> Path | None:
    """The folder of recorded people, None where there is none."""
    folder = Path(os.environ.get("SPEECH_DIR") or root.parent / "shared" / "speech")
    return folder if (folder / "transcripts.jsonl").is_file() else None


def human_clips(folder: Path) -> list[Clip]:
    """The recorded people, as the telephone would carry them."""
    rows = [json.loads(line) for line in (folder / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()]
    return [Clip(row["text"], loud(telephone(decoded(folder / row["file"])))) for row in rows]


def make_calls(folder: Path, number: int, humans: Sequence[Clip], seed: int = 5) -> list[SpokenCall]:
    """`number` calls under `folder`; every second lead is a recorded person where there are any."""
    rng = random.Random(seed)
    return [make_call(folder / f"call-{at:03d}.wav", rng, humans if at % 2 else ()) for at in range(number)]


def make_call(path: Path, rng: random.Random, humans: Sequence[Clip]) -> SpokenCall:
    """One call of eight questions and answers, about a minute and a half."""
    answer = _human(rng, humans) if humans else _synthetic(rng)
    said: list[Said] = []
    placed: list[tuple[str, float, Samples]] = []
    now = rng.uniform(0.3, 1.5)
    for number, question in enumerate(QUESTIONS):
        for speaker, clip in (("agent", Clip(question, _agent(question))), ("lead", answer(number))):
            length = clip.samples.size / RATE
            placed.append((speaker, now, clip.samples))
            said.append(Said(speaker, clip.text, now, now + length))
            now += length + rng.uniform(0.5, 1.8)
    channels = _line_noise(rng, round((now + 0.5) * RATE))
    for speaker, start, samples in placed:
        at = round(start * RATE)
        channels[0 if speaker == "lead" else 1, at : at + samples.size] += samples
    write_mulaw(path, channels)
    return SpokenCall(path, tuple(said), channels.shape[1] / RATE, bool(humans))


def write_mulaw(path: Path, channels: Samples) -> None:
    """A WAV file of 8 kHz mu-law; `channels` has the shape (1 or 2, frames)."""
    pcm = np.clip(channels * 32_767, -32_768, 32_767).astype(np.int16)
    layout = "mono" if pcm.shape[0] == 1 else "stereo"
    with av.open(str(path), "w", format="wav") as sink:
        stream = sink.add_stream("pcm_mulaw", rate=RATE, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T.reshape(1, -1)), format="s16", layout=layout)
        frame.sample_rate = RATE
        sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))


def _agent(text: str) -> Samples:
    return loud(telephone(espeak(text, AGENT_VOICE)))


def _synthetic(rng: random.Random) -> Callable[[int], Clip]:
    voice, speed = rng.choice(LEAD_VOICES), rng.choice((130, 140, 150))
    level = SPEECH * rng.uniform(0.4, 1.2)

    def answer(number: int) -> Clip:
        text = rng.choice(ANSWERS[number])
        return Clip(text, loud(telephone(espeak(text, voice, speed)), level))

    return answer


def _human(rng: random.Random, humans: Sequence[Clip]) -> Callable[[int], Clip]:
    order: list[Clip] = []
    while len(order) < len(QUESTIONS):  # nobody says a sentence twice in a row, and Whisper takes it for its own loop
        order += [clip for clip in rng.sample(humans, len(humans)) if not order or clip is not order[-1]]
    level = SPEECH * rng.uniform(0.4, 1.2)
    return lambda number: Clip(order[number].text, loud(order[number].samples, level))


def _line_noise(rng: random.Random, frames: int) -> Samples:
    noise = np.random.default_rng(rng.randrange(2**32))
    level = 10 ** (rng.uniform(*NOISE_DB) / 20)
    return np.stack([telephone(noise.normal(0, level, frames).astype(np.float32)) for _channel in range(2)])
