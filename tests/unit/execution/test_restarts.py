"""Killed at every step of the order path: nothing is lost, nothing is sent twice."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from fillpath.core.commands import PlaceOrder
from fillpath.core.errors import Unavailable
from fillpath.core.events import (
    KillSwitchSet,
    OrderFilled,
    OrderInDoubt,
    OrderRefused,
)
from fillpath.core.models import OrderStatus, Signal
from fillpath.testing.builders import a_signal
from tests.unit.execution.desk.scene import shares
from tests.unit.execution.restarting import Died, House

ORDER: Final = "trend/sig-1"
BUY: Final = {"metadata": {"quantity": 100}}
NEVER: Final = "NEVER_REACHED_BROKER"


def dies(*names: str) -> Callable[[str], None]:
    """Return what kills the process when one of these is on its way."""

    def kill(what: str) -> None:
        if what in names:
            raise Died

    return kill


def a_resting_signal(house: House) -> Signal:
    """Return a signal whose order rests below the market, because the spread is wide."""
    house.quote("149.00", "151.00")
    return a_signal(strength="0.5", timestamp=house.clock.now(), **BUY)


def status_of(house: House, order_id: str = ORDER) -> OrderStatus:
    state = house.desk.state
    return (state.orders.get(order_id) or state.recent[order_id]).status


# Around the decision.


@pytest.mark.fault("F-01", "F-03", "F-04")
async def test_signal_decision_and_intent_become_durable_together() -> None:
    """There is no moment at which a decision is kept and its intent is not."""
    house = await House().opened()
    house.engine.offer(a_signal(**BUY))
    house.broker.before = dies(ORDER)

    with pytest.raises(Died):
        await house.engine.settle()

    house.crash()
    kinds = [type(record).__name__ for record in house.journal.records()]
    assert kinds == ["AccountOpened", "SignalReceived", "PlaceOrder"]


@pytest.mark.fault("F-01", "F-03", "F-04")
async def test_a_signal_that_was_not_durable_is_decided_anew_when_it_comes_again() -> None:
    house = await House().opened()
    house.engine.offer(a_signal(**BUY))  # read, and the process dies before the turn
    house.crash()
    await house.restart()

    await house.tell(a_signal(timestamp=house.clock.now(), **BUY))

    assert house.at_broker == [ORDER]
    assert status_of(house) is OrderStatus.FILLED


@pytest.mark.fault("F-03", "F-04")
async def test_a_signal_that_comes_again_too_late_is_dropped() -> None:
    house = await House().opened()
    house.engine.offer(a_signal(**BUY))
    house.crash()
    house.clock.advance(90_000)
    house.quote()
    await house.restart()

    await house.tell(a_signal(**BUY))

    assert house.at_broker == []


@pytest.mark.fault("F-02", "F-24")
async def test_a_signal_that_was_durable_is_a_duplicate_when_it_comes_again() -> None:
    house = await House().opened()
    await house.tell(a_signal(**BUY))
    house.crash()
    await house.restart()

    await house.tell(a_signal(**BUY))

    assert house.at_broker == [ORDER]


# Around the submission.


@pytest.mark.fault("F-05", "F-07")
async def test_an_intent_whose_bytes_never_left_is_refused_and_not_sent_again() -> None:
    house = await House().opened()
    house.broker.before = dies(ORDER)
    with pytest.raises(Died):
        await house.tell(a_signal(**BUY))
    house.crash()

    found = await house.restart()

    records = list(house.journal.records())
    (refused,) = [r for r in records if isinstance(r, OrderRefused)]
    assert [type(intent) for intent in found.outstanding] == [PlaceOrder]
    assert refused.code == NEVER
    assert any(isinstance(r, OrderInDoubt) for r in records)
    assert house.at_broker == []
    assert (status_of(house), house.desk.state.book.buying) == (OrderStatus.REJECTED, {})


@pytest.mark.fault("F-06", "F-08", "F-18")
async def test_an_order_that_left_before_the_crash_is_adopted() -> None:
    house = await House().opened()
    signal = a_resting_signal(house)
    house.broker.after = dies(ORDER)
    with pytest.raises(Died):
        await house.tell(signal)
    house.crash()

    await house.restart()

    order = house.desk.state.orders[ORDER]
    assert (order.status, order.broker_order_id) == (OrderStatus.SUBMITTED, "sim-1")
    assert house.at_broker == [ORDER]


@pytest.mark.fault("F-06", "F-09")
async def test_a_fill_that_was_never_journaled_is_applied_once() -> None:
    house = await House().opened()
    house.broker.after = dies(ORDER)
    with pytest.raises(Died):
        await house.tell(a_signal(**BUY))
    house.crash()

    await house.restart()

    fills = [r for r in house.journal.records() if isinstance(r, OrderFilled)]
    assert len(fills) == 1
    assert status_of(house) is OrderStatus.FILLED
    assert house.desk.state.book.holdings["AAPL"].quantity == shares(100)
    assert house.outcomes[-1].differences == ()


@pytest.mark.fault("F-09", "F-47")
async def test_a_fill_while_nobody_listened_is_applied_once() -> None:
    house = await House().opened()
    await house.tell(a_resting_signal(house))
    house.crash()
    house.quote("147.98", "148.00")

    await house.restart()

    assert status_of(house) is OrderStatus.FILLED
    assert house.outcomes[-1].differences == ()


@pytest.mark.fault("F-45", "F-72")
async def test_an_order_whose_answer_was_lost_without_a_crash_is_sent_once() -> None:
    house = await House().opened()

    def cut(what: str) -> None:
        raise Unavailable(f"the line went dead after {what}")

    house.broker.after = cut
    await house.tell(a_signal(**BUY))
    house.crash()

    await house.restart()

    assert house.at_broker == [ORDER]
    assert status_of(house) is OrderStatus.FILLED


# Around a cancel.


@pytest.mark.fault("F-12")
@pytest.mark.parametrize("point", ["before", "after", "unheard"])
async def test_a_cancel_that_was_under_way_is_asked_for_again(point: str) -> None:
    house = await House().opened()
    await house.tell(a_resting_signal(house))
    stop = KillSwitchSet(house.clock.nanoseconds(), "stop", "ann")
    if point == "unheard":
        house.broker.subscribe(lambda _event: None)
        await house.tell(stop)
    else:
        setattr(house.broker, point, dies("cancel"))
        with pytest.raises(Died):
            await house.tell(stop)
    house.crash()

    await house.restart()

    assert status_of(house) is OrderStatus.CANCELLED
    assert await house.broker.real.get_open_orders() == []
    assert house.desk.state.book.buying == {}


@pytest.mark.fault("F-12")
async def test_a_fill_that_overtook_the_cancel_is_kept() -> None:
    house = await House().opened()
    await house.tell(a_resting_signal(house))
    house.broker.before = dies("cancel")
    with pytest.raises(Died):
        await house.tell(KillSwitchSet(house.clock.nanoseconds(), "stop", "ann"))
    house.crash()
    house.quote("147.98", "148.00")

    await house.restart()

    assert status_of(house) is OrderStatus.FILLED
    assert house.desk.state.killed


# Twice, and in the middle of a restart.


@pytest.mark.fault("F-17")
@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_crash_during_recovery_changes_nothing(times: int) -> None:
    house = await House().opened()
    await house.tell(a_resting_signal(house))
    before = house.desk.fingerprint()

    for _ in range(times):
        house.crash()
        await house.restart()

    assert house.desk.fingerprint() == before
    assert house.at_broker == [ORDER]


@pytest.mark.fault("F-17", "F-05")
async def test_a_crash_between_two_answers_starts_the_count_anew() -> None:
    house = await House().opened()
    house.broker.before = dies(ORDER)
    with pytest.raises(Died):
        await house.tell(a_signal(**BUY))
    house.crash()
    house.begin()

    await house.restart()

    assert [outcome.clean for outcome in house.outcomes] == [False, True]


@pytest.mark.fault("F-36")
async def test_an_older_journal_refuses_to_trade() -> None:
    house = await House().opened()
    backup = house.journal.content
    await house.tell(a_signal(**BUY))
    house.crash()
    house.journal = type(house.journal)(backup)

    await house.restart()
    await house.tell(a_signal(signal_id="sig-2", timestamp=house.clock.now(), **BUY))

    assert "JOURNAL_BEHIND_BROKER" in house.desk.state.holds
    assert "AAPL" in house.desk.state.quarantined
    assert house.at_broker == [ORDER]


# In the middle of a schedule.


async def whole_day(died_at: tuple[str, str] | None) -> House:
    """Trade 1,000 shares in five slices of 200, and die once on the way."""
    house = await House().opened()
    signal = a_signal(strength="0.95", metadata={"quantity": 1_000})
    started = house.clock.nanoseconds()
    if died_at is not None:
        setattr(house.broker, died_at[0], dies(died_at[1]))
    todo: list[Any] = [signal, *range(60, 360, 60)]
    for step in todo:
        try:
            if isinstance(step, Signal):
                await house.tell(step)
            else:
                passed = (house.clock.nanoseconds() - started) / 10**9
                await house.wait(max(step - passed, 0.0) + 0.001)
        except Died:
            house.crash()
            await house.restart()
    return house


@pytest.mark.fault("F-89")
@pytest.mark.parametrize("point", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 6))
async def test_a_schedule_that_died_anywhere_trades_exactly_the_remainder(
    point: str, number: int
) -> None:
    house = await whole_day((point, f"{ORDER}#{number}"))

    fills = await house.fills()
    bought = sum(int(fill.quantity) for fill in fills)
    sent = [int(fill.quantity) for fill in fills]
    assert len(set(house.at_broker)) == len(house.at_broker)
    assert max(sent) <= 400
    assert house.desk.state.parents == {}
    assert house.desk.state.book.holdings["AAPL"].quantity == shares(bought)
    lost_for_good = point == "before" and number == 5  # no slice comes after it
    assert bought == (800 if lost_for_good else 1_000)


@pytest.mark.fault("F-89")
async def test_without_a_crash_it_is_the_same_schedule() -> None:
    house = await whole_day(None)

    assert house.at_broker == [f"{ORDER}#{number}" for number in range(1, 6)]


@pytest.mark.fault("F-89")
async def test_slices_that_were_slept_through_are_spread_on_the_old_grid() -> None:
    house = await House().opened()
    await house.tell(a_signal(strength="0.95", metadata={"quantity": 1_000}))
    house.crash()
    house.clock.advance(125)  # slice 2 was missed, slice 3 is due
    house.quote()
    await house.restart()
    house.quote()
    house.engine.fire_timers()
    await house.engine.settle()

    assert [int(fill.quantity) for fill in await house.fills()] == [200, 267]
    assert len(house.at_broker) == 2
