"""Which addresses are of the open internet, where a download may lead."""

import pytest

from tests.loopback_internet import INSIDE, PUBLIC
from voice.providers.hosts import is_public


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_none_of_the_open_internet_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "52.216.0.1", "2606:4700::6810:84e5"])
def test_an_address_of_the_open_internet_is(address):
    assert is_public(address)
