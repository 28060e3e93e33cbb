"""Small recordings, made of tones."""

import array
import io
import math
import wave


def wav(*hertz: float, seconds: float = 1.0, rate: int = 8000) -> bytes:
    """A WAV file with one channel for each tone; 0 is silence."""
    frames = array.array("h")
    for n in range(int(seconds * rate)):
        frames.extend(int(12_000 * math.sin(2 * math.pi * tone * n / rate)) for tone in hertz)
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(len(hertz))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames.tobytes())
    return made.getvalue()
