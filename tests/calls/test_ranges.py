"""Which bytes an HTTP request asks for."""

import pytest

from calls.ranges import Piece, UnsatisfiableError, asked_piece


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        ("bytes=0-", (0, 499)),
        ("bytes=0-0", (0, 0)),
        ("bytes=100-199", (100, 199)),
        ("bytes= 100-199 ", (100, 199)),
        ("bytes=600-", (600, 999)),
        ("bytes=990-5000", (990, 999)),
        ("bytes=-10", (990, 999)),
        ("bytes=-5000", (0, 499)),
        ("bytes=999-", (999, 999)),
    ],
)
def test_a_range_is_read_and_cut_to_what_there_is_and_to_the_largest_piece(header, piece):
    assert asked_piece(header, 1000, most=500) == Piece(*piece)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-1",
        "bytes=a-b",
        "bytes=0-1,5-6",
        "items=0-1",
        "0-1",
        "bytes=٣-٤",
        "bytes=--1",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_what_cannot_be_read_or_names_several_ranges_asks_for_the_whole(header):
    assert asked_piece(header, 1000, most=500) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", "bytes=5000-", "bytes=-0"])
def test_a_range_beyond_the_end_cannot_be_satisfied(header):
    with pytest.raises(UnsatisfiableError):
        asked_piece(header, 1000, most=500)


def test_of_an_empty_file_no_range_can_be_satisfied():
    with pytest.raises(UnsatisfiableError):
        asked_piece("bytes=0-", 0, most=500)


def test_a_piece_counts_both_its_ends():
    assert Piece(100, 199).length == 100
