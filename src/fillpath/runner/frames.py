"""What a strategy's process is told and answers: one line of JSON each, over its own pipes."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct

from fillpath.core.errors import ModelError
from fillpath.core.models import ZERO, Bar, Quote, Signal
from fillpath.strategy.declared import Needs
from fillpath.strategy.measured import Record

LONGEST_LINE: Final = 1 << 20
"""Bytes of one line at most."""


class Known(Struct, frozen=True, kw_only=True):
    """What a strategy may know of its account at a moment.

    Args:
        now: the moment.
        cash: of the account; None where nobody tells.
        equity: of the account; None where nobody tells.
        positions: shares that the strategy holds, by symbol.
        working: shares that its orders may still trade, by symbol.
    """

    now: datetime
    cash: Decimal | None = None
    equity: Decimal | None = None
    positions: dict[str, Decimal] = {}
    working: dict[str, Decimal] = {}

    def position(self, symbol: str) -> Decimal:
        """Return the shares that it holds, negative when short."""
        return self.positions.get(symbol, ZERO)

    def at_work(self, symbol: str) -> Decimal:
        """Return the shares that its orders may still buy, negative to be sold."""
        return self.working.get(symbol, ZERO)


class Begin(Struct, frozen=True, tag="begin"):
    """Make the strategy."""

    reference: str
    parameters: dict[str, Any]


class ShowBar(Struct, frozen=True, tag="bar"):
    """A bar has ended."""

    bar: Bar
    known: Known


class ShowQuote(Struct, frozen=True, tag="quote"):
    """A quote has come."""

    quote: Quote
    known: Known


class ShowRecord(Struct, frozen=True, tag="record"):
    """One of its trades was closed."""

    record: Record


Asked = Begin | ShowBar | ShowQuote | ShowRecord


class Ready(Struct, frozen=True, tag="ready", kw_only=True):
    """The strategy is made.

    Args:
        name: its name.
        needs: the data that it reads.
        bars: whether it answers bars.
        quotes: whether it answers quotes.
        records: whether it wants to know what it earned.
    """

    name: str
    needs: Needs
    bars: bool
    quotes: bool
    records: bool


class Said(Struct, frozen=True, tag="said"):
    """What it answers; nothing is an empty answer."""

    signals: list[Signal]


class Broke(Struct, frozen=True, tag="broke"):
    """It raised; ``wrong_input`` where it could not even be made."""

    text: str
    wrong_input: bool = False


Answered = Ready | Said | Broke
_encode: Final = msgspec.json.Encoder().encode
_asked: Final = msgspec.json.Decoder(Asked)
_answered: Final = msgspec.json.Decoder(Answered)


def line_of(frame: Asked | Answered) -> bytes:
    """Return a frame as a line.

    Raises:
        ModelError: it holds what cannot be told, or is too long.
    """
    try:
        line = _encode(frame) + b"\n"
    except (TypeError, ValueError) as error:
        raise ModelError(f"what a strategy says must be plain values: {error}") from None
    if len(line) > LONGEST_LINE:
        raise ModelError(f"what a strategy says must be {LONGEST_LINE:,} bytes at most")
    return line


def read_asked(line: bytes) -> Asked:
    """Return what is asked."""
    asked: Asked = _asked.decode(line)
    return asked


def read_answered(line: bytes) -> Answered:
    """Return what was answered.

    Raises:
        ModelError: it is no answer.
    """
    try:
        answered: Answered = _answered.decode(line)
    except (msgspec.DecodeError, ModelError) as error:
        raise ModelError(f"its process answered what is no answer: {error}") from None
    return answered


__all__ = [
    "LONGEST_LINE",
    "Answered",
    "Asked",
    "Begin",
    "Broke",
    "Known",
    "Ready",
    "Said",
    "ShowBar",
    "ShowQuote",
    "ShowRecord",
    "line_of",
    "read_answered",
    "read_asked",
]
