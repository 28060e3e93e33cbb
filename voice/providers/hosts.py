"""Which hosts a provider may lead us to: any on the open internet, and none inside of anybody's network."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PLAIN = re.compile(r"[!-\[\]-~]+")  # printable ASCII but the backslash, which readers of addresses disagree on

# Where an address of version 6 stands for one of version 4, a gateway may take it anywhere.
_DISGUISES = [
    ipaddress.ip_network(net) for net in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
]
_TEREDO = ipaddress.ip_network("2001::/32")
# Public by number: protocols' own addresses, relays, and what inside of one cloud is its own helper.
_SPECIAL = [ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")]


def checked(url: str, resolve: Callable[[str, int], Sequence[str]]) -> Sequence[str]:
    """The public addresses of the https host that was not configured but led to.

    :raises ProviderError: refused_address, or down where the host is not found.
    :raises ValueError: when it cannot be read at all.
    """
    if not _PLAIN.fullmatch(url):
        raise refused("The recording's address has signs that no address has.")
    parts = urlsplit(url)
    port = parts.port or 443
    if parts.scheme != "https" or port != 443:
        raise refused("The provider leads to an address that is not https.")
    if not parts.hostname or "@" in parts.netloc:
        raise refused("The recording's address names no host, or a user.")
    try:
        found = resolve(parts.hostname, port)
    except (OSError, UnicodeError) as error:
        raise down("The recording's server could not be found. It is asked for again.") from error
    if not found or not all(is_public(one) for one in found):
        raise refused("The provider leads to an address inside a private network.")
    return found


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, and stands for no other one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in net for net in _SPECIAL)
    return not ip.is_site_local and not any(ip in net for net in (*_DISGUISES, _TEREDO))


def down(sentence: str) -> ProviderError:
    """A fault on the other side, which may pass."""
    return ProviderError(sentence, code="down", retryable=True)


def refused(sentence: str) -> ProviderError:
    """An address that nothing is fetched from, ever."""
    return ProviderError(f"{sentence} Nothing was fetched.", code="refused_address")
