"""Signals, quotes, bars, positions and portfolios: every field is taken exactly, or refused by name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.models import (
    ZERO,
    Bar,
    PortfolioSnapshot,
    Position,
    Quote,
    Signal,
    SignalDirection,
)
from fillpath.testing.builders import START, a_portfolio, a_position, a_quote, a_signal

LATER = START + timedelta(minutes=1)
SYMBOLS = ["", "aapl", "A B", "A/B", "A" * 22, None, 7, "AAPL\n"]


def a_bar(**changes: Any) -> Bar:
    """Return a minute of AAPL."""
    fields: dict[str, Any] = {
        "symbol": "AAPL",
        "ts": START,
        "ts_end": LATER,
        "open": 150,
        "high": 152,
        "low": 149,
        "close": 151,
        "volume": 1_000,
    }
    return Bar(**(fields | changes))


BUILDERS = [
    pytest.param(a_signal, id="Signal"),
    pytest.param(a_quote, id="Quote"),
    pytest.param(a_bar, id="Bar"),
    pytest.param(a_position, id="Position"),
]


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("symbol", SYMBOLS, ids=repr)
def test_a_malformed_symbol_is_refused(build: Callable[..., Any], symbol: object) -> None:
    with pytest.raises(ModelError, match="symbol must be 1 to 21 characters of A-Z 0-9"):
        build(symbol=symbol)


@pytest.mark.parametrize("symbol", ["A", "BRK.B", "BF-B", "X" * 21, "3M"])
def test_a_well_formed_symbol_is_kept(symbol: str) -> None:
    assert a_quote(symbol=symbol).symbol == symbol


@pytest.mark.parametrize("build", BUILDERS)
def test_models_are_frozen(build: Callable[..., Any]) -> None:
    with pytest.raises(AttributeError):
        build().symbol = "MSFT"


# Signal.


def test_a_signal_needs_three_fields_only() -> None:
    signal = Signal(symbol="AAPL", direction=SignalDirection.LONG, strength=Decimal("0.5"))

    assert (signal.metadata, signal.strategy_name) == ({}, "")
    assert (signal.signal_id, signal.timestamp) == (None, None)


def test_words_and_numbers_of_a_signal_are_converted() -> None:
    signal = a_signal(direction="SHORT", strength=0.1)

    assert signal.direction is SignalDirection.SHORT
    assert signal.strength == Decimal("0.1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"direction": "UP"}, "direction must be one of LONG, SHORT, FLAT, got 'UP'"),
        ({"strength": 1.01}, "strength must be from 0 to 1, got 1.01"),
        ({"strength": -0.01}, "strength must be from 0 to 1, got -0.01"),
        ({"strength": "strong"}, "strength must be a number, got 'strong'"),
        ({"strength": float("nan")}, "strength must be finite, got nan"),
        ({"strength": Decimal("NaN")}, "strength must be finite"),
        ({"strength": None}, "strength must be a number, got None"),
        ({"timestamp": START.replace(tzinfo=None)}, "timestamp must carry a time zone"),
        ({"timestamp": "now"}, "timestamp must be an aware datetime, got 'now'"),
    ],
)
def test_a_signal_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        a_signal(**changes)


def test_metadata_must_be_a_mapping() -> None:
    with pytest.raises(ModelError, match="metadata must be a mapping, got 5"):
        Signal(symbol="AAPL", direction=SignalDirection.LONG, strength=Decimal(1), metadata=5)  # type: ignore[arg-type]


def test_any_mapping_may_be_metadata() -> None:
    frozen = MappingProxyType({"quantity": 5})

    signal = Signal(
        symbol="AAPL",
        direction=SignalDirection.LONG,
        strength=Decimal(1),
        metadata=frozen,  # type: ignore[arg-type]
    )

    assert signal.metadata["quantity"] == 5


@pytest.mark.parametrize("strength", [0, 1, "0.5", 0.9])
def test_the_ends_of_strength_are_allowed(strength: Any) -> None:
    assert a_signal(strength=strength).strength == Decimal(str(strength))


def test_a_time_elsewhere_is_turned_into_utc() -> None:
    zone = timezone(timedelta(hours=-5))

    signal = a_signal(timestamp=START.astimezone(zone))

    assert signal.timestamp == START
    assert signal.timestamp is not None
    assert signal.timestamp.tzinfo is UTC


@pytest.mark.parametrize(
    "changes", [{"signal_id": 7}, {"strategy_name": 7}, {"strategy_name": None}], ids=str
)
def test_names_must_be_text(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        a_signal(**changes)


def test_a_signal_id_must_not_be_empty() -> None:
    with pytest.raises(ModelError):
        a_signal(signal_id="")


def test_a_signal_keeps_what_it_was_built_with() -> None:
    metadata: dict[str, Any] = {"quantity": 5}
    signal = Signal(
        symbol="AAPL", direction=SignalDirection.LONG, strength=Decimal(1), metadata=metadata
    )

    metadata["quantity"] = 500

    assert signal.metadata == {"quantity": 5}


# Quote.


def test_a_quote_takes_every_kind_of_number() -> None:
    quote = a_quote(150, 150.02, bid_size="100", ask_size=Decimal(7), volume=5)

    assert (quote.bid_price, quote.ask_price) == (Decimal(150), Decimal("150.02"))
    assert [quote.bid_size, quote.ask_size, quote.volume] == [100, 7, 5]


@pytest.mark.parametrize(
    ("bid", "ask", "mid"),
    [
        ("149.99", "150.01", Decimal(150)),
        ("150", "150.01", Decimal("150.005")),
        (None, "150.01", None),
        ("149.99", None, None),
        (None, None, None),
    ],
)
def test_the_mid_needs_both_sides(bid: str | None, ask: str | None, mid: Decimal | None) -> None:
    assert a_quote(bid, ask).mid_price == mid


@pytest.mark.parametrize("name", ["bid_price", "ask_price"])
@pytest.mark.parametrize("price", [0, -1, "NaN", float("inf"), True])
def test_a_price_that_is_none_is_refused_by_name(name: str, price: object) -> None:
    fields: dict[str, Any] = {"bid_price": 149, "ask_price": 150, name: price}

    with pytest.raises(ModelError, match=f"^{name} must be"):
        Quote("AAPL", **fields)


@pytest.mark.parametrize("name", ["bid_size", "ask_size", "volume"])
def test_a_size_below_zero_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match=f"{name} must be 0 or more, got -1"):
        a_quote(**{name: -1})


def test_a_quote_without_a_time_is_of_unknown_age() -> None:
    assert a_quote(ts=None).ts is None


def test_a_crossed_quote_is_a_quote() -> None:
    """The market does that; judging it is the router's work."""
    assert a_quote("150.01", "149.99").mid_price == Decimal(150)


# Bar.


def test_a_bar_takes_every_kind_of_number() -> None:
    bar = a_bar(open="150", high=152.0, low=149, close=Decimal(151))

    assert [bar.open, bar.high, bar.low, bar.close, bar.volume] == [150, 152, 149, 151, 1_000]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ts_end": START}, "ts_end must be after ts"),
        ({"high": 150}, "low <= open, close <= high must hold"),
        ({"low": 151}, "low <= open, close <= high must hold"),
        ({"low": 153, "high": 140}, "low <= open, close <= high must hold"),
        ({"open": 0}, "open must be above 0, got 0"),
        ({"close": None}, "close must be a number, got None"),
        ({"volume": -1}, "volume must be 0 or more, got -1"),
        ({"ts": None}, "ts must be an aware datetime, got None"),
    ],
)
def test_a_bar_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        a_bar(**changes)


def test_a_bar_may_stand_still() -> None:
    bar = a_bar(open=150, high=150, low=150, close=150)

    assert bar.high == bar.low


# Position.


@pytest.mark.parametrize(
    ("quantity", "average", "mark", "value", "profit"),
    [
        pytest.param(100, 150, 151, 15_100, 100, id="a long"),
        pytest.param(-100, 150, 151, -15_100, -100, id="a short"),
        pytest.param(100, 150, None, 15_000, 0, id="without a mark, at cost"),
        pytest.param(100, None, 151, 15_100, 0, id="without a cost, at the mark"),
        pytest.param(100, None, None, None, 0, id="without both, unknown"),
    ],
)
def test_a_position_is_worth_its_mark(
    quantity: int, average: int | None, mark: int | None, value: int | None, profit: int
) -> None:
    position = a_position(quantity, average_price=average, market_price=mark)

    assert [position.market_value, position.unrealized_pnl] == [value, profit]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"quantity": "NaN"}, "quantity must be finite"),
        ({"quantity": None}, "quantity must be a number, got None"),
        ({"average_price": 0}, "average_price must be above 0, got 0"),
        ({"market_price": -1}, "market_price must be above 0, got -1"),
        ({"realized_pnl": "much"}, "realized_pnl must be a number, got 'much'"),
        ({"stop_price": 0}, "stop_price must be above 0, got 0"),
    ],
)
def test_a_position_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        a_position(**changes)


def test_a_position_needs_a_symbol_and_a_quantity_only() -> None:
    position = Position(symbol="AAPL", quantity=Decimal(5))

    assert (position.average_price, position.market_price) == (None, None)
    assert (position.strategy_name, position.realized_pnl) == ("", ZERO)
    assert position.stop_price is None


def test_a_position_may_carry_its_protective_stop() -> None:
    assert a_position(stop_price="147.01").stop_price == Decimal("147.01")


# PortfolioSnapshot.


def test_a_portfolio_is_converted_whole() -> None:
    portfolio = a_portfolio(
        "50000.5", 100_000.25, positions=[a_position()], working={"AAPL": "-5"}, reserved_cash=7
    )

    assert (portfolio.cash, portfolio.total_equity) == (Decimal("50000.5"), Decimal("100000.25"))
    assert portfolio.positions == (a_position(),)
    assert (portfolio.working, portfolio.reserved_cash) == ({"AAPL": Decimal(-5)}, Decimal(7))


def test_money_may_be_negative() -> None:
    portfolio = a_portfolio(-5, -10, realized_pnl=-7)

    assert [portfolio.cash, portfolio.total_equity, portfolio.realized_pnl] == [-5, -10, -7]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cash": "NaN"}, "cash must be finite"),
        ({"equity": None}, "total_equity must be a number, got None"),
        ({"reserved_cash": -1}, "reserved_cash must be 0 or more, got -1"),
        ({"working": {"aapl": 1}}, "symbol must be 1 to 21 characters"),
        ({"working": {"AAPL": "NaN"}}, r"working\[AAPL\] must be finite"),
        ({"timestamp": datetime(2026, 3, 2)}, "timestamp must carry a time zone"),  # noqa: DTZ001
    ],
)
def test_a_portfolio_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        a_portfolio(**changes)


def test_a_portfolio_needs_equity_and_cash_only() -> None:
    portfolio = PortfolioSnapshot(total_equity=Decimal(100_000), cash=Decimal(50_000))

    assert (portfolio.positions, portfolio.working) == ((), {})
    assert (portfolio.reserved_cash, portfolio.account, portfolio.timestamp) == (ZERO, "", None)


@pytest.mark.parametrize(
    ("strategy", "held"),
    [
        pytest.param(None, 150, id="the account"),
        pytest.param("trend", 100, id="a strategy"),
        pytest.param("", 50, id="what nobody claims"),
        pytest.param("other", 0, id="a strategy that holds nothing"),
    ],
)
def test_what_is_held_is_counted_by_whoever_asks(strategy: str | None, held: int) -> None:
    portfolio = a_portfolio(
        positions=[
            a_position(100, strategy_name="trend"),
            a_position(50),
            a_position(7, symbol="MSFT"),
        ]
    )

    assert portfolio.held("AAPL", strategy) == held
