"""What can go wrong between a client and the gateway, each a small thing with a name.

A fault is data: hand any number of them to ``Gateway.misbehave``. Each watches one kind of message,
by the vendor's name of it: requests such as ``placeOrder``, or answers such as ``execDetails``.
"""

from msgspec import Struct, field


class _Watch(Struct, frozen=True):
    """Which messages are watched; ``*`` watches all.

    Args:
        kind: the vendor's name.
    """

    kind: str


class Fault(_Watch, frozen=True, kw_only=True):
    """When it happens.

    Args:
        skip: how many messages of the kind pass unharmed first.
        times: how often it happens then; 0 for ever.
        client: only to this client.
        about: only to messages that carry this order or request id.
        ref: only to ``placeOrder`` with this reference.
        code: only to ``error`` with this number.
    """

    skip: int = 0
    times: int = 1
    client: int | None = None
    about: int | None = None
    ref: str = ""
    code: int = 0


class CutBefore(Fault, frozen=True):
    """Read the request, do nothing of it, break the socket."""


class CutAfter(Fault, frozen=True):
    """Do what is asked, say nothing, break the socket."""


class Ignore(Fault, frozen=True):
    """Neither do what is asked nor answer."""


class Mute(Fault, frozen=True):
    """Do what is asked and say nothing about it, ever."""


class Empty(Fault, frozen=True):
    """Answer at once that there is nothing: only the end of the answer is said."""


class Postpone(Fault, frozen=True, kw_only=True):
    """Do what is asked later."""

    seconds: float


class GoDeaf(Fault, frozen=True):
    """Read no more of this socket and say no more, without closing it."""


class Double(Fault, frozen=True):
    """Make two orders of one ``placeOrder``, that differ in their account-wide number alone."""


class Refuse(Fault, frozen=True, kw_only=True):
    """Say an error about the request.

    Args:
        number: of the error.
        text: of the error.
        taken: whether what is asked is done, before the error is said.
        leaves: the state that a refused order is left in, such as ``Inactive``; empty for none.
    """

    number: int
    text: str = ""
    taken: bool = False
    leaves: str = ""


class Lose(Fault, frozen=True):
    """Say nothing instead of this message."""


class Repeat(Fault, frozen=True, kw_only=True):
    """Say the message again and again."""

    more: int = 1


class Delay(Fault, frozen=True, kw_only=True):
    """Say the message later, behind whatever is said until then."""

    seconds: float


class Behind(Fault, frozen=True, kw_only=True):
    """Say the message after so many others."""

    count: int = 1


class Hold(Fault, frozen=True):
    """Keep the message until ``Gateway.release``."""


class Rewrite(Fault, frozen=True, kw_only=True):
    """Say the message with other texts, by the place of the field."""

    fields: dict[int, str] = field(default_factory=dict)


class Garbage(Fault, frozen=True, kw_only=True):
    """Write these bytes before the message."""

    data: bytes


class Crumbs(Fault, frozen=True):
    """Write the message byte by byte."""


class Merge(Fault, frozen=True, kw_only=True):
    """Write the message and those behind it in one go."""

    count: int = 5


class CutInside(Fault, frozen=True):
    """Write the first half of the message, then close the socket."""


REQUEST_FAULTS = (CutBefore, CutAfter, Ignore, Mute, Empty, Postpone, GoDeaf, Double, Refuse)

__all__ = [
    "REQUEST_FAULTS",
    "Behind",
    "Crumbs",
    "CutAfter",
    "CutBefore",
    "CutInside",
    "Delay",
    "Double",
    "Empty",
    "Fault",
    "Garbage",
    "GoDeaf",
    "Hold",
    "Ignore",
    "Lose",
    "Merge",
    "Mute",
    "Postpone",
    "Refuse",
    "Repeat",
    "Rewrite",
]
