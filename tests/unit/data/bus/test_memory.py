"""What the bus in memory promises beyond the contract."""

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.ports import Outgoing
from fillpath.data.bus.memory import MemoryBus, MemoryHub
from fillpath.runtime.clock import ManualClock
from fillpath.testing.builders import START


@pytest.fixture
def hub() -> MemoryHub:
    """Return a hub that holds three signals of an account."""
    return MemoryHub(ManualClock(START), capacity=3)


def test_a_full_bus_takes_no_signal_and_says_so(hub: MemoryHub) -> None:
    for number in range(3):
        hub.send(str(number).encode())

    with pytest.raises(Unavailable, match="3 signals wait on execution:signals already"):
        hub.send(b"4")


async def test_what_is_handed_over_still_counts_as_waiting(hub: MemoryHub) -> None:
    bus = MemoryBus(hub)
    await bus.start()
    for number in range(3):
        hub.send(str(number).encode())
    taken = await bus.receive(3, 0)

    with pytest.raises(Unavailable):
        hub.send(b"4")
    await bus.acknowledge([taken[0].message_id])

    assert hub.send(b"4")


def test_messages_are_dated_and_counted(hub: MemoryHub) -> None:
    milliseconds = int(START.timestamp() * 1_000)

    assert [hub.send(b"1"), hub.send(b"2")] == [f"{milliseconds}-0", f"{milliseconds}-1"]


async def test_accounts_never_get_each_others_signals(hub: MemoryHub) -> None:
    ours, theirs = MemoryBus(hub, "ours"), MemoryBus(hub, "theirs")
    await ours.start()
    await theirs.start()

    hub.send(b"for them", "theirs")

    assert await ours.receive(1, 0) == []
    assert [delivery.payload for delivery in await theirs.receive(1, 0)] == [b"for them"]


async def test_subscribers_are_told_in_order_and_the_oldest_messages_are_let_go(
    hub: MemoryHub,
) -> None:
    heard: list[str] = []
    hub.subscribe(lambda message: heard.append(message.event_id))
    bus = MemoryBus(hub)
    await bus.start()

    await bus.publish([Outgoing("execution:fills", str(number), b"") for number in range(5)])

    assert heard == ["0", "1", "2", "3", "4"]
    assert [message.event_id for message in hub.published] == ["2", "3", "4"]


async def test_what_was_acknowledged_late_by_the_one_before_does_not_come_again(
    hub: MemoryHub,
) -> None:
    before, after = MemoryBus(hub), MemoryBus(hub)
    await before.start()
    hub.send(b"1")
    (taken,) = await before.receive(1, 0)
    await after.start()

    await before.acknowledge([taken.message_id])

    assert await after.receive(1, 0) == []
