"""The last gate: what was decided may still not leave when its approval is of long ago."""

import pytest

from fillpath.core.events import OrderRefused
from fillpath.testing.builders import a_signal
from tests.unit.execution.engine_room import Room

BUY = {"direction": "LONG", "metadata": {"quantity": 100}}


@pytest.mark.fault("F-04")
@pytest.mark.parametrize(("seconds", "sent"), [(5, 2), (6, 1)])
async def test_an_order_does_not_leave_on_an_approval_of_long_ago(seconds: int, sent: int) -> None:
    """The broker took its time with the order before."""
    room = await Room().opened()
    room.broker.delay = lambda: room.clock.advance(seconds)

    await room.tell(a_signal(**BUY), a_signal(**BUY | {"strategy_name": "other"}))

    assert len(room.broker.orders) == sent
    codes = [r.code for r in room.written if isinstance(r, OrderRefused)]
    assert codes == ["APPROVAL_EXPIRED"] * (2 - sent)
