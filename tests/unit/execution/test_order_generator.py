"""From a signal to an order: price sources, prices on the order, and what is written on it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import NoTrade, PriceUnavailable
from fillpath.core.models import (
    Order,
    OrderSide,
    OrderType,
    PortfolioSnapshot,
    Position,
    Quote,
    Signal,
    SignalDirection,
)
from fillpath.execution.order_generator import OrderGenerator, sizing_input
from fillpath.execution.policy import SizingPolicy

STATISTICS = {"win_rate": 0.55, "avg_win_pct": 2.0, "avg_loss_pct": 1.0}
AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


class FakeFeed:
    """A feed that knows one quote, and never waits for it."""

    def __init__(self, quote: Quote | None) -> None:
        self._quote = quote

    async def get_quote(self, symbol: str) -> Quote | None:
        return self.last_quote(symbol)

    async def get_adv(self, symbol: str) -> Decimal | None:
        del symbol
        return None

    def last_quote(self, symbol: str) -> Quote | None:
        return self._quote if self._quote is not None and self._quote.symbol == symbol else None


def a_quote(bid: str | None = "149.99", ask: str | None = "150.01") -> Quote:
    return Quote(
        symbol="AAPL",
        bid_price=None if bid is None else Decimal(bid),
        ask_price=None if ask is None else Decimal(ask),
    )


def a_signal(direction: str = "LONG", **changes: Any) -> Signal:
    metadata = STATISTICS | {"signal_price": 150} | changes.pop("metadata", {})
    given: dict[str, Any] = {
        "symbol": "AAPL",
        "strength": Decimal("0.75"),
        "strategy_name": "trend",
    } | changes
    return Signal(direction=SignalDirection(direction), metadata=metadata, **given)


def a_portfolio(*positions: Position, **changes: Any) -> PortfolioSnapshot:
    given: dict[str, Any] = {"total_equity": Decimal(100_000), "cash": Decimal(50_000)} | changes
    return PortfolioSnapshot(positions=positions, **given)


def a_position(quantity: int | str = 40, strategy_name: str = "trend", **changes: Any) -> Position:
    return Position(
        symbol="AAPL", quantity=Decimal(quantity), strategy_name=strategy_name, **changes
    )


def generated(
    signal: Signal,
    portfolio: PortfolioSnapshot | None = None,
    policy: SizingPolicy | None = None,
    quote: Quote | None = None,
) -> Order:
    feed = None if quote is None else FakeFeed(quote)
    return OrderGenerator(policy, feed).generate_order(signal, portfolio or a_portfolio())


class TestPrices:
    def test_a_long_buys_above_with_its_stop_two_percent_below(self) -> None:
        order = generated(a_signal())

        assert (order.side, int(order.quantity)) == (OrderSide.BUY, 33)
        assert order.order_type is OrderType.LIMIT
        assert order.limit_price == Decimal("150.07")
        assert order.stop_price == 147

    def test_a_short_sells_below_with_its_stop_two_percent_above(self) -> None:
        order = generated(a_signal("SHORT"))

        assert (order.side, int(order.quantity)) == (OrderSide.SELL, 33)
        assert order.limit_price == Decimal("149.93")
        assert order.stop_price == 153

    def test_the_limit_is_advice_that_the_router_may_replace(self) -> None:
        assert generated(a_signal()).limit_is_hard is False

    def test_a_market_order_has_no_limit_and_keeps_the_stop(self) -> None:
        order = generated(a_signal(), policy=SizingPolicy(default_order_type=OrderType.MARKET))

        assert order.order_type is OrderType.MARKET
        assert order.limit_price is None
        assert order.stop_price == 147

    @pytest.mark.parametrize("direction", ["FLAT", "SHORT"])
    def test_an_exit_has_no_stop(self, direction: str) -> None:
        order = generated(a_signal(direction), a_portfolio(a_position(40)))

        assert (order.side, int(order.quantity)) == (OrderSide.SELL, 40)
        assert order.limit_price == Decimal("149.93")
        assert order.stop_price is None


class TestReferencePrice:
    def test_the_quote_is_used_when_the_signal_names_no_price(self) -> None:
        signal = a_signal(metadata={"signal_price": None})

        order = generated(signal, quote=a_quote("199.99", "200.01"))

        assert order.metadata["signal_price"] == 200
        assert order.metadata["price_source"] == "quote"

    def test_the_signals_price_wins_over_a_quote_that_agrees(self) -> None:
        order = generated(a_signal(), quote=a_quote("150.99", "151.01"))

        assert order.metadata["signal_price"] == 150
        assert order.metadata["price_source"] == "signal"

    def test_a_price_far_from_the_quote_is_not_traded_on(self) -> None:
        with pytest.raises(NoTrade, match="SIGNAL_PRICE_OFF_MARKET"):
            generated(a_signal(), quote=a_quote("199.99", "200.01"))

    @pytest.mark.parametrize(
        "quote",
        [
            pytest.param(a_quote(bid=None), id="no bid"),
            pytest.param(a_quote(ask=None), id="no ask"),
            pytest.param(a_quote("201", "200"), id="crossed"),
        ],
    )
    def test_a_quote_that_is_no_market_is_not_asked(self, quote: Quote) -> None:
        assert generated(a_signal(), quote=quote).quantity == 33

    def test_a_locked_quote_is_a_market(self) -> None:
        signal = a_signal(metadata={"signal_price": None})

        assert generated(signal, quote=a_quote("200", "200")).metadata["signal_price"] == 200

    def test_the_mark_of_the_position_comes_last(self) -> None:
        positions = (
            a_position(1, "other"),
            Position(symbol="MSFT", quantity=Decimal(1), market_price=Decimal(400)),
            a_position(5, market_price=Decimal(151)),
        )

        order = generated(
            a_signal("FLAT", metadata={"signal_price": None}), a_portfolio(*positions)
        )

        assert order.metadata["signal_price"] == 151
        assert order.metadata["price_source"] == "mark"

    def test_without_any_price_there_is_no_order(self) -> None:
        with pytest.raises(PriceUnavailable) as caught:
            generated(a_signal(metadata={"signal_price": None}))

        assert caught.value.reason == "PRICE_UNAVAILABLE"

    def test_a_broken_signal_price_is_not_replaced_by_the_quote(self) -> None:
        with pytest.raises(NoTrade, match="INVALID_PRICE"):
            generated(a_signal(metadata={"signal_price": float("nan")}), quote=a_quote())


class TestRefusals:
    def test_a_refused_size_raises_its_reason_and_its_numbers(self) -> None:
        with pytest.raises(NoTrade) as caught:
            generated(a_signal(metadata={"win_rate": None}))

        assert caught.value.code == "MISSING_STATISTICS"
        assert caught.value.text == "metadata lacks win_rate"


class TestAttribution:
    @pytest.mark.parametrize(
        ("positions", "shares"),
        [
            pytest.param((a_position(40), a_position(25, "other")), 40, id="its own"),
            pytest.param((a_position(40), a_position(25, "")), 65, id="and what nobody claims"),
            pytest.param((a_position(25, ""),), 25, id="or only that"),
        ],
    )
    def test_a_strategy_closes_its_own_positions_and_the_unclaimed(
        self, positions: tuple[Position, ...], shares: int
    ) -> None:
        assert generated(a_signal("FLAT"), a_portfolio(*positions)).quantity == shares

    def test_a_nameless_signal_closes_only_the_unclaimed(self) -> None:
        portfolio = a_portfolio(a_position(40), a_position(25, ""))

        assert generated(a_signal("FLAT", strategy_name=""), portfolio).quantity == 25

    def test_another_strategys_position_is_not_closed(self) -> None:
        with pytest.raises(NoTrade, match="NOTHING_TO_CLOSE"):
            generated(a_signal("FLAT"), a_portfolio(a_position(25, "other")))


class TestSizingInput:
    @pytest.mark.parametrize(
        ("working", "buying", "selling"), [("7.5", 7_500_000, 0), ("-7.5", 0, 7_500_000)]
    )
    def test_working_shares_are_split_by_side(
        self, working: str, buying: int, selling: int
    ) -> None:
        portfolio = a_portfolio(working={"AAPL": Decimal(working)})

        wanted = sizing_input(a_signal(), portfolio, 1)

        assert (wanted.working_buy, wanted.working_sell) == (buying, selling)

    def test_what_is_finer_than_the_units_is_cut_towards_zero(self) -> None:
        portfolio = a_portfolio(
            a_position("-0.0000019"),
            cash=Decimal("1.000000000000019"),
            reserved_cash=Decimal("0.1"),
        )

        wanted = sizing_input(a_signal(), portfolio, 1)

        assert wanted.cash == 10**14 + 1
        assert wanted.held == -1
        assert wanted.reserved == 10**13


class TestWhatIsWrittenOnTheOrder:
    def test_every_decided_field_is_there(self) -> None:
        order = generated(a_signal(signal_id="s-7", timestamp=AT))

        assert order.metadata == {
            "signal_id": "s-7",
            "signal_strength": Decimal("0.75"),
            "strategy_name": "trend",
            "signal_timestamp": AT,
            "signal_price": 150,
            "price_source": "signal",
            "kelly_fraction": Decimal("0.325"),
            "sizing": {
                "bound": "POSITION_CAP",
                "limits": {
                    "KELLY": Decimal("54.166666"),
                    "POSITION_CAP": Decimal("33.333333"),
                    "CASH": Decimal("266.666666"),
                },
            },
            "closes": False,
            "flags": ("SAMPLE_SIZE_UNKNOWN",),
        }
        assert order.strategy_name == "trend"

    def test_an_exit_has_no_kelly_fraction(self) -> None:
        order = generated(a_signal("FLAT"), a_portfolio(a_position(40)))

        assert order.metadata["kelly_fraction"] is None
        assert order.metadata["closes"] is True

    def test_the_order_is_named_after_its_signal(self) -> None:
        assert generated(a_signal(signal_id="s-7")).order_id == "trend/s-7"

    def test_the_same_signal_gives_the_same_order(self) -> None:
        signal = a_signal(signal_id="s-7", timestamp=AT)

        assert generated(signal) == generated(signal)

    def test_a_signal_without_an_id_still_gets_an_order_of_its_own(self) -> None:
        assert generated(a_signal()).order_id != generated(a_signal()).order_id
