"""The gate: who must not be called, and the one reason that is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from calls.compliance import ALLOWED, CampaignFacts, Decision, Facts, may_call, may_text
from calls.openings import Openings
from calls.origin import Origin
from leads.preferences import Preference

INDIA, CHICAGO = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/Chicago")
TUESDAY = datetime(2026, 3, 10, 14, 0, tzinfo=INDIA)
OPENINGS = Openings(zones=(INDIA,), hours=dict.fromkeys(range(7), (time(9), time(21))))
FINE = Facts(phone="+919820012345", own=TUESDAY, openings=OPENINGS)


def at(hour: int, minute: int = 0, **changes) -> Facts:
    return replace(FINE, own=TUESDAY.replace(hour=hour, minute=minute), **changes)


def opening(**changes) -> Openings:
    return replace(OPENINGS, **changes)


STANDING = {
    "no_phone": {"phone": ""},
    "do_not_call": {"do_not_call": True},
    "wrong_number": {"wrong_number": True},
    "bad_number": {"bad_number": True},
    "suppressed": {"suppressed": True},
    "consent_withdrawn": {"consent": False},
    "dnd": {"dnd": Preference()},
    "no_consent": {"needs_consent": True},
    "cap_total": {"max_total": 5, "calls_total": 5},
    "paused": {"paused": ""},
    "provider_paused": {"provider_paused": "Too many failures"},
    "campaign_over": {"campaign": CampaignFacts(running=True, ends_at=TUESDAY)},
    "campaign_paused": {"campaign": CampaignFacts(running=False)},
}
TOMORROW_9 = datetime(2026, 3, 11, 3, 30, tzinfo=UTC)


def test_a_lead_whom_nothing_forbids_to_call_may_be_called():
    assert may_call(FINE) == ALLOWED


@pytest.mark.parametrize(("code", "fact"), STANDING.items(), ids=str)
def test_each_reason_alone_refuses_with_its_code_and_a_sentence(code, fact):
    decision = may_call(replace(FINE, **fact))
    assert (decision.allowed, decision.code, decision.again_at) == (False, code, None)
    assert decision.detail.endswith(".")


def test_of_two_reasons_the_one_that_stands_longer_is_told():
    for (first, some), (second, others) in combinations(STANDING.items(), 2):
        if some.keys() & others.keys():
            continue
        assert may_call(replace(FINE, **some, **others)).code == first, (first, second)


PASSING = {
    "holiday": at(14, openings=opening(holidays={date(2026, 3, 10): "Holi"})),
    "outside_calling_hours": at(21),
    "campaign_hours": at(14, openings=opening(campaign=(time(9), time(14)))),
    "cap_day": at(14, max_per_day=3, calls_today=3),
}


@pytest.mark.parametrize(("code", "facts"), PASSING.items(), ids=str)
def test_what_passes_by_itself_is_told_with_the_time_at_which_it_has(code, facts):
    decision = may_call(facts)
    assert (decision.code, decision.again_at) == (code, TOMORROW_9)
    assert decision.detail.endswith(" Call again from 09:00 tomorrow on the lead's clock.")


def test_the_time_to_call_again_has_passed_every_limit_and_not_only_the_one_told():
    facts = at(8, max_per_day=3, calls_today=3)
    assert may_call(facts) == Decision(
        False,
        "outside_calling_hours",
        "It is 08:00 for this lead, and calls are allowed between 09:00 and 21:00. "
        "Call again from 09:00 tomorrow on the lead's clock.",
        TOMORROW_9,
    )


def test_a_promised_call_back_is_made_however_often_the_lead_was_called_that_day():
    facts = at(14, max_per_day=3, calls_today=9, max_total=12, calls_total=9, origin=Origin.CALLBACK)
    assert may_call(facts) == ALLOWED
    assert may_call(replace(facts, calls_total=12)).code == "cap_total"


@pytest.mark.parametrize(("hour", "minute", "allowed"), [(8, 59, False), (9, 0, True), (20, 59, True), (21, 0, False)])
def test_the_hours_begin_with_their_first_minute_and_end_before_their_last(hour, minute, allowed):
    assert may_call(at(hour, minute)).allowed is allowed


def test_a_weekday_without_hours_is_waited_out():
    decision = may_call(at(14, openings=opening(hours={3: (time(10), time(12))})))
    assert decision == Decision(
        False,
        "outside_calling_hours",
        "It is Tuesday for this lead, a day without calling hours. Call again from 10:00 on Thursday on the lead's "
        "clock.",
        datetime(2026, 3, 12, 4, 30, tzinfo=UTC),
    )


def test_a_lead_whose_clock_is_unsure_is_called_only_when_all_of_them_allow_it():
    both = opening(zones=(INDIA, ZoneInfo("Asia/Dubai")))
    assert may_call(at(14, openings=both)).allowed
    early = may_call(at(10, openings=both))
    assert (early.code, early.again_at) == ("outside_calling_hours", datetime(2026, 3, 10, 5, 0, tzinfo=UTC))
    assert early.detail.endswith("Call again from 10:30 by Asia/Kolkata time.")


def test_clocks_that_share_no_hour_are_told_with_the_way_out():
    apart = opening(zones=(INDIA, CHICAGO), hours=dict.fromkeys(range(7), (time(9), time(17))))
    decision = may_call(at(14, openings=apart))
    assert (decision.code, decision.again_at) == ("outside_calling_hours", None)
    assert "Correct the lead's time zone" in decision.detail


def test_a_network_that_rings_nobody_has_no_hours_caps_or_lists_but_what_people_decided_stands():
    night = at(22, rings_people=False, dnd=Preference(), needs_consent=True, max_total=1, calls_total=1)
    assert may_call(night) == ALLOWED
    for code in ("do_not_call", "suppressed", "paused", "provider_paused", "campaign_paused", "campaign_over"):
        assert may_call(replace(night, **STANDING[code])).code == code


def test_a_recorded_consent_stands_above_the_regulators_list():
    assert may_call(at(14, dnd=Preference(), needs_consent=True, consent=True)) == ALLOWED


@pytest.mark.parametrize(
    ("preference", "code"),
    [
        (Preference(categories=frozenset({1, 3})), ""),
        (Preference(categories=frozenset({2})), "dnd"),
        (Preference(categories=frozenset({0})), "dnd"),
        (Preference(modes=frozenset({12})), ""),
        (Preference(modes=frozenset({14})), "dnd"),
        (Preference(time_bands=frozenset({24})), ""),
        (Preference(time_bands=frozenset({26})), "dnd"),
        (Preference(day_types=frozenset({31})), ""),
        (Preference(day_types=frozenset({32})), "dnd"),
        (Preference(time_bands=frozenset({26}), day_types=frozenset({31})), ""),
    ],
)
def test_the_regulators_list_blocks_our_category_and_modes_in_its_bands_and_days(preference, code):
    concerned = preference if preference.concerns(frozenset({11, 13, 14, 15})) else None
    assert may_call(at(14, dnd=concerned, openings=opening(dnd=concerned))).code == code


def test_a_listed_number_is_called_again_when_its_band_is_over():
    afternoon = Preference(time_bands=frozenset({25, 26}))
    decision = may_call(at(14, dnd=afternoon, openings=opening(dnd=afternoon)))
    assert decision.again_at == datetime(2026, 3, 10, 10, 30, tzinfo=UTC)
    assert decision.detail.endswith("Call again from 16:00 on the lead's clock.")


def test_a_campaign_that_begins_later_is_waited_for():
    begins = TUESDAY + timedelta(hours=10)
    waits = may_call(at(14, campaign=CampaignFacts(running=True, starts_at=begins)))
    assert (waits.code, waits.again_at) == ("campaign_hours", TOMORROW_9)
    nobody = may_call(at(14, campaign=CampaignFacts(running=True, starts_at=begins), rings_people=False))
    assert (nobody.code, nobody.again_at) == ("campaign_hours", begins)


def test_a_text_that_was_asked_for_has_no_hours_and_any_other_has():
    assert may_text(at(3), asked_for=True) == ALLOWED
    assert may_text(at(3), asked_for=False).code == "outside_calling_hours"


def test_the_list_that_forbids_the_night_forbids_a_text_that_was_asked_for_too():
    night = Preference(modes=frozenset({12}), time_bands=frozenset({21}))
    decision = may_text(at(3, dnd=night, openings=opening(dnd=night)), asked_for=True)
    assert (decision.code, decision.again_at) == ("dnd", at(6).own.astimezone(UTC))


@pytest.mark.parametrize("code", ["no_phone", "do_not_call", "wrong_number", "suppressed", "consent_withdrawn"])
def test_what_forbids_calls_for_good_forbids_texts(code):
    assert may_text(replace(FINE, **STANDING[code]), asked_for=True).code == code


def test_a_list_that_blocks_text_messages_blocks_ours_and_not_our_calls():
    texts = replace(FINE, dnd=Preference(modes=frozenset({12})))
    assert (may_text(texts, asked_for=True).code, may_call(texts)) == ("dnd", ALLOWED)
