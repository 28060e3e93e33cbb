"""A person is found however a record spells them, and a longer number or another name is not."""

import pytest

from leads.spellings import Whose, glance_of, pattern_of

WHOSE = Whose(frozenset({"+919820012345"}), frozenset({"meena.k@example.org"}), frozenset({"Meena Kulkarni"}))
AT_A_GLANCE = glance_of(WHOSE)
PHONE = pattern_of(Whose(phones=frozenset({"+919820012345"})))
EMAIL = pattern_of(Whose(emails=frozenset({"meena.k@example.org"})))
NAME = pattern_of(Whose(names=frozenset({"Meena Kulkarni"})))
ZOE = pattern_of(Whose(names=frozenset({"Zoë मीना"})))


@pytest.mark.parametrize(
    "text",
    [
        "+919820012345",
        "919820012345",
        "9820012345",
        "09820012345",
        "00919820012345",
        "+91 98200 12345",
        "+91-9820-012-345",
        "98 20 01 23 45",
        "9 8 2 0 0 1 2 3 4 5",
        "(982) 001-2345",
        "From=%2B919820012345&To=x",
        "%2B91%2098200%2012345",
        r"\u002b919820012345",
        r"two\n9820012345",
        "tel:+919820012345",
        "sip:919820012345@example.com",
        "+91 (0)98200 12345"[:4] + "98200 12345",
        '{"number": "+919820012345"}',
        "98200\u00a012345",
    ],
)
def test_a_number_is_found_in_every_spelling(text):
    assert (bool(PHONE.search(text)), AT_A_GLANCE(text)) == (True, True)


@pytest.mark.parametrize("text", ["98200123456", "19820012345678", "CA9820012345", "982001234", "+449820012345", "x"])
def test_another_number_is_not_found(text):
    assert not PHONE.search(text)


@pytest.mark.parametrize("text", ["Meena.K@Example.org", "meena.k%40example.org", "<meena.k@example.org>"])
def test_an_address_is_found_in_every_spelling(text):
    assert (bool(EMAIL.search(text)), AT_A_GLANCE(text)) == (True, True)


@pytest.mark.parametrize("text", ["not.meena.k@example.org", "meena.k@example.organic", "meenak@example.org"])
def test_another_address_is_not_found(text):
    assert not EMAIL.search(text)


@pytest.mark.parametrize("text", ["meena kulkarni", "Meena  Kulkarni's", "Meena+Kulkarni", "Meena%20Kulkarni"])
def test_a_name_is_found_as_a_whole(text):
    assert (bool(NAME.search(text)), NAME.search("Meena"), NAME.search("Ameena Kulkarni")) == (True, None, None)
    assert (AT_A_GLANCE(text), AT_A_GLANCE("Meena")) == (True, False)


def test_a_name_is_found_as_json_escapes_it():
    escaped = r"Zo\u00eb \u092E\u0940\u0928\u093e"
    assert (bool(ZOE.search(escaped)), glance_of(Whose(names=frozenset({"Zoë मीना"})))(escaped)) == (True, True)


def test_nobody_is_looked_for_where_nothing_is_known():
    assert pattern_of(Whose(names=frozenset({" "}))) is None
