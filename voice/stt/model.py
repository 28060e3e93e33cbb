"""faster-whisper's model, which does not listen to the silence that a window is filled up with."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel

SILENCE = 500  # frames of 10 ms kept after the sound; with one or two seconds of it short answers come twice
STEP = 50


class Whisper(WhisperModel):  # type: ignore[misc]  # faster-whisper has no types
    """Computes as many frames as there is sound, and five seconds; Whisper's own way is always thirty seconds."""

    def encode(self, features: npt.NDArray[np.float32]) -> Any:
        """What the encoder makes of `features`, the mel bands of one window by frames."""
        filled = np.flatnonzero(features.any(axis=-2))
        frames = (int(filled[-1]) if filled.size else 0) + 1 + SILENCE
        return super().encode(features[..., : -(-frames // STEP) * STEP])
