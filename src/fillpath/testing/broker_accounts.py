"""What a broker promises about its cash and positions."""

# A suite of tests: the names are the promises, and a literal is what is expected.
# ruff: noqa: D102, PLR2004

import re
from decimal import Decimal
from typing import Final

from fillpath.core.models import OrderSide, OrderStatus
from fillpath.testing.broker_bench import Bench, BrokerHooks, promised

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_ZERO: Final = Decimal(0)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


class AccountPromises(BrokerHooks):
    """Cash, positions, profit and equity."""

    @promised("checks_cash")
    async def test_too_little_cash_is_refused_with_the_numbers(self, bench: Bench) -> None:
        cash = await bench.cash()
        shares = int(cash / 100)

        returned = await bench.submit(bench.order(_BUY, shares))

        assert returned.status is OrderStatus.REJECTED
        numbers = [Decimal(text) for text in _NUMBER.findall(returned.metadata["reject_reason"])]
        assert cash in numbers
        assert any(shares * 150 <= number <= shares * 160 for number in numbers)
        assert await bench.cash() == cash

    @promised("live_portfolio")
    async def test_positions_and_cash_follow_the_fills_exactly(self, bench: Bench) -> None:
        cash, held = await bench.cash(), await bench.held()
        await bench.submit(bench.order(_BUY, 10))
        await bench.move("150.99", "151.03")

        await bench.submit(bench.order(_SELL, 3))

        for fill in bench.fills():
            held += fill.side.sign * fill.quantity
            cash -= fill.side.sign * fill.quantity * fill.price + fill.commission
        assert await bench.held() == held == 7
        assert await bench.cash() == cash

    @promised("live_portfolio", "plain_costs")
    async def test_profit_is_taken_at_average_cost(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))
        await bench.move("151.99", "152.01")
        await bench.submit(bench.order(_BUY, 10))
        bought = sum((fill.quantity * fill.price for fill in bench.fills()), _ZERO)

        await bench.submit(bench.order(_SELL, 5))

        position = await bench.position()
        average = bought / 20
        assert position is not None
        assert position.average_price == average
        assert position.realized_pnl == (bench.fills()[-1].price - average) * 5

    @promised("live_portfolio")
    async def test_what_is_sold_out_is_not_held_any_more(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))

        await bench.submit(bench.order(_SELL, 10))

        assert await bench.position() is None

    @promised("live_portfolio")
    async def test_equity_is_cash_and_what_is_held(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 10))
        await bench.move("159.98", "160.02")

        portfolio = await bench.broker.get_portfolio()

        values = [position.market_value or _ZERO for position in portfolio.positions]
        assert portfolio.total_equity == portfolio.cash + sum(values, _ZERO)
        assert 10 * Decimal(160) in values
        assert list(portfolio.positions) == await bench.broker.get_positions()

    @promised("live_portfolio", "shorts")
    async def test_selling_more_than_is_held_is_short(self, bench: Bench) -> None:
        await bench.submit(bench.order(_BUY, 4))

        await bench.submit(bench.order(_SELL, 10))

        position = await bench.position()
        assert position is not None
        assert position.quantity == -6
        if bench.broker.capabilities.plain_costs:
            assert position.average_price == bench.fills()[-1].price

    @promised("not shorts")
    async def test_selling_more_than_is_held_is_refused(self, bench: Bench) -> None:
        held = await bench.held()

        returned = await bench.submit(bench.order(_SELL, held + 10))

        assert returned.status is OrderStatus.REJECTED
        assert await bench.held() == held

    @promised("not live_portfolio")
    async def test_a_static_portfolio_does_not_move(self, bench: Bench) -> None:
        before = await bench.broker.get_portfolio()

        await bench.submit(bench.order(_BUY, 10))

        after = await bench.broker.get_portfolio()
        assert (after.cash, after.positions) == (before.cash, before.positions)
        assert after.total_equity == before.total_equity
