"""What leaves for a broker outside is paced; cancels and exits are never kept back."""

import pytest

from fillpath.core.commands import CancelOrder, PlaceOrder
from fillpath.core.events import KillSwitchSet, OrderRefused, SignalReceived
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import RateLimits, RiskLimits, Sectors
from fillpath.testing.builders import a_signal
from tests.unit.execution.engine_room import Room

SLOW = DeskPolicy(
    risk=RiskLimits(rates=RateLimits(messages_per_second=4, cancel_reserve_per_second=2))
)


def entries(count: int) -> list[object]:
    """Return signals of as many strategies."""
    return [
        a_signal(strategy_name=f"s{number}", metadata={"quantity": 10}) for number in range(count)
    ]


def kept_back(room: Room) -> list[str]:
    return [fact.code for fact in room.written if isinstance(fact, OrderRefused)]


@pytest.mark.control("C-23", "refuses")
async def test_no_more_entries_leave_in_a_second_than_the_budget_has() -> None:
    room = await Room(policy=SLOW).opened()

    await room.tell(*entries(5))

    assert len(room.broker.orders) == 2
    assert kept_back(room) == ["MESSAGE_RATE"] * 3


@pytest.mark.control("C-23", "passes")
async def test_a_second_later_they_leave_again() -> None:
    room = await Room(policy=SLOW).opened()
    await room.tell(*entries(2))
    room.tick(1)

    await room.tell(a_signal(strategy_name="later", metadata={"quantity": 10}))

    assert len(room.broker.orders) == 3
    assert kept_back(room) == []


@pytest.mark.control("C-23", "passes")
async def test_cancels_leave_whatever_left_before() -> None:
    room = await Room(policy=SLOW).opened()
    await room.tell(*entries(5))

    await room.tell(KillSwitchSet(room.clock.nanoseconds(), "stop", "a person"))

    placed = [w for w in room.written if isinstance(w, PlaceOrder)]
    cancels = [w for w in room.written if isinstance(w, CancelOrder)]
    assert len(placed) == 5
    assert len(cancels) == len(room.broker.orders)


@pytest.mark.control("C-20", "passes")
async def test_the_engine_tells_what_the_sector_is_worth() -> None:
    """Where sectors are known, a signal carries the value of its own with it."""
    sectors = Sectors(rows=(("AAPL", "Technology"),))
    room = await Room(policy=DeskPolicy(risk=RiskLimits(sectors=sectors))).opened()
    await room.tell(a_signal(metadata={"quantity": 10}))

    await room.tell(a_signal(strategy_name="other", metadata={"quantity": 10}))

    told = [fact.market for fact in room.written if isinstance(fact, SignalReceived)]
    assert [market.sector_value for market in told] == [
        market.long_value + market.short_value for market in told
    ]
