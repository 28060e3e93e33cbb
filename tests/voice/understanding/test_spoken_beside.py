"""Names inside sentences, purposes beside other purchases, and calls asked for without an hour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from voice.understanding import understand

NOW = datetime.fromisoformat("2026-04-30T11:00:00+05:30")


def _heard(asked: str, text: str) -> dict[str, Any]:
    return understand(text, asked=asked, now=NOW).slots


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("main Manoj ki wife Seema", "Seema"),
        ("i am vinod's wife lata", "Lata"),
        ("sunita, manoj ki wife", "Sunita"),
        ("bhaiya Pappu likh lo", "Pappu"),
        ("aap likhiye geeta devi", "Geeta Devi"),
        ("yes ma, Chandrika here", "Chandrika"),
        ("yes da, karthik here", "Karthik"),
        ("maria da costa", "Maria Da Costa"),
        ("no my name is Meera not Meena", "Meera"),
        ("nahi bhai, sohan nahi mohan", "Mohan"),
        ("galat suna aapne, vinay hai", "Vinay"),
        ("mujhe sab bunty bulate hain", "Bunty"),
    ],
)
def test_a_name_is_found_inside_a_sentence(text: str, name: str) -> None:
    assert _heard("name", text) == {"name": name}


@pytest.mark.parametrize("text", ["main uski wife", "ma", "yes ma", "vinod ki dukaan se bol raha hoon", "bhai likh lo"])
def test_kin_and_forms_of_address_are_no_names(text: str) -> None:
    assert _heard("name", text) == {}


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("i will give it on rent", "invest"),
        ("can you give it on rent", "rent"),
        ("kharid ke rent pe chadha denge", "invest"),
        ("future mein bech denge", "invest"),
        ("bete ke liye le rahe hain", "buy"),
        ("maine gaadi kharidi hai abhi", None),
        ("abhi kuch nahi le raha", None),
    ],
)
def test_a_purpose_is_what_this_property_is_for(text: str, purpose: str | None) -> None:
    assert _heard("purpose", text).get("purpose") == purpose


@pytest.mark.parametrize(
    "text", ["parso shaam ko karna", "namaz ke baad karna", "shaam mein free rehta hoon", "kal subah phone karo"]
)
def test_a_part_of_a_day_asks_for_a_call_and_promises_no_hour(text: str) -> None:
    assert _heard("identity", text) == {"intent": "callback"}


def test_the_offered_call_and_the_purchase_put_off_are_no_callback() -> None:
    assert _heard("consent", "haan shaam ko karo") == {"consent": True}
    assert _heard("timeline", "kal hi karna hai") == {}


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("y", {"consent": True}),
        ("yes you may", {"consent": True}),
        ("i may", {}),
        ("nahi bhai mujhe kisi se baat nahi karni", {"consent": False}),
        ("absolutely not, remove my number", {"intent": "do_not_call", "consent": False}),
    ],
)
def test_a_bare_or_firm_answer_decides_consent(text: str, slots: dict[str, Any]) -> None:
    assert _heard("consent", text) == slots


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("no no different person, he left his phone at my shop counter", {"identity": "wrong_person"}),
        ("मैं उनका ड्राइवर बोल रहा हूँ, साहब अंदर हैं", {"identity": "wrong_person"}),
        ("you've dialled the wrong number my friend", {"intent": "wrong_number"}),
        ("that was my friend, not me", {"identity": "wrong_person"}),
        ("hello kaun sa shor ho raha hai", {}),
        ("hello kaun si company se", {"intent": "who_is_calling"}),
    ],
)
def test_who_is_at_the_telephone(text: str, slots: dict[str, Any]) -> None:
    assert _heard("identity", text) == slots
