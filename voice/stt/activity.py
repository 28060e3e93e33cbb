"""Where somebody speaks: voice activity by Silero's model, which faster-whisper brings along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from voice.stt.audio import RATE

if TYPE_CHECKING:
    from voice.stt.audio import Samples

FRAME = 512  # samples at 16 kHz, the only step that the model knows
FRAME_S = FRAME / RATE

Probabilities = npt.NDArray[np.float32]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Listening:
    """How sure a frame must be to begin and to go on with a span, and the pauses that end one, in seconds."""

    begins: float = 0.5
    goes_on: float = 0.35
    pause_s: float = 0.5
    shortest_s: float = 0.0


def probabilities(samples: Samples) -> Probabilities:
    """For each 32 ms of 16 kHz `samples`, the probability 0 to 1 that somebody speaks."""
    from faster_whisper.vad import get_vad_model  # noqa: PLC0415 -- slow, and the web process never transcribes

    if samples.size == 0:
        return np.zeros(0, np.float32)
    # The model writes into what it is given, so it gets its own copy.
    padded = np.pad(samples, (0, -samples.size % FRAME + FRAME))
    found: Probabilities = np.asarray(get_vad_model()(padded), np.float32).reshape(-1)
    return found[: -(-samples.size // FRAME)]


def spans(likely: Probabilities, listening: Listening) -> list[Span]:
    """The stretches of speech, in seconds and in order, without any padding."""
    found: list[Span] = []
    began = last = -1
    pause = listening.pause_s / FRAME_S
    for at, probability in enumerate(likely.tolist()):
        if began >= 0 and at - last > pause:
            found.append((began * FRAME_S, (last + 1) * FRAME_S))
            began = -1
        if began < 0 and probability >= listening.begins:
            began = last = at
        elif began >= 0 and probability >= listening.goes_on:
            last = at
    if began >= 0:
        found.append((began * FRAME_S, (last + 1) * FRAME_S))
    return [span for span in found if span[1] - span[0] >= listening.shortest_s]
