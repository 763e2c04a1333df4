"""A full disk: nothing new leaves from that breath on, and what works can still be cancelled."""

import errno

import pytest

from fillpath.core.events import KillSwitchSet, OrderCancelled, OrderRefused, SignalReceived
from fillpath.data.journal.chained import ChainedJournal
from fillpath.testing.builders import START_NS, a_signal
from fillpath.testing.faulty_files import FaultyFile
from tests.unit.execution.engine_room import Room

BUY = {"metadata": {"quantity": 100}}

pytestmark = pytest.mark.fault("F-33")


async def full_room() -> tuple[Room, FaultyFile]:
    """Return an engine with one working order, whose disk has no byte left."""
    disk = FaultyFile()
    room = await Room(journal=ChainedJournal(disk, name="test")).opened()
    await room.tell(a_signal(signal_id="works", **BUY))
    disk.fail("write", errno.ENOSPC)
    await room.tell(a_signal(signal_id="meets-it", **BUY))
    assert room.journal.emergency
    return room, disk


async def test_the_order_that_met_the_full_disk_never_leaves() -> None:
    room, _ = await full_room()

    assert [order.order_id for order in room.broker.orders] == ["trend/works"]
    assert room.words.count("PlaceOrder") == 2
    assert "journal" in room.desk.state.killed


async def test_what_worked_is_cancelled_and_the_answer_is_kept() -> None:
    room, _ = await full_room()

    assert "B:trend/works" in room.broker.cancels
    await room.tell(OrderCancelled(START_NS, "trend/works", "as asked"))

    assert "trend/works" not in room.desk.state.orders
    assert any(isinstance(record, OrderCancelled) for record in room.written)


async def test_the_journal_says_why_and_holds_no_half_record() -> None:
    room, disk = await full_room()

    room.journal.close()
    reopened = ChainedJournal(FaultyFile(disk.content), name="again")

    records = list(reopened.records())
    assert any(isinstance(r, KillSwitchSet) and r.by == "journal" for r in records)
    assert isinstance(records[-1], OrderRefused)


async def test_a_signal_that_comes_now_is_not_taken() -> None:
    room, _ = await full_room()
    before = room.engine.records

    await room.tell(a_signal(signal_id="late", **BUY))

    assert room.engine.records == before
    taken = [r.signal.signal_id for r in room.written if isinstance(r, SignalReceived)]
    assert "late" not in taken
