"""Money as it is said comes back in rupees, and where two amounts far apart may be meant, none does."""

from datetime import datetime

import pytest

from voice.understanding import understand

NOW = datetime.fromisoformat("2026-03-05T15:00:00+05:30")
LAKH, CRORE = 10**5, 10**7
LAKHS = ("lakh", "lakhs", "lac", "lacs", "lax", "lacks", "lakes", "L", "लाख")
CRORES = ("crore", "crores", "cr", "karod", "caror", "core", "chlor", "करोड़")
ONE = ("{}", "my budget is {}", "{} tak", "upto {}", "max {}", "{} ke andar", "under {}", "{} se zyada nahi")
FRACTIONS = {"sava": 0.25, "saadhe": 0.5, "paune": -0.25}
HINDI = {2: "do", 3: "teen", 4: "chaar", 5: "paanch", 6: "chhe", 7: "saat", 8: "aath", 9: "nau"}


def _slots(text, asked="budget"):
    return understand(text, asked=asked, now=NOW).slots


def _wrong(cases):
    return {text: (slots, wanted) for text, wanted in cases.items() if (slots := _slots(text)) != wanted}


def test_each_count_of_lakhs_and_crores_comes_back():
    cases = {
        frame.format(f"{count} {unit}"): {"budget_max": count * rupees}
        for units, rupees, most in ((LAKHS, LAKH, 100), (CRORES, CRORE, 30))
        for count in range(1, most)
        for unit in units
        for frame in (ONE if unit == units[0] else ONE[:1])
    }
    assert _wrong(cases) == {}


def test_a_crore_and_its_lakhs_come_back_however_they_are_joined():
    cases = {
        said.format(count=count, more=more): {"budget_max": count * CRORE + more * LAKH}
        for count in range(1, 10)
        for more in range(5, 100, 5)
        for said in ("{count} crore {more} lakh", "{count} crore {more}", "{count}cr{more}L", "{count}.{more:02} crore")
    }
    assert _wrong(cases) == {}


def test_grouped_figures_come_back_in_indian_and_in_recogniser_grouping():
    cases = {}
    for amount in range(5 * LAKH, 20 * CRORE, 35 * LAKH):
        head, tail = str(amount)[:-3], str(amount)[-3:]
        indian = f"{head[-2:].rjust(2)},{tail}" if len(head) <= 2 else ",".join((_pairs(head), tail))
        cases |= {said: {"budget_max": amount} for said in (indian, f"{amount:,}", f"₹{amount}", f"Rs {amount:,}")}
    assert _wrong(cases) == {}


def _pairs(digits):
    first = len(digits) % 2
    parts = [digits[:first]] if first else []
    return ",".join(parts + [digits[at : at + 2] for at in range(first, len(digits), 2)])


def test_each_hindi_fraction_comes_back():
    cases = {
        f"{word} {spoken} {unit}": {"budget_max": round((count + shift) * rupees)}
        for word, shift in FRACTIONS.items()
        for count, spoken in HINDI.items()
        for unit, rupees in (("lakh", LAKH), ("crore", CRORE))
    }
    assert _wrong(cases) == {}


def test_each_range_comes_back_with_and_without_a_joining_word():
    cases = {
        said.format(low=low, high=low + 5): {"budget_min": low * LAKH, "budget_max": (low + 5) * LAKH}
        for low in range(10, 95)
        for said in ("{low} {high} lakh", "{low} se {high} lakh", "{low}-{high}", "between {low} and {high} lakhs")
    }
    assert _wrong(cases) == {}


@pytest.mark.parametrize("said", ["one twenty", "two fifty", "three seventy five", "1 20"])
def test_hundreds_left_unsaid_count_lakhs_but_leave_crores_unsure(said):
    spoken = {"one twenty": 120, "two fifty": 250, "three seventy five": 375, "1 20": 120}[said]
    assert _slots(f"{said} lakhs") == {"budget_max": spoken * LAKH}
    understood = understand(f"{said} crore", asked="budget", now=NOW)
    assert (understood.slots, [one.value for one in understood.unsure]) == (
        {},
        [spoken * LAKH, spoken * CRORE],
    )


@pytest.mark.parametrize(
    "said",
    ["5 to 10", "five ten", "1500", "60 lakh hai aur 5 lakh", "ek bees crore"],
)
def test_what_a_careful_listener_would_ask_about_again_fills_nothing(said):
    understood = understand(said, asked="budget", now=NOW)
    assert (understood.slots, len(understood.unsure)) == ({}, 2)


@pytest.mark.parametrize(
    "said",
    [
        "EMI 40 thousand tak", "20 lakh down payment", "40 lakh ka loan", "salary 80 hazaar hai", "package 18 lakh ka",
        "carpet area 900", "5000 per sq ft", "12th floor", "122001", "98765 43210", "no limit", "15 LPA",
        "2 car parking",
    ],
)  # fmt: skip
def test_figures_of_other_things_are_no_budget(said):
    assert _slots(said) == {}


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("can't go beyond 60 lakhs", None, 60),
        ("don't want to spend more than 60 lakhs", None, 60),
        ("nothing below 60 lakhs", 60, None),
        ("60 lakh se kam wala mat dikhana", 60, None),
        ("60 lakh se zyada bilkul nahi", None, 60),
        ("60 lakh plus GST", None, 60),
        ("60 lakh plus minus 5 lakh", 55, 65),
        ("80 lakh se dedh", 80, 150),
        ("sixtyish", 54, 66),
        ("60 lakh no sorry 70", None, 70),
        ("like 50 lakhs", None, 50),
        ("50 like", None, 50),
    ],
)
def test_bounds_are_read_from_the_words_around_a_figure(said, low, high):
    bounds = {"budget_min": low, "budget_max": high}
    assert _slots(said) == {slot: lakhs * LAKH for slot, lakhs in bounds.items() if lakhs}
