"""Which addresses this machine may be made to call: only those that a person named.

An address in a setting or a message must not lead to the services that listen on this machine or
next to it. Nothing is looked up or opened here: whoever calls also asks ``check_destination`` about
every address that the name led to, connects to that one, and follows no redirect.
"""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from fillpath.core.errors import ConfigError

_PORTS: Final = {"https": 443, "http": 80}
_LONGEST: Final = 2_000
_LABEL: Final = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_LOOPBACK_NAME: Final = "localhost"

IpAddress = IPv4Address | IPv6Address


class Address(NamedTuple):
    """Where a URL leads.

    Args:
        scheme: ``https``, or ``http`` on this machine.
        host: name or number, lower case.
        port: the one of the scheme where the URL says none.
    """

    scheme: str
    host: str
    port: int


def check_address(url: str, allowed_hosts: Collection[str]) -> Address:
    """Return where a URL leads, if that is allowed.

    Args:
        url: ``https://HOST[:PORT]/...``; ``http`` only to this machine.
        allowed_hosts: exact names or numbers, ``HOST`` or ``HOST:PORT`` for another port than that
            of the scheme; no patterns.

    Raises:
        ConfigError: it leads elsewhere, or cannot be read in one way only; says why.
    """
    parts = _split(url)
    host = parts.hostname or ""
    number = _number(host)
    if number is None and not _NAME.fullmatch(host):
        raise ConfigError(f"the address must name a host in plain letters, got {host!r}")
    if number is None and host.rpartition(".")[2][:1].isdigit():
        raise ConfigError(f"the address must write a number as a.b.c.d, got {host!r}")
    address = Address(parts.scheme, host, parts.port or _PORTS[parts.scheme])
    _check_allowed(address, allowed_hosts)
    if number is not None:
        check_destination(host, number)
    if address.scheme == "http" and not _is_here(host, number):
        raise ConfigError(
            f"the address must begin with https:// unless it is on this machine: {host}"
        )
    return address


def check_destination(host: str, number: IpAddress) -> None:
    """Refuse an address that a host's name led to and that no message may be sent to.

    Args:
        host: the host of the checked URL.
        number: one of the addresses it stands for.

    Raises:
        ConfigError: a name leads to this machine, or to an address that only this network knows
            how to answer.
    """
    real = getattr(number, "ipv4_mapped", None) or number
    if real.is_loopback:
        if not _is_here(host, _number(host)):
            raise ConfigError(f"{host} leads to {real}, which is this machine")
    elif real.is_link_local or real.is_multicast or real.is_unspecified or real.is_reserved:
        raise ConfigError(f"{host} leads to {real}, which no message is sent to")


def _split(url: str) -> SplitResult:
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigError(
            f"an address must be at most {_LONGEST} plain characters without spaces, got {url!r:.80}"
        )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"the address cannot be read: {error}") from None
    if parts.scheme not in _PORTS:
        raise ConfigError(f"the address must begin with https://, got {parts.scheme or url!r:.80}")
    if "@" in parts.netloc or "\\" in url or "%" in parts.netloc:
        raise ConfigError("the address must name only a host and a port before its path")
    return parts


def _number(host: str) -> IpAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_here(host: str, number: IpAddress | None) -> bool:
    return host == _LOOPBACK_NAME if number is None else number.is_loopback


def _check_allowed(address: Address, allowed_hosts: Collection[str]) -> None:
    host = f"[{address.host}]" if ":" in address.host else address.host
    wanted = {f"{host}:{address.port}"}
    if address.port == _PORTS[address.scheme]:
        wanted |= {host, address.host}
    if not wanted & {name.strip().lower() for name in allowed_hosts}:
        allowed = ", ".join(sorted(allowed_hosts)) or "none"
        raise ConfigError(
            f"{host}:{address.port} is not among the hosts that are allowed: {allowed}"
        )


__all__ = ["Address", "check_address", "check_destination"]
