"""Speech is packed into windows, and its times find their way back into the recording."""

from __future__ import annotations

import numpy as np
import pytest

from voice.stt.activity import FRAME_S, Listening, spans
from voice.stt.windows import Piece, Window, packed, padded


def frames(*runs: tuple[int, float]) -> np.ndarray:
    return np.concatenate([np.full(count, likely, np.float32) for count, likely in runs])


@pytest.mark.parametrize(
    ("runs", "wanted"),
    [
        ([(10, 0.0)], []),
        ([(5, 0.0), (10, 0.9), (40, 0.0)], [(5, 15)]),
        ([(5, 0.9), (10, 0.0), (5, 0.9)], [(0, 20)]),
        ([(5, 0.9), (20, 0.0), (5, 0.9)], [(0, 5), (25, 30)]),
        ([(5, 0.9), (30, 0.4), (5, 0.0)], [(0, 35)]),
        ([(30, 0.4)], []),
    ],
)
def test_a_span_lasts_while_somebody_may_still_speak(runs, wanted):
    found = spans(frames(*runs), Listening(begins=0.5, goes_on=0.35, pause_s=0.5))
    assert found == [(start * FRAME_S, end * FRAME_S) for start, end in wanted]


def test_too_short_a_span_is_no_speech():
    assert spans(frames((5, 0.9), (40, 0.0), (20, 0.9)), Listening(shortest_s=0.3)) == [(45 * FRAME_S, 65 * FRAME_S)]


def piece(start: float, end: float, pad: float = 0.0) -> Piece:
    return Piece(start, end, (start + pad, end - pad))


def test_neighbours_share_the_pause_between_them():
    spans = [(0.1, 1.0), (1.5, 2.0), (9.0, 9.8)]
    edges = [(0.0, 1.25), (1.25, 2.5), (8.5, 10.0)]
    assert padded(spans, 0.5, 10.0) == [Piece(*edge, span) for edge, span in zip(edges, spans, strict=True)]


def test_pieces_fill_windows_in_order_and_a_long_one_stands_alone():
    a, b, c, d, e = (piece(*one) for one in ((0, 10), (20, 35), (40, 45), (50, 95), (99, 100)))
    assert packed([a, b, c, d, e], 29.5) == [Window((a, b)), Window((c,)), Window((d,)), Window((e,))]


def test_a_word_is_placed_in_the_piece_that_holds_its_middle():
    window = Window((piece(1, 2), piece(20, 22)))
    assert window.place(0.2, 0.5) == (0, 1.2, 1.5)
    assert window.place(0.9, 1.3) == (1, 20.0, 20.3)
    assert window.place(2.8, 3.4) == (1, pytest.approx(21.8), 22.0)


def test_a_word_that_whisper_draws_out_into_the_silence_begins_and_ends_with_the_voice():
    window = Window((piece(10, 13, pad=0.7),))
    assert window.place(0.0, 0.9) == (0, pytest.approx(10.5), pytest.approx(10.9))
    assert window.place(2.2, 3.0) == (0, pytest.approx(12.2), pytest.approx(12.5))


def test_a_window_holds_its_pieces_and_nothing_between():
    recording = np.arange(16_000 * 3, dtype=np.float32)
    sound = Window((piece(0.0, 0.5), piece(2.0, 2.25))).samples(recording)
    assert np.array_equal(sound, np.concatenate([recording[:8_000], recording[32_000:36_000]]))
