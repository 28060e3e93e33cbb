"""The gate: who must not be called, and the one reason that is told."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import product

import pytest

from calls.compliance import ALLOWED, Facts, may_call

INDIA = timezone(timedelta(hours=5, minutes=30))
FINE = Facts(
    phone="+919820012345",
    do_not_call=False,
    suppressed=False,
    wrong_number=False,
    clocks=(datetime(2026, 3, 10, 14, 0, tzinfo=INDIA),),
    region="IN",
    rings_people=True,
)


def at(hour: int, minute: int = 0) -> datetime:
    return FINE.clocks[0].replace(hour=hour, minute=minute)


def test_a_lead_whom_nothing_forbids_to_call_may_be_called():
    assert may_call(FINE) == ALLOWED


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        ({"phone": ""}, "no_phone"),
        ({"do_not_call": True}, "do_not_call"),
        ({"suppressed": True}, "suppressed"),
        ({"wrong_number": True}, "wrong_number"),
        ({"clocks": (at(21),)}, "outside_calling_hours"),
    ],
)
def test_each_reason_alone_refuses_with_its_code_and_a_sentence(fact, code):
    decision = may_call(replace(FINE, **fact))
    assert (decision.allowed, decision.code) == (False, code)
    assert decision.detail.endswith(".")


@pytest.mark.parametrize(
    ("region", "local", "allowed"),
    [
        ("IN", at(8, 59), False),
        ("IN", at(9), True),
        ("IN", at(20, 59), True),
        ("IN", at(21), False),
        ("US", at(8), True),
        ("US", at(7, 59), False),
        ("GB", at(8, 30), False),
        ("", at(3), False),
    ],
)
def test_the_hours_are_those_of_the_leads_own_clock_and_country(region, local, allowed):
    assert may_call(replace(FINE, region=region, clocks=(local,))).allowed is allowed


def test_a_lead_whose_clock_is_unsure_is_called_only_when_all_of_them_allow_it():
    assert may_call(replace(FINE, clocks=(at(14), at(20)))).allowed
    assert may_call(replace(FINE, clocks=(at(14), at(21)))).code == "outside_calling_hours"


def test_a_network_that_rings_nobody_has_no_hours_but_every_other_reason_stands():
    night = replace(FINE, clocks=(at(3),), rings_people=False)
    assert may_call(night) == ALLOWED
    assert may_call(replace(night, do_not_call=True)).code == "do_not_call"


def test_no_mixture_of_facts_with_a_reason_in_it_is_ever_allowed():
    for phone, asked, listed, wrong, hour in product(("", "+91"), (0, 1), (0, 1), (0, 1), (3, 14)):
        facts = replace(
            FINE,
            phone=phone,
            do_not_call=bool(asked),
            suppressed=bool(listed),
            wrong_number=bool(wrong),
            clocks=(at(hour),),
        )
        fine = bool(phone) and not (asked or listed or wrong) and hour == 14
        assert may_call(facts).allowed is fine
