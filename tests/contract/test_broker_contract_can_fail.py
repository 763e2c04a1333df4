"""The contract finds a broken broker: each of these breaks one promise, and is caught for it."""

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from unittest import SkipTest

import pytest
from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused
from fillpath.core.events import BrokerEvent, OrderAccepted, OrderCancelled, OrderFilled
from fillpath.core.models import Fill, Order, OrderStatus, PortfolioSnapshot, Position
from fillpath.core.ports import BrokerAdapter, Clock
from fillpath.core.units import PRICE_SCALE
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.testing import BrokerContract
from tests.contract.in_memory import InMemory

Sink = Callable[[BrokerEvent], None]


class Sound(SimulatedBroker):
    """A broker that keeps every promise; the others change one thing about it."""


class FillsBeforeItAccepts(SimulatedBroker):
    def subscribe(self, sink: Sink) -> None:
        kept: list[BrokerEvent] = []

        def reversed_sink(event: BrokerEvent) -> None:
            kept.append(event)
            if isinstance(event, OrderFilled):
                for late in reversed(kept):
                    sink(late)
                kept.clear()

        super().subscribe(reversed_sink)


class TradesTwice(SimulatedBroker):
    sent = 0

    def subscribe(self, sink: Sink) -> None:
        def retold(event: BrokerEvent) -> None:
            sink(replace(event, order_id=event.order_id.partition("/")[0]))

        super().subscribe(retold)

    async def submit_order(self, order: Order) -> Order:
        self.sent += 1
        return self.submit(order.changed(order_id=f"{order.order_id}/{self.sent}")).changed(
            order_id=order.order_id
        )


class OnlySaysItCancels(SimulatedBroker):
    async def cancel_order(self, broker_order_id: str) -> bool:
        return broker_order_id.startswith("sim-")


class CancelsInSilence(SimulatedBroker):
    def subscribe(self, sink: Sink) -> None:
        super().subscribe(lambda e: None if isinstance(e, OrderCancelled) else sink(e))


class KnowsEveryOrder(SimulatedBroker):
    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        try:
            return await super().get_order_status(broker_order_id)
        except BrokerRefused:
            return OrderStatus.CANCELLED


class KeepsTheReasonToItself(SimulatedBroker):
    async def submit_order(self, order: Order) -> Order:
        answer = self.submit(order)
        if answer.status is not OrderStatus.REJECTED:
            return answer
        return answer.changed(metadata={"reject_reason": "not enough money"})


class SpendsWhatItHasNot(SimulatedBroker):
    def __init__(self, market: MemoryFeed, clock: Clock, settings: SimulationPolicy) -> None:
        del settings
        super().__init__(market, clock, SimulationPolicy(profile=FillProfile.QUOTES, cash=10**12))

    async def get_portfolio(self) -> PortfolioSnapshot:
        real = await super().get_portfolio()
        return replace(real, cash=real.cash - 10**12 + 100_000)


class RoundsItsCash(SimulatedBroker):
    async def get_portfolio(self) -> PortfolioSnapshot:
        real = await super().get_portfolio()
        cents = real.cash.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        return replace(real, cash=cents)


class ForgetsAnExecution(SimulatedBroker):
    async def get_executions(self) -> list[Fill]:
        return (await super().get_executions())[1:]


class ForgetsWhatRests(SimulatedBroker):
    async def get_open_orders(self) -> list[Order]:
        return []


class ForgetsWhatEnded(SimulatedBroker):
    async def get_completed_orders(self) -> list[Order]:
        return []


class KeepsEndedOrdersOpen(SimulatedBroker):
    async def get_open_orders(self) -> list[Order]:
        return [*await super().get_open_orders(), *await super().get_completed_orders()]


class AnswersTooEarly(SimulatedBroker):
    async def submit_order(self, order: Order) -> Order:
        return self.submit(order).changed(
            status=OrderStatus.SUBMITTED, filled_quantity=Decimal(0), average_fill_price=None
        )


class IgnoresLimits(SimulatedBroker):
    def subscribe(self, sink: Sink) -> None:
        def worse(event: BrokerEvent) -> None:
            if isinstance(event, OrderFilled):
                event = replace(event, price=event.price + event.side.sign * PRICE_SCALE)
            sink(event)

        super().subscribe(worse)


class ShowsClosedPositions(SimulatedBroker):
    async def get_positions(self) -> list[Position]:
        return await super().get_positions() or [Position(symbol="AAPL", quantity=Decimal(0))]


class NamesEveryOrderAlike(SimulatedBroker):
    def subscribe(self, sink: Sink) -> None:
        def renamed(event: BrokerEvent) -> None:
            alike = isinstance(event, OrderAccepted)
            sink(replace(event, broker_order_id="sim-1") if alike else event)

        super().subscribe(renamed)


class IsNeverWell(SimulatedBroker):
    async def health_check(self) -> bool:
        raise ConnectionError("nobody answers")


def suite_for(broker: type[SimulatedBroker]) -> type[BrokerContract]:
    class Suite(InMemory):
        def broker_on(self, feed: MemoryFeed, clock: Clock) -> BrokerAdapter:
            made = broker(feed, clock, SimulationPolicy(profile=FillProfile.QUOTES))
            feed.subscribe(made.on_market)
            return made

    return Suite


def broken_promises(suite: type[BrokerContract]) -> Iterator[str]:
    for name in dir(suite):
        if not name.startswith("test_"):
            continue
        try:
            getattr(suite(), name)()
        except SkipTest:
            continue
        except (AssertionError, ConnectionError, LookupError, ValueError):
            yield name.removeprefix("test_")


def test_a_sound_broker_breaks_no_promise() -> None:
    assert list(broken_promises(suite_for(Sound))) == []


@pytest.mark.parametrize(
    ("broker", "promise"),
    [
        (FillsBeforeItAccepts, "an_order_is_accepted_before_it_is_filled"),
        (TradesTwice, "the_same_order_again_trades_nothing"),
        (OnlySaysItCancels, "a_cancelled_order_never_trades_again"),
        (OnlySaysItCancels, "a_filled_order_is_not_cancelled"),
        (CancelsInSilence, "a_cancelled_order_never_trades_again"),
        (KnowsEveryOrder, "the_status_of_an_unknown_order_is_refused"),
        (KeepsTheReasonToItself, "too_little_cash_is_refused_with_the_numbers"),
        (SpendsWhatItHasNot, "too_little_cash_is_refused_with_the_numbers"),
        (SpendsWhatItHasNot, "a_resting_buy_keeps_its_cash_to_itself"),
        (RoundsItsCash, "positions_and_cash_follow_the_fills_exactly"),
        (ForgetsAnExecution, "executions_are_the_fills_the_sink_was_told"),
        (ForgetsWhatRests, "a_limit_that_is_not_marketable_rests"),
        (ForgetsWhatEnded, "an_ended_order_is_completed_and_not_open"),
        (ForgetsWhatEnded, "a_refused_order_is_completed_with_its_reason"),
        (KeepsEndedOrdersOpen, "an_ended_order_is_completed_and_not_open"),
        (KeepsEndedOrdersOpen, "a_cancelled_order_is_completed_once"),
        (AnswersTooEarly, "what_is_returned_is_what_the_events_say"),
        (IgnoresLimits, "a_buy_is_never_filled_above_its_limit"),
        (IgnoresLimits, "a_sell_is_never_filled_below_its_limit"),
        (ShowsClosedPositions, "what_is_sold_out_is_not_held_any_more"),
        (NamesEveryOrderAlike, "the_broker_names_an_order_once_and_for_all"),
        (IsNeverWell, "health_is_an_answer"),
    ],
)
def test_a_broken_promise_is_found(broker: type[SimulatedBroker], promise: str) -> None:
    assert promise in set(broken_promises(suite_for(broker)))
