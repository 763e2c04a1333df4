"""The last gate: what was decided may still not leave when its approval is of long ago."""

import pytest

from fillpath.core.events import OrderRefused, SessionClosed
from fillpath.testing.builders import START_NS, a_signal
from tests.unit.execution.engine_room import Room, TicketTaker, WatchfulBroker

BUY = {"direction": "LONG", "metadata": {"quantity": 100}}


@pytest.mark.fault("F-04")
@pytest.mark.parametrize(("seconds", "sent"), [(5, 2), (6, 1)])
async def test_an_order_does_not_leave_on_an_approval_of_long_ago(seconds: int, sent: int) -> None:
    """The broker took its time with the order before."""
    room = await Room().opened()
    room.broker.delay = lambda: room.tick(seconds)

    await room.tell(a_signal(**BUY), a_signal(**BUY | {"strategy_name": "other"}))

    assert len(room.broker.orders) == sent
    codes = [r.code for r in room.written if isinstance(r, OrderRefused)]
    assert codes == ["APPROVAL_EXPIRED"] * (2 - sent)


@pytest.mark.control("C-33", "refuses")
@pytest.mark.parametrize("broker", [WatchfulBroker, TicketTaker])
async def test_an_order_does_not_leave_after_the_close_that_came_in_its_own_turn(
    broker: type[WatchfulBroker],
) -> None:
    room = await Room(broker=broker, in_process=broker is TicketTaker).opened()

    await room.tell(a_signal(**BUY), SessionClosed(START_NS))

    taken = getattr(room.broker, "tickets", room.broker.orders)
    assert (taken, room.broker.orders) == ([], [])
    assert [r.code for r in room.written if isinstance(r, OrderRefused)] == ["SESSION_CLOSED"]
    assert room.desk.state.orders == {}
