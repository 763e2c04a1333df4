"""Cash and positions that equity is made of are of one moment, whatever waited in the inbox."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from fillpath.core.commands import WatchLevel
from fillpath.core.events import (
    AccountOpened,
    ApprovalGiven,
    Event,
    LevelReached,
    MarketView,
    OrderFilled,
    QuoteSeen,
    TimerFired,
)
from fillpath.core.models import OrderSide
from fillpath.core.units import money_decimal
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.recovery import recover
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits, Sectors
from fillpath.testing.builders import START_NS, SYMBOL, a_quote, a_signal
from tests.unit.execution.desk.scene import a_holding, money, price, shares
from tests.unit.execution.engine_room import Room

CASH: Final = 10_000_000
ORDER: Final = "trend/sig-1"
SOLD: Final = "somebody/1"
Act = Callable[[Room], None]


def filled(order_id: str = f"{ORDER}#1", signed: int = 200) -> OrderFilled:
    """Return an execution, of shares that are negative for a sale."""
    name, paid = f"x:{order_id}", price("150.01")
    side = OrderSide.BUY if signed > 0 else OrderSide.SELL
    return OrderFilled(START_NS, order_id, name, SYMBOL, side, shares(abs(signed)), paid, START_NS)


def seen(room: Room) -> list[tuple[Event, float]]:
    """Return every journaled fact with a market, and the equity that a desk makes of it there."""
    desk = Desk(room.desk.policy)
    found: list[tuple[Event, float]] = []
    for record in room.written:
        market = getattr(record, "market", None)
        if isinstance(market, MarketView):
            worth = desk.state.book.cash + market.long_value - market.short_value
            found.append((record, float(money_decimal(worth))))  # type: ignore[arg-type]  # a fact
        if not hasattr(record, "approval"):
            desk.step(record)  # type: ignore[arg-type]  # what is no intent is a fact
    return found


def timers(room: Room) -> None:
    room.tick(60)
    room.broker.says(filled())
    room.engine.fire_timers()


def quotes(room: Room) -> None:
    room.broker.says(filled())
    room.engine.quote_came(SYMBOL)


def levels(room: Room) -> None:
    room.broker.says(filled())
    room.engine.levels.set(WatchLevel("trend/AAPL", SYMBOL, OrderSide.SELL, price(150), None))
    room.engine.market_moved(SYMBOL)


async def slicing(policy: DeskPolicy | None = None) -> Room:
    """Return a room in which the first of five slices works."""
    room = await Room(policy=policy).opened()
    room.feed.set_adv(SYMBOL, 50_000)
    await room.tell(a_signal(metadata={"quantity": 1_000}))
    return room


@pytest.mark.parametrize(
    ("act", "kind"), [(timers, TimerFired), (quotes, QuoteSeen), (levels, LevelReached)]
)
async def test_a_fill_that_waits_is_no_loss_to_what_comes_behind_it(
    act: Act, kind: type[Event]
) -> None:
    room = await slicing()
    act(room)

    await room.engine.settle()

    worth = [equity for fact, equity in seen(room) if isinstance(fact, kind)]
    assert len(worth) >= 1
    assert all(CASH - 10 <= equity <= CASH for equity in worth), worth


async def test_a_slice_is_sized_by_the_equity_that_there_is() -> None:
    room = await slicing()
    timers(room)

    await room.engine.settle()

    assert CASH - 10 <= money_decimal(room.desk.state.equity) <= CASH


async def test_a_sale_that_waits_is_no_gain_to_what_comes_behind_it() -> None:
    room = Room()
    await room.tell(AccountOpened(START_NS, "SIM", money(CASH), positions=(a_holding(400),)))
    await room.tell(a_signal(metadata={"quantity": 100}))
    room.broker.says(filled(SOLD, -400))
    room.engine.quote_came(SYMBOL)

    await room.engine.settle()

    (worth,) = [equity for fact, equity in seen(room) if isinstance(fact, QuoteSeen)]
    assert worth == pytest.approx(CASH + 400 * 150, abs=10)


async def test_a_yes_is_judged_by_the_account_that_there_is() -> None:
    autonomy = AutonomyLimits(mode=Autonomy.MANUAL_APPROVAL)
    room = await Room(policy=DeskPolicy(risk=RiskLimits(autonomy=autonomy))).opened()
    await room.tell(a_signal(metadata={"quantity": 100}))
    room.broker.says(filled(SOLD))

    await room.tell(ApprovalGiven(START_NS, ORDER, "ann", MarketView()))

    (given,) = [one for one in seen(room) if isinstance(one[0], ApprovalGiven)]
    assert CASH - 10 <= given[1] <= CASH
    assert [order.order_id for order in room.broker.orders] == []  # its symbol is quarantined


async def test_a_yes_to_nothing_brings_no_market() -> None:
    room = await Room().opened()

    await room.tell(ApprovalGiven(START_NS, "unknown", "ann", MarketView()))

    (given,) = [r for r in room.written if isinstance(r, ApprovalGiven)]
    assert given.market == MarketView()


async def test_a_sector_is_valued_at_the_same_moment() -> None:
    sectors = Sectors(rows=((SYMBOL, "tech"),))
    room = await slicing(replace(DeskPolicy(), risk=RiskLimits(sectors=sectors)))
    timers(room)

    await room.engine.settle()

    fired = next(r for r in room.written if isinstance(r, TimerFired))
    assert fired.market.sector_value == fired.market.long_value == shares(200) * price(150)


async def test_a_quote_that_waits_for_its_turn_is_the_newest_by_then() -> None:
    room = await Room().opened()
    room.engine.quote_came(SYMBOL)
    room.tick(3, "151.00", "151.02")

    await room.engine.settle()

    (fact,) = [r for r in room.written if isinstance(r, QuoteSeen)]
    assert fact.at == room.clock.nanoseconds()
    assert fact.market == room.feed.view(SYMBOL)


async def test_a_level_that_was_reached_keeps_the_price_that_reached_it() -> None:
    room = await Room().opened()
    room.engine.levels.set(WatchLevel("trend/AAPL", SYMBOL, OrderSide.SELL, price(150), None))
    room.engine.market_moved(SYMBOL)
    room.feed.set_quote(a_quote("151.00", "151.02", ts=room.clock.now()))

    await room.engine.settle()

    (fact,) = [r for r in room.written if isinstance(r, LevelReached)]
    assert fact.market.bid == price("149.99")


async def test_what_was_valued_in_its_turn_is_replayed_to_the_same_desk() -> None:
    room = await slicing()
    timers(room)
    await room.engine.settle()
    again = Desk(DeskPolicy())

    recover(room.written, again, lambda _c: None)

    assert again.fingerprint() == room.desk.fingerprint()
