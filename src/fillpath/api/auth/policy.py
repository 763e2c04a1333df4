"""How the desk is guarded, as its settings say."""

from collections.abc import Collection
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from msgspec import Struct

from fillpath.core.units import NANOSECONDS

_MINUTE_NS: Final = 60 * NANOSECONDS
_WITHOUT_PORT: Final = frozenset({80, 443})
STEPPED_UP_NS: Final = 5 * _MINUTE_NS
"""So long after the password was given, what moves money is not asked for it again."""
PROPOSED_NS: Final = 10 * _MINUTE_NS
"""So long the word of one person waits for that of another."""
REPEATED_NS: Final = 24 * 60 * _MINUTE_NS
"""So long an answer is given again to who asks again under the same key."""


class Guarding(Struct, frozen=True, kw_only=True):
    """How the desk is guarded.

    Args:
        hosts: names that it answers under, with their port, in small letters.
        origins: other sites whose pages may ask.
        trusted: networks of proxies that are believed.
        cookie: name of the cookie that carries a session.
        code_needed: whether who trades signs in with a code.
        session_ns: a session ends after this, nanoseconds.
        idle_ns: who did nothing for so long gives the password again, nanoseconds.
        approve_limit: the largest order that a trader may approve, account currency.
        logins_per_minute: attempts from one address.
        acts_per_second: of one person, kills not counted.
        reads_per_second: of one person.
        hold_ms: a request too many is answered no sooner, so that a flood slows itself down and
            not the kill beside it.
    """

    hosts: frozenset[str]
    origins: frozenset[str] = frozenset()
    trusted: tuple[IPv4Network | IPv6Network, ...] = ()
    cookie: str = "__Host-fillpath"
    code_needed: bool = False
    session_ns: int = 720 * _MINUTE_NS
    idle_ns: int = 15 * _MINUTE_NS
    approve_limit: Decimal = Decimal(10_000)
    logins_per_minute: int = 5
    acts_per_second: int = 5
    reads_per_second: int = 50
    hold_ms: int = 250


def names_of(host: str, port: int, others: Collection[str], *, here: bool) -> frozenset[str]:
    """Return the names that a desk answers under.

    Args:
        host: address that it listens at.
        port: likewise.
        others: further names, with or without a port.
        here: whether it listens at an address of this machine alone.
    """
    own = {host, *(("localhost", "127.0.0.1", "::1") if here else ())}
    own -= {"0.0.0.0", "::"}  # noqa: S104  # nobody is called that
    shown = {f"[{name}]" if ":" in name else name for name in own}
    bare = {*others, *(shown if port in _WITHOUT_PORT else ())}
    return frozenset(name.lower() for name in bare | {f"{name}:{port}" for name in shown | bare})


def networks_of(texts: Collection[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks that texts name."""
    return tuple(ip_network(text) for text in texts)
