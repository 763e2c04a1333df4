"""The profile realistic in a replay: what is skipped changes nothing, and a seed decides the rest."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillpath.core.commands import AmendOrder, CancelOrder, PlaceOrder, Ticket
from fillpath.core.destinations import AUCTIONS
from fillpath.core.events import OrderFilled
from fillpath.core.models import Fill, Signal
from fillpath.core.units import (
    NANOSECONDS,
    moment,
    price_decimal,
    quantity_decimal,
    quantity_units,
)
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.files.quotes import QuoteTape
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.simulating.policy import RealisticPolicy
from fillpath.runtime.clock import ManualClock
from tests.unit.backtest.tapes import OPEN, SESSION, Run, a_tape, a_wish, every_second

Call = tuple[int, Callable[[SimulatedBroker], Any]]


def policy(**knobs: Any) -> SimulationPolicy:
    return SimulationPolicy(
        profile=FillProfile.REALISTIC, cash=1_000_000, realistic=RealisticPolicy(**knobs)
    )


def asked(run: Run) -> list[Call]:
    """Return everything that the broker of a replay was asked for, with its moment."""
    calls: list[Call] = [
        (OPEN, lambda broker: broker.open_session(OPEN, SESSION.close_at)),
        (SESSION.close_at, lambda broker: broker.expire_day_orders()),
    ]
    for record in run.journal.records():
        match record:
            case PlaceOrder(at=now, ticket=ticket):
                calls.append((now, partial(_place, ticket=ticket)))
            case CancelOrder(at=now, broker_order_id=name):
                calls.append((now, partial(_cancel, name=name)))
            case AmendOrder(at=now, broker_order_id=name, quantity=quantity, stop=stop):
                level = None if stop is None else price_decimal(stop)
                shares = quantity_decimal(quantity)
                calls.append((now, partial(_amend, name=name, shares=shares, level=level)))
            case _:
                pass
    return sorted(calls, key=lambda call: call[0])


def _place(broker: SimulatedBroker, ticket: Ticket) -> None:
    broker.place_ticket(ticket, 0)


def _cancel(broker: SimulatedBroker, name: str) -> None:
    broker.cancel(name)


def _amend(broker: SimulatedBroker, name: str, shares: Decimal, level: Decimal | None) -> None:
    broker.amend(name, shares, level)


def quote_by_quote(
    tape: QuoteTape, calls: list[Call], simulation: SimulationPolicy, shares_a_day: int
) -> list[Fill]:
    """Ask another broker for the same, and show it every single quote."""
    feed, clock = MemoryFeed(), ManualClock(moment(OPEN))
    feed.set_adv(tape.symbol, shares_a_day)
    broker = SimulatedBroker(feed, clock, simulation)
    fills: list[Fill] = []
    broker.subscribe(
        lambda event: fills.append(event.fill) if isinstance(event, OrderFilled) else None
    )
    feed.subscribe(broker.on_market)

    def pass_to(now: int) -> None:
        while (due := broker.next_due()) is not None and due < now:
            clock.set(moment(due))
            broker.on_time()
        clock.set(moment(now))

    opening, rest = calls[:1], calls[1:]
    opening[0][1](broker)
    for row in range(len(tape)):
        now = int(tape.ts[row])
        while rest and rest[0][0] < now:
            pass_to(rest[0][0])
            broker.on_time()
            rest.pop(0)[1](broker)
        pass_to(now)
        feed.set_quote(tape.quote(row))
    for moment_of, call in rest:
        pass_to(moment_of)
        broker.on_time()
        call(broker)
    return fills


@st.composite
def tapes(draw: st.DrawFn) -> QuoteTape:
    """Draw a market that moves by cents, with sizes that come and go."""
    steps = draw(st.lists(st.integers(-3, 3), min_size=60, max_size=240))
    mid, rows = 15_000, []
    for second, step in enumerate(steps):
        mid += step
        spread = draw(st.integers(0, 3))
        rows.append((float(second), str(Decimal(mid) / 100), str(Decimal(mid + spread) / 100)))
    tape = a_tape(rows)
    for sizes in (tape.bid_size, tape.ask_size):
        drawn = draw(st.lists(st.integers(0, 40), min_size=len(rows), max_size=len(rows)))
        sizes[:] = np.array([quantity_units(Decimal(10 * size)) for size in drawn])
    return tape


@st.composite
def wishes(draw: st.DrawFn) -> list[Signal]:
    moments = draw(st.lists(st.integers(1, 50), min_size=1, max_size=8, unique=True))
    return [
        a_wish(
            second,
            draw(st.sampled_from(("LONG", "SHORT", "FLAT"))),
            strength=draw(st.sampled_from(("0.7", "0.95"))),
            metadata={"quantity": draw(st.integers(1, 400))},
        )
        for second in sorted(moments)
    ]


@settings(max_examples=60, deadline=None)
@given(
    tapes(),
    wishes(),
    st.sampled_from(
        ({}, {"traded_share_pct": 70}, {"latency_ms_max": 5_000}, {"refill_seconds": 0})
    ),
)
def test_quotes_that_are_passed_over_change_nothing(
    tape: QuoteTape, signals: list[Signal], knobs: dict[str, Any]
) -> None:
    simulation = policy(**knobs)
    run = Run([tape], signals, simulation=simulation, shares_a_day=400_000)

    run.go()

    assert run.recorder.fills == quote_by_quote(tape, asked(run), simulation, 400_000)


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    def fills(seed: int) -> list[Fill]:
        signals = [a_wish(10, strength="0.95", metadata={"quantity": 10})]
        run = Run([a_tape(every_second(60))], signals, simulation=policy(seed=seed)).go()
        return list(run.recorder.fills)

    first = fills(1)

    assert len(first) == 1
    assert first == fills(1) != fills(2)


def test_an_order_arrives_within_its_latency() -> None:
    signals = [a_wish(10, strength="0.95", metadata={"quantity": 10})]

    run = Run([a_tape(every_second(60))], signals, simulation=policy()).go()

    ((seconds, side, shares, _),) = run.fills
    assert 10.05 <= seconds <= 10.2501
    assert (side, shares) == ("BUY", "10")


def test_a_limited_share_of_the_volume_is_taken_minute_by_minute() -> None:
    signals = [a_wish(10, strength="0.95", metadata={"quantity": 50})]
    tape = a_tape(every_second(400))

    run = Run([tape], signals, shares_a_day=78_000, simulation=policy()).go()  # 200 a minute

    assert [shares for _, _, shares, _ in run.fills] == ["20", "20", "10"]
    assert [seconds // 60 for seconds, *_ in run.fills] == [0, 1, 2]


def test_a_run_that_is_continued_ends_with_the_same_position() -> None:
    signals = [a_wish(n, strength="0.95", metadata={"quantity": 10}) for n in (10, 20)]
    tape = a_tape(every_second(60))
    whole = Run([tape], signals, simulation=policy()).go()
    journal = MemoryJournal()
    Run([tape], signals[:1], simulation=policy(), journal=journal).go()

    again = Run([tape], signals, simulation=policy(), journal=journal).go()

    assert again.fills[0] == whole.fills[0]
    assert again.replay.account().cash <= 1_000_000


def test_an_order_at_the_close_trades_in_the_closing_auction() -> None:
    wish = a_wish(10, metadata={"quantity": 10, "destination": "at_close"})
    rows = [*every_second(60), (23_399.0, "150.10", "150.12")]

    run = Run(
        [a_tape(rows)],
        [wish],
        simulation=policy(),
        policy=DeskPolicy(destinations=AUCTIONS),
    ).go()

    ((seconds, _, shares, price),) = run.fills
    assert seconds == (SESSION.close_at - OPEN) / NANOSECONDS
    assert (shares, price) == ("10", "150.11")


@pytest.mark.parametrize("profile", [FillProfile.SPEC, FillProfile.QUOTES])
def test_other_profiles_put_no_arrivals_on_the_agenda(profile: FillProfile) -> None:
    signals = [a_wish(10, strength="0.95", metadata={"quantity": 10})]
    simulation = SimulationPolicy(profile=profile, cash=1_000_000)

    run = Run([a_tape(every_second(60))], signals, simulation=simulation).go()

    assert [seconds for seconds, *_ in run.fills] == [10.0]
