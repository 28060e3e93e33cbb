"""A recording, heard channel by channel and block by block."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from voice.stt import activity, audio
from voice.stt.lines import Heard, mean_confidence
from voice.stt.listening import PAD_S, SPEECH, Listener, Sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from voice.stt.activity import Span
    from voice.stt.audio import Samples
    from voice.stt.lines import Speaker

BLOCK_S = 180.0  # of sound in memory at a time; voice activity needs 1 MB for a second
AGENT = activity.Listening(pause_s=0.4, shortest_s=0.2)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a recording, as `WhisperEngine.hear` takes it."""

    language: str | None
    caller_channel: int | None
    staff_from_s: float | None
    on_progress: Callable[[float], None]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """Whose voice it is, how its samples are had of those of all channels, and from which second it is heard."""

    speaker: Speaker
    pick: Callable[[Samples], Samples]
    from_s: float = 0.0


def hear(path: Path, model: Callable[[], Any], wanted: Wanted) -> Heard:
    """Hear the recording at `path`; `model` loads the weights once there is speech. Errors as `WhisperEngine.hear`."""
    began = time.monotonic()
    sound = audio.probe(path)
    tracks, agent = _tracks(sound.channels, wanted)
    wanted.on_progress(0.0)
    agent_spans = _voice(path, agent, wanted) if agent else ()
    listener = Listener(model, wanted.language, wanted.hint)
    for number, track in enumerate(tracks):
        for heard_s in _listened(path, track, listener):
            wanted.on_progress(min(1.0, (number + heard_s / sound.duration_s) / len(tracks)))
    wanted.on_progress(1.0)
    lines = tuple(sorted(listener.lines, key=lambda line: line.start_s))
    confidence, took_s = mean_confidence(lines), time.monotonic() - began
    dropped = tuple(listener.dropped)
    return Heard(lines, listener.language, confidence, dropped, agent_spans, sound.duration_s, took_s)


def _tracks(channels: int, wanted: Wanted) -> tuple[list[Track], Track | None]:
    """What is transcribed, and where the agent is only looked for."""
    caller = wanted.caller_channel
    if caller is not None and not 0 <= caller < channels:
        caller = None  # one channel came where two were promised
    if channels > 1 and caller is not None:
        ours, from_s = _all_but(caller), wanted.staff_from_s
        staff = [Track("staff", ours, from_s)] if from_s is not None else []
        return [Track("caller", _one(caller)), *staff], None if from_s == 0 else Track("agent", ours)
    if channels > 1 and wanted.staff_from_s == 0:
        return [Track("unknown", _one(number)) for number in range(channels)], None
    return [Track("unknown", _mixed)], None


def _one(channel: int) -> Callable[[Samples], Samples]:
    return lambda samples: samples[channel].copy()  # a view would keep the other channels in memory


def _all_but(channel: int) -> Callable[[Samples], Samples]:
    return lambda samples: _mixed(np.delete(samples, channel, axis=0))


def _mixed(samples: Samples) -> Samples:
    mixed: Samples = samples.mean(axis=0)
    return mixed


def _voice(path: Path, track: Track, wanted: Wanted) -> tuple[Span, ...]:
    """Where the agent speaks, which is over where staff have taken its place."""
    found: list[Span] = []
    offset = 0.0
    for block in audio.channel_blocks(path, track.pick, BLOCK_S):
        found += [(start + offset, end + offset) for start, end in activity.spans(activity.probabilities(block), AGENT)]
        offset += block.size / audio.RATE
        wanted.on_progress(0.0)
    return tuple(one for one in found if wanted.staff_from_s is None or one[0] < wanted.staff_from_s)


def _listened(path: Path, track: Track, listener: Listener) -> Iterator[float]:
    """Listen to one track, and yield up to which second it is heard."""
    blocks = _since(track.from_s, audio.channel_blocks(path, track.pick, BLOCK_S))
    rest, offset = np.zeros(0, np.float32), track.from_s
    block = next(blocks, None)
    while block is not None:
        following = next(blocks, None)
        samples = np.concatenate([rest, block])
        likely = activity.probabilities(samples)
        keep = samples.size if following is None else _cut(activity.spans(likely, SPEECH), samples.size)
        yield from listener.listen(Sound(samples[:keep], likely[: -(-keep // activity.FRAME)], offset, track.speaker))
        rest, offset = samples[keep:], offset + keep / audio.RATE
        block = following


def _since(from_s: float, blocks: Iterator[Samples]) -> Iterator[Samples]:
    """The blocks without the samples of the first `from_s` seconds."""
    before = round(from_s * audio.RATE)
    for block in blocks:
        if before < block.size:
            yield block[before:]
        before = max(0, before - block.size)


def _cut(spans: list[Span], size: int) -> int:
    """How many samples of a block to hear now: all but what is said last, which may go on in the next block."""
    if not spans:
        return size
    before_last = round((spans[-1][0] - PAD_S) * audio.RATE)
    # Who speaks without a pause for a whole block is cut, or the block would grow with the monologue.
    return before_last if before_last > audio.RATE else size
