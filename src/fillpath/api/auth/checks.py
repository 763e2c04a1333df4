"""What a request must look like before anybody asks who sent it. No I/O, no clock.

A page of another site that the operator has open can make the browser send requests here, with the
cookie. It cannot read answers, cannot name itself as this site, and cannot add a header of its own.
"""

import re
from collections.abc import Collection, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from msgspec import Struct

from fillpath.api.errors import Problem

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
OWN_HEADER: Final = "x-fillpath"
BODY_BYTES: Final = 64 * 1_024
DEPTH: Final = 20
_JSON: Final = re.compile(r"application/json(?:\s*;\s*charset=utf-8)?", re.IGNORECASE)
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")
_QUOTE, _ESCAPE = ord('"'), ord("\\")

Headers = Mapping[str, str]
Networks = Collection[IPv4Network | IPv6Network]


class Caller(Struct, frozen=True):
    """Where a request comes from.

    Args:
        address: of the machine that asks.
        scheme: ``https``, or ``http`` on this machine.
    """

    address: str
    scheme: str


def host_problem(hosts: list[str], path: str, allowed: Collection[str]) -> Problem | None:
    """Return why a request is not for us, whatever name the browser was made to look up.

    Args:
        hosts: every ``Host`` header.
        path: as it was asked for.
        allowed: names that we answer under, with their port, in small letters.
    """
    if not path.startswith("/") or len(hosts) != 1 or hosts[0].lower() not in allowed:
        return Problem(421, "misdirected", "nothing is served under this name")
    return None


def caller_of(peer: str, scheme: str, headers: Headers, trusted: Networks) -> Caller:
    """Return where a request comes from; forwarded headers count only from a trusted proxy.

    Args:
        peer: address of the other end of the connection.
        scheme: of the connection.
        headers: of the request.
        trusted: networks of our proxies.
    """
    if not _within(peer, trusted):
        return Caller(peer, scheme)
    forwarded = headers.get("x-forwarded-for", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    said = headers.get("x-forwarded-proto", scheme)
    scheme = said if said in {"http", "https"} else scheme
    for hop in reversed(hops):
        if not _is_address(hop):
            break
        if not _within(hop, trusted):
            return Caller(hop, scheme)
    return Caller(peer, scheme)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _within(address: str, networks: Networks) -> bool:
    if not networks or not _is_address(address):
        return False
    number = ip_address(address)
    return any(number in network for network in networks)


def forgery_problem(
    method: str, headers: Headers, own: Collection[str], *, by_cookie: bool
) -> Problem | None:
    """Return why a request that changes something may have been made by another site's page.

    Args:
        method: of the request.
        headers: in small letters.
        own: sites whose pages may ask, such as ``http://127.0.0.1:8788``.
        by_cookie: whether the browser alone said who asks.
    """
    if method in SAFE:
        return None
    why = _foreign(headers.get("origin"), headers.get("sec-fetch-site"), own, by_cookie=by_cookie)
    if why is None and headers.get(OWN_HEADER) != "1":
        why = "the request must carry the header X-Fillpath: 1"
    if why is not None:
        return Problem(403, "forged", why)
    if not _JSON.fullmatch(headers.get("content-type", "")) and not _is_empty(method, headers):
        return Problem(415, "unsupported_media_type", "the body must be application/json")
    return None


def _foreign(
    origin: str | None, fetched: str | None, own: Collection[str], *, by_cookie: bool
) -> str | None:
    """Return why the page that a request comes from is not one of ours, or nobody can tell."""
    if origin is not None and origin not in own:
        return "the request comes from a page of another site"
    if fetched not in {None, "same-origin"} and (origin is None or fetched == "none"):
        return "the request comes from a page of another site"
    if by_cookie and origin is None and fetched is None:
        return "the request does not say which page it comes from"
    return None


def _is_empty(method: str, headers: Headers) -> bool:
    """Return whether a deletion says that it has no body, which then needs no type."""
    nothing = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    return method == "DELETE" and nothing and "content-type" not in headers


def cross_origin(headers: Headers, allowed: Collection[str]) -> dict[str, str]:
    """Return what lets a page of an allowed site read the answer; nothing for every other."""
    origin = headers.get("origin", "")
    if origin not in allowed:
        return {}
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-request-id, retry-after",
    }


def depth_problem(body: bytes) -> Problem | None:
    """Return why a body of JSON is refused before it is read: it is nested too deeply."""
    depth, inside, skip = 0, False, False
    for sign in body:
        if skip:
            skip = False
        elif inside:
            skip = sign == _ESCAPE
            inside = sign != _QUOTE
        elif sign == _QUOTE:
            inside = True
        elif sign in _OPENING:
            depth += 1
            if depth > DEPTH:
                return Problem(400, "bad_request", f"the body is nested deeper than {DEPTH}")
        elif sign in _CLOSING:
            depth -= 1
    return None
