"""Killed while a person answers: one order at most, and the question is never forgotten."""

from dataclasses import replace
from typing import Final

import pytest

from fillpath.core.commands import PlaceOrder, RaiseAlarm
from fillpath.core.events import ApprovalGiven, OrderRefused
from fillpath.core.models import OrderStatus
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits
from fillpath.testing.builders import SYMBOL, a_signal
from tests.unit.execution.restarting import POLICY, Died, House
from tests.unit.execution.test_restarts import BUY, NEVER, ORDER, dies, status_of

ASKING: Final = replace(
    POLICY, risk=RiskLimits(autonomy=AutonomyLimits(mode=Autonomy.MANUAL_APPROVAL))
)


async def asked() -> House:
    """Return a house in which an order waits for a person."""
    house = await House(ASKING).opened()
    await house.tell(a_signal(**BUY))
    house.journal.commit()
    return house


def yes(house: House) -> ApprovalGiven:
    return ApprovalGiven(house.clock.nanoseconds(), ORDER, "ann", house.engine.view(SYMBOL))


@pytest.mark.fault("F-15")
@pytest.mark.control("C-51", "refuses")
async def test_a_question_outlives_the_process() -> None:
    house = await asked()
    house.crash()

    await house.restart()

    assert list(house.desk.state.approvals) == [ORDER]
    assert house.at_broker == []
    assert house.timers.next_due() is not None


@pytest.mark.fault("F-15")
async def test_a_yes_that_was_not_durable_was_none_and_can_be_said_again() -> None:
    house = await asked()
    house.engine.offer(yes(house))  # heard, and the process dies before the turn
    house.crash()
    await house.restart()

    await house.tell(yes(house))

    assert house.at_broker == [ORDER]
    assert status_of(house) is OrderStatus.FILLED


@pytest.mark.fault("F-15")
async def test_the_yes_and_its_intent_become_durable_together() -> None:
    house = await asked()
    house.broker.before = dies(ORDER)

    with pytest.raises(Died):
        await house.tell(yes(house))

    house.crash()
    kinds = [type(record).__name__ for record in house.journal.records()]
    assert kinds == ["AccountOpened", "SignalReceived", "ApprovalGiven", "PlaceOrder"]


@pytest.mark.fault("F-15")
@pytest.mark.control("C-51", "refuses")
async def test_a_crash_between_yes_and_send_leaves_one_intent_that_is_not_sent_again() -> None:
    house = await asked()
    house.broker.before = dies(ORDER)
    with pytest.raises(Died):
        await house.tell(yes(house))
    house.crash()

    found = await house.restart()
    await house.tell(yes(house))  # the second click

    records = list(house.journal.records())
    assert [type(intent) for intent in found.outstanding] == [PlaceOrder]
    assert [r.code for r in records if isinstance(r, OrderRefused)] == [NEVER]
    assert sum(isinstance(record, PlaceOrder) for record in records) == 1
    assert house.at_broker == []
    assert [alarm.code for alarm in house.recorder.of_kind(RaiseAlarm)][-1] == "APPROVAL_REFUSED"


@pytest.mark.fault("F-15")
async def test_a_crash_after_the_send_adopts_the_one_order() -> None:
    house = await asked()
    house.broker.after = dies(ORDER)
    with pytest.raises(Died):
        await house.tell(yes(house))
    house.crash()

    await house.restart()
    await house.tell(yes(house))

    assert house.at_broker == [ORDER]
    assert status_of(house) is OrderStatus.FILLED


@pytest.mark.fault("F-15")
async def test_a_question_whose_time_ended_while_nobody_ran_ends_at_the_start() -> None:
    house = await asked()
    house.crash()
    house.clock.advance(3_600)
    await house.restart()

    await house.wait(0)

    assert house.desk.state.approvals == {}
    assert house.at_broker == []
