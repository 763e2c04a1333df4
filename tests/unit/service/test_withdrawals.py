"""A person cancels one order over the engine's own door, and is told what cannot be cancelled."""

from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError
from fillpath.core.events import CancelAsked, OrderAccepted, OrderCancelled
from fillpath.service.control import ask
from tests.unit.service.account_room import OutsideBroker, Room
from tests.unit.service.test_account import by_hand, serving

ORDER = "manual/one"


async def test_the_cancel_is_journaled_under_the_name_of_who_asked(tmp_path: Path) -> None:
    broker = OutsideBroker()
    room = Room(tmp_path, broker=broker)
    request = {"do": "cancel", "order_id": ORDER, "by": "rita", "reason": "second thoughts"}
    async with serving(room.service()):
        await ask(tmp_path, by_hand())
        room.live.engine.offer(OrderAccepted(room.clock.nanoseconds(), ORDER, "B1"))

        answer = await ask(tmp_path, request)

    (fact,) = [record for record in room.records if isinstance(record, CancelAsked)]
    assert answer["outcome"] == "CANCEL_ASKED"
    assert fact.by.endswith("for rita")
    assert fact.reason == "second thoughts"
    assert broker.cancels == ["B1"]


@pytest.mark.parametrize("order_id", ["manual/other", ""])
async def test_what_does_not_work_cannot_be_cancelled(tmp_path: Path, order_id: str) -> None:
    room = Room(tmp_path)
    async with serving(room.service()):
        with pytest.raises(ConfigError, match="it has ended, or never was"):
            await ask(tmp_path, {"do": "cancel", "order_id": order_id})


async def test_an_order_that_ended_at_once_is_said_to_have_ended(tmp_path: Path) -> None:
    broker = OutsideBroker()
    room = Room(tmp_path, broker=broker)
    async with serving(room.service()):
        await ask(tmp_path, by_hand())
        at = room.clock.nanoseconds()
        room.live.engine.offer(OrderAccepted(at, ORDER, "B1"))
        await ask(tmp_path, {"do": "cancel", "order_id": ORDER})
        room.live.engine.offer(OrderCancelled(at, ORDER, "on request", None))
        await room.live.turnstile.next_turn()

        with pytest.raises(ConfigError, match="cannot be cancelled"):
            await ask(tmp_path, {"do": "cancel", "order_id": ORDER})
