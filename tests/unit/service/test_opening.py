"""The first start takes over what the account holds; every later one goes on from the journal."""

from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.errors import JournalDiverged, Unavailable
from fillpath.core.events import AccountOpened, OpeningPosition, OrderInDoubt, PolicyAdopted
from fillpath.core.models import Certainty, Fill
from fillpath.core.translation import filled_by
from fillpath.data.journal import MemoryJournal
from fillpath.execution.policy import DeskPolicy, SizingPolicy
from fillpath.service.latch import Latch
from fillpath.service.opening import Opening, open_account
from fillpath.testing.builders import START_NS, SYMBOL, a_fill, a_position
from tests.unit.service.account_room import OutsideBroker, Room


async def restarted(before: Room, **changes: object) -> Room:
    """Return the account as it comes up after the process died, without its last moments."""
    assert isinstance(before.journal, MemoryJournal)
    journal = MemoryJournal(before.journal.content)
    return Room(before.folder, journal=journal, **changes)  # type: ignore[arg-type]  # as it takes


async def test_the_first_start_takes_over_what_the_account_holds(tmp_path: Path) -> None:
    broker = OutsideBroker()
    broker.held = [a_position(7), a_position(-3, symbol="IBM", average_price=None)]
    room = Room(tmp_path, broker=broker)

    opening = await open_account(room.live)

    first, rules = room.records
    assert opening == Opening(first=True, records=0, outstanding=0)
    assert isinstance(first, AccountOpened)
    assert (first.account, first.cash) == ("SIM", 50_000 * 10**14)
    assert first.positions == (
        OpeningPosition(SYMBOL, 7_000_000, 1_050 * 10**14),
        OpeningPosition("IBM", -3_000_000, 0),
    )
    assert isinstance(rules, PolicyAdopted)


async def test_an_average_price_of_many_decimals_is_taken_over_at_what_was_paid(
    tmp_path: Path,
) -> None:
    """Seven shares for 156 and a third cost what no price of eight decimals can say."""
    broker = OutsideBroker()
    broker.held = [a_position(7, average_price=Decimal(154) / 7 + Decimal(1) / 3)]
    room = Room(tmp_path, broker=broker)

    await open_account(room.live)

    first = room.records[0]
    assert isinstance(first, AccountOpened)
    assert first.positions == (OpeningPosition(SYMBOL, 7_000_000, 15_633_333_333_333_333),)


def by_hand(number: int) -> Fill:
    """Return what a person traded at the broker's own screen."""
    return a_fill(7, order_id=f"external:{number}", fill_id=f"external:{number}:1")


async def test_what_others_traded_before_is_not_booked_on_top_of_what_it_led_to(
    tmp_path: Path,
) -> None:
    broker = OutsideBroker()
    broker.held = [a_position(7)]
    broker.traded = [by_hand(1), a_fill(fill_id="ours:1")]
    room = Room(tmp_path, broker=broker)
    await open_account(room.live)

    broker.says(filled_by(START_NS, by_hand(1)))
    await room.live.turn()

    first = room.records[0]
    assert isinstance(first, AccountOpened)
    assert first.executions == ("external:1:1",)
    assert room.live.desk.state.book.holdings[SYMBOL].quantity == 7_000_000


async def test_an_account_that_trades_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    broker = OutsideBroker()
    asked = 0

    def trade_once() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            broker.traded.append(by_hand(1))
            broker.held = [a_position(7)]

    broker.on_executions = trade_once
    room = Room(tmp_path, broker=broker)

    await open_account(room.live)

    first = room.records[0]
    assert isinstance(first, AccountOpened)
    assert (first.positions[0].quantity, first.executions) == (7_000_000, ("external:1:1",))


async def test_an_account_that_never_stands_still_is_not_opened(tmp_path: Path) -> None:
    broker = OutsideBroker()
    broker.on_executions = lambda: broker.traded.append(by_hand(len(broker.traded)))
    room = Room(tmp_path, broker=broker)

    with pytest.raises(Unavailable, match="the account traded each of the 5 times"):
        await open_account(room.live)


async def test_an_account_whose_broker_is_silent_is_not_opened(tmp_path: Path) -> None:
    broker = OutsideBroker()
    broker.trouble = Unavailable("no answer")
    room = Room(tmp_path, broker=broker)

    with pytest.raises(Unavailable):
        await open_account(room.live)

    assert room.records == []


async def test_a_restart_goes_on_where_the_journal_ends(tmp_path: Path) -> None:
    before = Room(tmp_path)
    await open_account(before.live)
    before.live.offer([before.signal()])
    await before.live.turn()

    after = await restarted(before)
    opening = await open_account(after.live)

    assert not opening.first
    assert opening.outstanding == 0
    assert after.live.desk.state.book == before.live.desk.state.book
    assert after.words[-1] == "EngineStarted"
    assert [p.quantity for p in await after.simulated.get_positions()] == [10]


async def test_the_alarms_of_the_past_ring_no_second_time(tmp_path: Path) -> None:
    before = Room(tmp_path)
    await open_account(before.live)
    before.latch.set(Latch("losing", "ann", START_NS))
    await before.live.turn()

    after = await restarted(before)
    await open_account(after.live)

    assert [alarm.code for alarm in before.paged] == ["KILL_SWITCH"]
    assert after.paged == []
    assert after.live.desk.state.killed == "losing"


async def test_other_rules_are_adopted_with_a_record(tmp_path: Path) -> None:
    before = Room(tmp_path)
    await open_account(before.live)

    after = await restarted(before, policy=DeskPolicy(sizing=SizingPolicy(lot_size=5)))
    after.live.parts = after.live.parts.__replace__(policy_hash="others")
    await open_account(after.live)

    assert after.words[-2:] == ["EngineStarted", "PolicyAdopted"]
    assert after.live.desk.policy.sizing.lot_size == 5


@pytest.mark.fault("F-05")
async def test_an_order_whose_answer_was_lost_is_in_doubt_and_never_sent_again(
    tmp_path: Path,
) -> None:
    broker = OutsideBroker()
    before = Room(tmp_path, broker=broker)
    await open_account(before.live)
    before.live.offer([before.signal()])
    await before.live.turn()

    after = await restarted(before, broker=broker)
    await open_account(after.live)

    (order,) = after.live.desk.state.orders.values()
    assert len(broker.orders) == 1
    assert order.certainty is Certainty.IN_DOUBT
    assert isinstance(after.records[-1], OrderInDoubt)


async def test_a_journal_that_this_version_would_not_write_is_not_gone_on_with(
    tmp_path: Path,
) -> None:
    room = Room(tmp_path)
    await open_account(room.live)
    room.live.offer([room.signal()])
    await room.live.turn()
    crooked = MemoryJournal()
    for record in room.records:
        if type(record).__name__ != "PlaceOrder":
            crooked.append(record)
    crooked.commit()

    with pytest.raises(JournalDiverged):
        await open_account(Room(tmp_path, journal=crooked).live)


@pytest.mark.fault("F-109")
async def test_a_kill_while_the_engine_was_down_is_set_before_anything_leaves(
    tmp_path: Path,
) -> None:
    room = Room(tmp_path)
    await open_account(room.live)
    room.latch.set(Latch("news", "ann", START_NS))

    again = await restarted(room)
    await open_account(again.live)

    assert again.live.desk.state.killed == "news"
    assert again.words[-2:] == ["EngineStarted", "KillSwitchSet"]
