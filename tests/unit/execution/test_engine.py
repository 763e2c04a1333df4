"""The engine: journal before acting, one turn at a time, and every answer comes back as a fact."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.commands import CancelOrder, Decision, PlaceOrder, RaiseAlarm
from fillpath.core.errors import BrokerRefused, JournalError, Unavailable
from fillpath.core.events import (
    CancelFailed,
    KillSwitchSet,
    OrderCancelled,
    OrderInDoubt,
    OrderRefused,
    QuoteSeen,
    SignalReceived,
    SymbolQuarantined,
    TimerFired,
    TradingHeld,
)
from fillpath.core.models import Certainty, OrderSide
from fillpath.execution import engine as engine_module
from fillpath.execution.engine import GROUP_SIZE
from fillpath.execution.recovery import recover
from fillpath.testing.builders import START, START_NS, a_quote, a_signal
from tests.unit.execution.desk.scene import money, shares
from tests.unit.execution.engine_room import Room, TicketTaker

ORDER = "trend/sig-1"
BUY = {"metadata": {"quantity": 100}}
KILL = KillSwitchSet(START_NS, "stop it", "ann")


def names(records: list[Any]) -> list[str]:
    return [type(record).__name__ for record in records]


# Journal before acting.


@pytest.mark.control("C-47", "passes")
async def test_event_and_intent_are_durable_before_the_broker_sees_the_order() -> None:
    room = await Room().opened()

    await room.tell(a_signal(**BUY))

    (durable,) = room.broker.durable
    assert names(durable) == ["AccountOpened", "SignalReceived", "PlaceOrder"]
    assert room.broker.pending == [0]


async def test_a_cancel_is_durable_before_the_broker_hears_of_it() -> None:
    room = await Room().opened()
    await room.tell(a_signal(**BUY))

    await room.tell(a_signal(direction="FLAT", signal_id="sig-2"))

    durable = room.broker.durable[-1]
    assert room.broker.cancels == [f"B:{ORDER}"]
    assert names(durable)[-2:] == ["SignalReceived", "CancelOrder"]
    assert room.broker.pending[-1] == 0


async def test_a_turn_is_one_group() -> None:
    """Three signals wait: all are journaled, then one commit, then three orders."""
    room = await Room().opened()

    await room.tell(*(a_signal(signal_id=f"s{n}", **BUY) for n in range(3)))

    assert len(room.broker.orders) == 3
    assert [names(durable).count("PlaceOrder") for durable in room.broker.durable] == [3, 3, 3]


async def test_facts_of_the_broker_wait_for_the_next_turn() -> None:
    room = await Room().opened()
    room.broker.fills_at = "150.01"

    await room.tell(a_signal(**BUY), a_signal(signal_id="sig-2", **BUY))

    kinds = names(room.written)
    assert kinds[1:5] == ["SignalReceived", "PlaceOrder", "SignalReceived", "PlaceOrder"]
    assert kinds[5:] == ["OrderAccepted", "OrderFilled"] * 2


async def test_a_broker_in_this_process_may_act_before_the_commit() -> None:
    """Its whole state dies with the journal's tail, so nothing outside can disagree."""
    room = await Room(in_process=True).opened()

    await room.tell(a_signal(**BUY))

    assert room.broker.pending == [2]
    assert names(room.written)[-3:] == ["SignalReceived", "PlaceOrder", "OrderAccepted"]


async def test_a_full_group_is_made_durable_there_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "GROUP_SIZE", 2)
    room = await Room(in_process=True).opened()

    await room.tell(a_signal(**BUY))

    assert room.broker.pending == [0]


def test_groups_are_bounded() -> None:
    assert GROUP_SIZE == 4_096


async def test_a_kill_switch_is_durable_at_once() -> None:
    room = await Room().opened()

    await room.tell(KILL)

    assert KILL in list(room.journal.records())


@pytest.mark.control("C-44", "refuses")
@pytest.mark.control("A-16", "refuses")
async def test_no_order_leaves_after_the_kill_is_journaled() -> None:
    room = await Room().opened()

    await room.tell(a_signal(**BUY), KILL)

    assert room.broker.orders == []


# What comes back.


async def test_a_lost_reply_is_a_doubt_and_nothing_is_sent_again() -> None:
    room = await Room().opened()
    room.broker.trouble = Unavailable("the line went dead")

    await room.tell(a_signal(**BUY))

    assert room.written[-1] == OrderInDoubt(START_NS, ORDER, "the line went dead")
    assert len(room.broker.orders) == 1
    assert room.desk.state.orders[ORDER].certainty is Certainty.IN_DOUBT


async def test_what_was_decided_together_with_a_doubt_stays_in() -> None:
    """The second order of the same side would add to what nobody knows."""
    room = await Room().opened()
    room.broker.trouble = Unavailable("the line went dead")

    await room.tell(a_signal(**BUY), a_signal(**BUY | {"strategy_name": "other"}))

    (refused,) = [r for r in room.written if isinstance(r, OrderRefused)]
    assert (refused.order_id, refused.code) == ("other/sig-1", "IN_DOUBT")
    assert len(room.broker.orders) == 1


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (TradingHeld(START_NS, "LEASE", "lost"), "TRADING_HELD"),
        (SymbolQuarantined(START_NS, "AAPL", "a difference"), "SYMBOL_QUARANTINED"),
    ],
)
@pytest.mark.parametrize("in_process", [True, False])
@pytest.mark.control("C-45", "refuses")
async def test_nothing_leaves_through_a_gate_that_shut_after_the_decision(
    fact: TradingHeld | SymbolQuarantined, code: str, *, in_process: bool
) -> None:
    room = await Room(in_process=in_process).opened()

    await room.tell(a_signal(**BUY), fact)

    (refused,) = [r for r in room.written if isinstance(r, OrderRefused)]
    assert refused.code == code
    assert room.broker.orders == []


async def test_other_symbols_leave_while_one_is_quarantined() -> None:
    room = await Room().opened()

    await room.tell(a_signal(**BUY), SymbolQuarantined(START_NS, "MSFT", "a difference"))

    assert len(room.broker.orders) == 1


async def test_a_refusal_is_final() -> None:
    room = await Room().opened()
    room.broker.trouble = BrokerRefused("201", "margin")

    await room.tell(a_signal(**BUY))

    assert room.written[-1] == OrderRefused(START_NS, ORDER, "201", "margin")
    assert len(room.broker.orders) == 1
    assert room.desk.state.orders == {}


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Unavailable("no answer"), "no answer"),
        (BrokerRefused("161", "not cancellable"), "161: not cancellable"),
    ],
    ids=["unavailable", "refused"],
)
async def test_a_cancel_that_fails_comes_back_as_a_fact(trouble: Exception, reason: str) -> None:
    room = await Room().opened()
    await room.tell(a_signal(**BUY))
    room.broker.trouble = trouble

    await room.tell(KILL)

    assert room.written[-1] == CancelFailed(START_NS, ORDER, reason)
    assert not room.desk.state.orders[ORDER].cancel_requested


async def test_a_cancel_that_is_not_taken_comes_back_as_a_fact() -> None:
    room = await Room().opened()
    await room.tell(a_signal(**BUY))
    room.broker.takes_cancels = False

    await room.tell(KILL)

    assert room.written[-1] == CancelFailed(START_NS, ORDER, "the order was not open")


async def test_an_order_that_ended_meanwhile_may_be_cancelled_in_vain() -> None:
    room = await Room().opened()
    await room.tell(a_signal(**BUY))
    room.broker.takes_cancels = False

    await room.tell(KILL, OrderCancelled(START_NS, ORDER))

    assert room.broker.cancels == [f"B:{ORDER}"]
    assert room.desk.state.orders == {}


async def test_the_public_order_reaches_the_broker() -> None:
    room = await Room().opened()

    await room.tell(a_signal(**BUY))

    (order,) = room.broker.orders
    assert (order.order_id, order.side, order.quantity) == (ORDER, OrderSide.BUY, Decimal(100))
    assert order.created_at == START
    assert order.metadata["route"] == "passive"


async def test_a_broker_that_takes_tickets_gets_the_desks_own() -> None:
    room = await Room(broker=TicketTaker).opened()

    await room.tell(a_signal(**BUY))

    broker = room.broker
    assert isinstance(broker, TicketTaker)
    assert [(ticket.order_id, at) for ticket, at in broker.tickets] == [(ORDER, START_NS)]
    assert broker.orders == []


async def test_a_confirmed_cancel_is_told_with_its_market() -> None:
    room = await Room().opened()
    await room.tell(a_signal(**BUY))

    await room.tell(OrderCancelled(START_NS, ORDER, "on request"))

    cancelled = room.written[-1]
    assert isinstance(cancelled, OrderCancelled)
    assert cancelled.market == room.feed.view("AAPL")


@pytest.mark.parametrize("order_id", ["nobody/1"])
async def test_a_cancel_of_a_stranger_is_told_as_it_came(order_id: str) -> None:
    room = await Room().opened()

    await room.tell(OrderCancelled(START_NS, order_id))

    assert room.written[-1] == OrderCancelled(START_NS, order_id)


async def test_a_cancel_that_brings_its_market_keeps_it() -> None:
    room = await Room().opened()
    await room.tell(a_signal(**BUY))
    market = room.feed.view("AAPL")
    room.tick(1, "151.99", "152.01")

    await room.tell(OrderCancelled(START_NS, ORDER, "", market))

    assert room.written[-1] == OrderCancelled(START_NS, ORDER, "", market)


# Signals.


async def test_a_signal_is_journaled_with_the_market_it_is_judged_by() -> None:
    room = await Room().opened()
    signal = a_signal(**BUY)

    await room.tell(signal)

    received = next(r for r in room.written if isinstance(r, SignalReceived))
    assert (received.at, received.signal.signal_id) == (START_NS, "sig-1")
    assert received.market == room.feed.view("AAPL")


async def test_the_market_carries_what_the_account_holds() -> None:
    room = await Room().opened()
    room.broker.fills_at = "150.01"
    await room.tell(a_signal(**BUY))

    view = room.engine.view("AAPL")

    assert (view.long_value, view.short_value) == (money(15_000), 0)
    assert (view.bid, view.adv) == (room.feed.view("AAPL").bid, shares(1_000_000))


async def test_a_signal_without_id_and_time_is_stamped() -> None:
    room = await Room().opened()

    await room.tell(a_signal(signal_id=None, timestamp=None, **BUY))

    received = next(r for r in room.written if isinstance(r, SignalReceived))
    assert received.signal.timestamp == START
    assert (received.signal.signal_id or "").startswith("sig-")
    assert len(room.broker.orders) == 1


@pytest.mark.parametrize("missing", [{"signal_id": None}, {"timestamp": None}], ids=str)
async def test_what_the_signal_brought_is_kept(missing: dict[str, None]) -> None:
    room = await Room().opened()

    await room.tell(a_signal(**(BUY | missing)))

    received = next(r for r in room.written if isinstance(r, SignalReceived))
    assert received.signal.signal_id == "sig-1" or "signal_id" in missing
    assert received.signal.timestamp == START


async def test_the_same_signals_are_stamped_alike_in_every_run() -> None:
    stamps = []
    for _ in range(2):
        room = await Room().opened()
        await room.tell(*(a_signal(signal_id=None, **BUY) for _ in range(3)))
        stamps.append([order.order_id for order in room.broker.orders])

    assert stamps[0] == stamps[1]
    assert len(set(stamps[0])) == 3


async def test_stamps_count_on_after_a_restart() -> None:
    first, later = await Room().opened(), await Room().opened()
    later.engine.continue_after(1_000)

    for room in (first, later):
        await room.tell(a_signal(signal_id=None, **BUY))

    assert first.broker.orders[0].order_id != later.broker.orders[0].order_id


# Timers, quotes, projections.


async def test_due_timers_wake_the_desk_and_are_journaled() -> None:
    room = await Room().opened()
    room.feed.set_adv("AAPL", 50_000)
    room.broker.fills_at = "150.01"
    await room.tell(a_signal(metadata={"quantity": 1_000}))
    room.tick(60)

    room.engine.fire_timers()
    await room.engine.settle()

    fired = next(r for r in room.written if isinstance(r, TimerFired))
    assert (fired.timer_id, fired.due) == (f"slice:{ORDER}", START_NS + 60 * 10**9)
    assert fired.at == fired.due
    assert [order.order_id for order in room.broker.orders] == [f"{ORDER}#1", f"{ORDER}#2"]


async def test_a_timer_that_is_not_due_sleeps_on() -> None:
    room = await Room().opened()
    room.feed.set_adv("AAPL", 50_000)
    await room.tell(a_signal(metadata={"quantity": 1_000}))
    room.tick(59)

    room.engine.fire_timers()
    await room.engine.settle()

    assert room.timers.next_due() == START_NS + 60 * 10**9
    assert len(room.broker.orders) == 1


async def test_a_watched_quote_wakes_the_desk() -> None:
    room = await Room().opened()
    room.feed.set_quote(a_quote(None, None))
    await room.tell(a_signal(metadata={"quantity": 100, "signal_price": None}))
    room.tick(1)

    watched = room.feed.take_watch("AAPL")
    room.engine.quote_came("AAPL")
    await room.engine.settle()

    assert watched
    seen = next(r for r in room.written if isinstance(r, QuoteSeen))
    assert seen.market == room.feed.view("AAPL")
    assert len(room.broker.orders) == 1
    assert len(room.timers) == 1  # of the order that rests now, no more of the one that waited


async def test_what_happened_reaches_the_recorder() -> None:
    room = await Room().opened()
    room.broker.fills_at = "150.01"

    await room.tell(a_signal(**BUY))
    await room.tell(KILL)

    assert [d.outcome for d in room.recorder.of_kind(Decision)] == ["ORDERED"]
    assert [a.code for a in room.recorder.of_kind(RaiseAlarm)] == ["KILL_SWITCH"]
    assert len(room.recorder.fills) == 1


async def test_an_order_and_its_cancel_touch_their_symbol() -> None:
    room = await Room().opened()
    await room.tell(a_signal(**BUY))
    placed = set(room.engine.touched)
    room.engine.touched.clear()

    await room.tell(KILL)

    assert placed == room.engine.touched == {"AAPL"}


async def test_an_empty_inbox_does_nothing() -> None:
    room = await Room().opened()

    await room.engine.settle()

    assert room.words == ["AccountOpened"]


# After a crash.


async def test_an_order_that_may_have_left_is_in_doubt_and_never_sent_again() -> None:
    room = await Room().opened()
    await room.tell(a_signal(**BUY))
    intents = [r for r in room.written if isinstance(r, PlaceOrder)]
    room.broker.orders.clear()

    await room.engine.resume(list(intents))

    doubt = room.written[-1]
    assert isinstance(doubt, OrderInDoubt)
    assert doubt.order_id == ORDER
    assert room.broker.orders == []


async def test_a_broker_in_this_process_gets_what_it_never_got() -> None:
    before = await Room(in_process=True, broker=TicketTaker).opened()
    await before.tell(a_signal(**BUY))  # the broker is silent, and dies with the process
    room = Room(in_process=True)
    found = recover(before.written, room.desk, room.engine.follow, room.engine.seen)

    await room.engine.resume(found.outstanding)

    assert [order.order_id for order in room.broker.orders] == [ORDER]


async def test_a_cancel_that_may_have_left_is_asked_again() -> None:
    room = await Room().opened()
    await room.tell(a_signal(**BUY))

    await room.engine.resume([CancelOrder(START_NS, ORDER, f"B:{ORDER}", "asked before")])

    assert room.broker.cancels == [f"B:{ORDER}"]


async def test_nothing_is_placed_at_a_restart_while_killed() -> None:
    room = await Room(in_process=True).opened()
    room.broker.trouble = Unavailable("it died")
    await room.tell(a_signal(**BUY), KILL)
    intents = [r for r in room.written if isinstance(r, PlaceOrder)]
    room.broker.trouble = None
    room.broker.orders.clear()

    await room.engine.resume(list(intents))

    assert room.broker.orders == []


@pytest.mark.control("C-47", "refuses")
async def test_a_journal_that_fails_stops_the_engine_before_it_acts() -> None:
    room = await Room().opened()
    room.journal.close()

    with pytest.raises(JournalError, match="closed"):
        await room.tell(a_signal(**BUY))

    assert room.broker.orders == []
