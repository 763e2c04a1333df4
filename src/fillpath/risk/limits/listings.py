"""Who may trade what, and what the symbols are: lists that the limits carry with them.

Each list keeps its rows as plain text in one order, so that a journal can hold it and equal lists
have equal hashes; what the checks ask is worked out once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from fillpath.core.checking import check_name, check_symbol
from fillpath.core.errors import ModelError
from fillpath.core.terms import OrderSide, OrderType
from fillpath.core.units import money_units, positive
from fillpath.risk.limits.limit import derived

ALL: Final = "*"
Row = tuple[str, ...]
Word = TypeVar("Word", bound=StrEnum)


class TradingSession(StrEnum):
    """A part of the trading day."""

    REGULAR = "regular"
    EXTENDED = "extended"


class InstrumentClass(StrEnum):
    """How easily a symbol trades."""

    LIQUID = "liquid"
    OTHER = "other"


class Permission(NamedTuple):
    """What one strategy may trade; None allows all.

    Args:
        symbols: that it may enter.
        sides: of its entries.
        order_types: of its entries.
        sessions: in which it may enter.
        max_notional: the most one parent may be worth, in units of 1e-14.
        short_symbols: that it may sell short.
    """

    symbols: frozenset[str] | None
    sides: frozenset[OrderSide] | None
    order_types: frozenset[OrderType] | None
    sessions: frozenset[TradingSession] | None
    max_notional: int | None
    short_symbols: frozenset[str] | None


class Instrument(NamedTuple):
    """What a symbol is at the broker.

    Args:
        con_id: contract number.
        kind: how easily it trades.
        currency: that it trades in.
        primary_exchange: where it is listed.
    """

    con_id: int
    kind: InstrumentClass
    currency: str
    primary_exchange: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What each strategy may trade; who is not listed may trade nothing.

    Args:
        everyone: there is no list, and every strategy may trade everything.
        rows: strategy, symbols, sides, order types, sessions, most notional, symbols that may be
            sold short; several words with commas between, ``*`` for all, no notional for any.

    Raises:
        ModelError: a row says what cannot be.
    """

    everyone: bool = True
    rows: tuple[Row, ...] = ()

    by_strategy: Mapping[str, Permission] = derived()

    def __post_init__(self) -> None:
        """Put the rows in order and work out what each strategy may do."""
        rows = _rows(self.rows, 7, "permissions")
        found = {check_name(row[0], "strategy"): _permission(row) for row in rows}
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "by_strategy", found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """The symbols that were reviewed; where there is a list, no other may be entered.

    Without a list every symbol is of the class ``other``.

    Args:
        rows: symbol, contract number, class, currency, primary exchange.

    Raises:
        ModelError: a row says what cannot be.
    """

    rows: tuple[Row, ...] = ()

    by_symbol: Mapping[str, Instrument] = derived()
    liquid: frozenset[str] = derived()

    def __post_init__(self) -> None:
        """Put the rows in order and look each symbol up."""
        rows = _rows(self.rows, 5, "instruments")
        found = {check_symbol(row[0]): _instrument(row) for row in rows}
        liquid = (name for name, known in found.items() if known.kind is InstrumentClass.LIQUID)
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "by_symbol", found)
        object.__setattr__(self, "liquid", frozenset(liquid))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sectors:
    """The sector of each symbol; those of no known sector count as one sector.

    Args:
        rows: symbol, sector.

    Raises:
        ModelError: a row says what cannot be.
    """

    rows: tuple[Row, ...] = ()

    by_symbol: Mapping[str, str] = derived()

    def __post_init__(self) -> None:
        """Put the rows in order and look each symbol up."""
        rows = _rows(self.rows, 2, "sectors")
        found = {check_symbol(symbol): sector for symbol, sector in rows}
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "by_symbol", found)


def _rows(rows: Iterable[Iterable[object]], width: int, name: str) -> tuple[Row, ...]:
    """Return the rows in one order, whichever way a journal or a file held them."""
    ordered = tuple(sorted(tuple(map(str, row)) for row in rows))
    for row in ordered:
        if len(row) != width or not row[0]:
            raise ModelError(f"{name} must have rows of {width} texts with a name, got {row}")
    names = [row[0] for row in ordered]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ModelError(f"{name} must name each of them once, got {twice} twice")
    return ordered


def _permission(row: Row) -> Permission:
    _, symbols, sides, order_types, sessions, notional, short = row
    return Permission(
        _symbols(symbols),
        _members(OrderSide, sides),
        _members(OrderType, order_types),
        _members(TradingSession, sessions),
        money_units(positive(notional, "max_notional")) if notional else None,
        _symbols(short),
    )


def _instrument(row: Row) -> Instrument:
    symbol, con_id, kind, currency, exchange = row
    if not (con_id.isascii() and con_id.isdecimal() and int(con_id)):
        raise ModelError(f"con_id of {symbol} must be a whole number above 0, got {con_id!r}")
    if not currency or not exchange:
        raise ModelError(f"{symbol} must have a currency and a primary_exchange")
    return Instrument(int(con_id), _member(InstrumentClass, kind), currency, exchange)


def _symbols(text: str) -> frozenset[str] | None:
    return None if text == ALL else frozenset(map(check_symbol, _words(text)))


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _members(kind: type[Word], text: str) -> frozenset[Word] | None:
    return None if text == ALL else frozenset(_member(kind, word) for word in _words(text))


def _member(kind: type[Word], word: str) -> Word:
    try:
        return kind(word)
    except ValueError:
        allowed = ", ".join(member.value for member in kind)
        raise ModelError(f"{word!r} must be one of {allowed}") from None
