"""A signal that its strategy has not signed: journaled, set aside, and told to a person."""

import asyncio
from pathlib import Path

import pytest

from fillpath.core.events import OriginUnknown
from fillpath.data.bus.messages import write_signal
from fillpath.data.bus.origin import Origins
from fillpath.service.control import ask
from tests.unit.service.account_room import Room
from tests.unit.service.test_account import by_hand, serving


@pytest.mark.control("C-02", "refuses")
@pytest.mark.security("S-22")
async def test_an_unsigned_signal_of_the_bus_trades_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path)
    origins = Origins("execution:signals", {"trend": b"k" * 32})
    room.decode = lambda delivery: origins.read(delivery).signal
    await room.bus.start()
    message_id = room.hub.send(write_signal(room.signal()))
    service = room.service()
    async with serving(service):
        while not service.intake.rejected:
            await room.live.turnstile.next_turn()
            await asyncio.sleep(0)
        by_user = await ask(tmp_path, by_hand())

    (noted,) = [record for record in room.records if isinstance(record, OriginUnknown)]
    assert (noted.message_id, noted.strategy_name) == (message_id, "trend")
    assert noted.text == "SIGNAL_ORIGIN: the message of trend has no signature"
    assert [letter.message_id for letter in room.hub.dead_letters] == [message_id]
    assert "SIGNAL_ORIGIN" in [alarm.code for alarm in room.paged]
    assert by_user["outcome"] == "ORDERED"
    assert room.words.count("PlaceOrder") == 1
