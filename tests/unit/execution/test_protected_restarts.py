"""An engine that dies between entry and stop: nothing stays naked, and nothing is protected twice."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fillpath.core.commands import AmendOrder, RaiseAlarm
from fillpath.core.events import AmendFailed, EngineStarted, TradingHeld, TradingReleased
from fillpath.core.models import Order, OrderType, Signal
from fillpath.core.units import Number
from fillpath.execution.policy import RouterPolicy
from fillpath.testing.builders import START_NS, a_signal
from tests.unit.execution.desk.guarded import keeping
from tests.unit.execution.restarting import Died, House, Sheltering

POLICY = replace(keeping(), router=RouterPolicy(max_quote_age_seconds=86_400))
ENTRY = "trend/sig-1"
STOP = f"{ENTRY}#p1"


class Sheltered(House):
    """A house whose broker keeps stops."""

    outside = Sheltering

    def wish(self, direction: str = "LONG", name: str = "sig-1") -> Signal:
        return a_signal(
            direction=direction,
            signal_id=name,
            strength="0.95",
            timestamp=self.clock.now(),
            metadata={"quantity": 100 if direction == "LONG" else None, "signal_price": None},
        )

    async def stops(self) -> list[tuple[Number, Number | None]]:
        """Return shares and trigger of what protects at the broker."""
        orders: list[Order] = await self.broker.real.get_open_orders()
        found = [order for order in orders if order.order_type is OrderType.STOP]
        return [(order.remaining_quantity, order.stop_price) for order in found]

    @property
    def alarms(self) -> list[str]:
        return [alarm.code for alarm in self.recorder.of_kind(RaiseAlarm)]

    @property
    def up(self) -> bool:
        return bool(self.desk.state.uncovered)


async def sheltered() -> Sheltered:
    house = Sheltered(POLICY)
    await house.opened()
    return house


def dies_at(name: str) -> Callable[[str], None]:
    """Return what kills the process when this is on its way."""

    def kill(what: str) -> None:
        if what == name:
            raise Died

    return kill


async def killed(house: Sheltered, *signals: Signal) -> None:
    """Let signals come until the process dies, and lose what was not durable."""
    for signal in signals:
        house.engine.offer(signal)
    with pytest.raises(Died):
        await house.engine.settle()
    house.crash()


@pytest.mark.fault("F-14")
async def test_killed_before_the_entry_leaves_nothing_is_held_and_nothing_protected() -> None:
    house = await sheltered()
    house.broker.before = dies_at(ENTRY)
    await killed(house, house.wish())

    await house.restart()

    assert await house.stops() == []
    assert not house.up


@pytest.mark.fault("F-14")
async def test_killed_after_the_entry_has_traded_the_stop_follows_from_reconciling() -> None:
    house = await sheltered()
    house.broker.after = dies_at(ENTRY)
    await killed(house, house.wish())

    await house.restart()

    assert [(str(q), str(p)) for q, p in await house.stops()] == [("100", "147.01")]
    assert not house.up


@pytest.mark.fault("F-14")
async def test_killed_before_the_stop_leaves_it_is_placed_anew_before_any_resume() -> None:
    house = await sheltered()
    house.broker.before = dies_at(STOP)
    await killed(house, house.wish())

    await house.restart()

    assert "UNPROTECTED" in house.alarms
    assert house.broker.sent == [ENTRY, f"{ENTRY}#p2"]
    assert len(await house.stops()) == 1
    assert not house.up


@pytest.mark.fault("F-14")
async def test_killed_after_the_stop_has_left_it_is_adopted_and_not_placed_twice() -> None:
    house = await sheltered()
    house.broker.after = dies_at(STOP)
    await killed(house, house.wish())

    await house.restart()

    assert house.broker.sent == [ENTRY, STOP]
    assert len(await house.stops()) == 1
    assert not house.up


@pytest.mark.fault("F-14")
async def test_while_the_broker_is_asked_no_signal_comes_before_the_missing_stop() -> None:
    house = await sheltered()
    house.broker.before = dies_at(STOP)
    await killed(house, house.wish())
    house.begin_again()
    now = house.clock.nanoseconds()
    await house.tell(EngineStarted(now), TradingHeld(now, "RECONCILING", "not asked yet"))
    await house.tell(house.wish(name="sig-2"))

    await house.ask()
    await house.tell(TradingReleased(house.clock.nanoseconds(), "RECONCILING", "it agrees"))

    assert house.broker.sent[:2] == [ENTRY, f"{ENTRY}#p2"]
    assert not house.up


@pytest.mark.fault("F-13")
async def test_killed_while_the_stop_is_changed_the_change_is_asked_for_again() -> None:
    house = await sheltered()
    await house.tell(house.wish())
    house.broker.before = dies_at("amend")
    await killed(house, house.wish(name="sig-2"))

    await house.restart()

    assert [str(q) for q, _ in await house.stops()] == ["200"]
    assert not house.up


async def test_an_exit_and_its_stop_sell_once_though_the_process_dies_in_between() -> None:
    house = await sheltered()
    await house.tell(house.wish())
    leaving = house.wish("FLAT", "sig-3")
    house.broker.after = dies_at("trend/sig-3")
    await killed(house, leaving)

    await house.restart()

    assert await house.stops() == []
    assert await house.broker.real.get_positions() == []
    assert house.desk.state.guards == {}


@pytest.mark.control("A-18", "refuses")
async def test_a_change_that_was_decided_before_the_link_went_does_not_leave() -> None:
    house = await sheltered()
    await house.tell(house.wish())
    ((order_id, stop),) = house.desk.state.orders.items()
    house.desk.state.holds["RECONCILING"] = "the broker does not answer"
    change = AmendOrder(
        START_NS, order_id, stop.broker_order_id, stop.ticket.quantity // 2, None, "so"
    )

    await house.engine.perform([change])
    await house.engine.settle()

    (failed,) = [r for r in house.journal.records() if isinstance(r, AmendFailed)]
    assert failed.reason == ("MODIFY_REFUSED: the link to the broker is in doubt: RECONCILING")
    assert [str(q) for q, _ in await house.stops()] == ["100"]
