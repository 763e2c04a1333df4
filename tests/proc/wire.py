"""What the venue and its broker say to each other: one JSON object on a line, either way."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from fillpath.core.events import BrokerEvent
from fillpath.core.models import Order, Quote

LIMIT = 64 << 20
NOTHING = Raw(b"null")


class Call(Struct, omit_defaults=True):
    """A request to the venue.

    Args:
        number: by which the answer is known.
        act: what to do.
        order: the order to submit.
        name: the venue's name of an order, or of a point.
        since: events after this number; below 0 only those to come.
        knobs: how the venue is to misbehave from now on.
    """

    number: int
    act: str
    order: Order | None = None
    name: str = ""
    since: int = -1
    knobs: dict[str, float] = {}


class Said(Struct, omit_defaults=True):
    """A line from the venue: an answer, an event, a quote, or news for whoever directs it.

    Args:
        number: of the call that this answers.
        result: the answer.
        refused: code and text of a refusal.
        sequence: of the event.
        event: what the broker says.
        quote: what the market says.
        volume: average daily volume of the symbol, with the first quote.
        reached: the point at which the venue waits to be told to go on.
    """

    number: int = 0
    result: Raw = NOTHING
    refused: tuple[str, str] | None = None
    sequence: int = 0
    event: BrokerEvent | None = None
    quote: Quote | None = None
    volume: int = 0
    reached: str = ""


_encode = msgspec.json.Encoder().encode
read_call = msgspec.json.Decoder(Call).decode
read_said = msgspec.json.Decoder(Said).decode


def line_of(message: Call | Said) -> bytes:
    """Return a message as a line."""
    return _encode(message) + b"\n"


def raw(value: Any) -> Raw:
    """Return a result as it travels."""
    return Raw(_encode(value))
