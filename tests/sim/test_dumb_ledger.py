"""An independent ledger, fed with the recording and the fills only, agrees with the engine."""

import asyncio
from collections import defaultdict
from decimal import Decimal

import numpy as np
import pytest

from fillpath.core.commands import Decision, OrderClosed
from fillpath.core.models import Fill, OrderSide, OrderType
from fillpath.core.units import (
    money_decimal,
    nanoseconds,
    price_units,
    quantity_decimal,
    quantity_units,
)
from tests.sim.recording import Ran, Scenario, a_scenario, run

SEEDS = range(8)


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def story(request: pytest.FixtureRequest) -> tuple[Scenario, Ran]:
    scenario = a_scenario(request.param, displayed_size=bool(request.param % 2))
    return scenario, run(scenario)


def _quote_at(scenario: Scenario, fill: Fill) -> tuple[int, int]:
    tape = scenario.inputs.tapes[fill.symbol]
    row = int(np.searchsorted(tape.ts, nanoseconds(fill.ts), side="right")) - 1
    return int(tape.bid[row]), int(tape.ask[row])


def test_every_fill_is_at_the_far_touch_of_its_moment(story: tuple[Scenario, Ran]) -> None:
    scenario, ran = story
    assert ran.recorder.fills
    for fill in ran.recorder.fills:
        bid, ask = _quote_at(scenario, fill)
        assert price_units(fill.price) == (ask if fill.side is OrderSide.BUY else bid)


def test_no_fill_is_beyond_its_limit(story: tuple[Scenario, Ran]) -> None:
    _, ran = story
    tickets = {o.ticket.order_id: o.ticket for o in ran.recorder.of_kind(OrderClosed)}
    for fill in ran.recorder.fills:
        ticket = tickets[fill.order_id]
        if ticket.order_type is OrderType.LIMIT and ticket.limit is not None:
            beyond = (price_units(fill.price) - ticket.limit) * fill.side.sign
            assert beyond <= 0


def test_cash_and_positions_add_up_exactly(story: tuple[Scenario, Ran]) -> None:
    _, ran = story
    cash = Decimal(1_000_000)
    held: dict[str, Decimal] = defaultdict(Decimal)
    for fill in ran.recorder.fills:
        cash -= fill.side.sign * fill.quantity * fill.price + fill.commission
        held[fill.symbol] += fill.side.sign * fill.quantity
    book = ran.replay.desk.state.book

    assert money_decimal(book.cash) == cash
    assert {s: quantity_decimal(h.quantity) for s, h in book.holdings.items()} == {
        symbol: quantity for symbol, quantity in held.items() if quantity
    }


def test_the_broker_holds_what_the_desk_believes(story: tuple[Scenario, Ran]) -> None:
    _, ran = story
    book = ran.replay.desk.state.book

    portfolio = asyncio.run(ran.replay.broker.get_portfolio())

    assert portfolio.cash == money_decimal(book.cash)
    assert {p.symbol: p.quantity for p in portfolio.positions} == {
        symbol: quantity_decimal(h.quantity) for symbol, h in book.holdings.items()
    }


def test_nothing_is_reserved_once_nothing_works(story: tuple[Scenario, Ran]) -> None:
    _, ran = story
    state = ran.replay.desk.state

    assert not state.orders
    assert not state.parents
    assert not state.held
    assert (state.book.reserved, state.book.buying, state.book.selling) == (0, {}, {})


def test_slices_never_exceed_their_parent(story: tuple[Scenario, Ran]) -> None:
    _, ran = story
    ordered = {
        d.order_id: d.quantity
        for d in ran.recorder.of_kind(Decision)
        if d.stage == "SIGNAL" and d.outcome in {"ORDERED", "REDUCED"}
    }
    filled: dict[str, int] = defaultdict(int)
    for fill in ran.recorder.fills:
        filled[fill.parent_order_id or fill.order_id] += quantity_units(fill.quantity)

    assert all(filled[name] <= ordered[name] for name in filled)


def test_slices_start_on_their_grid(story: tuple[Scenario, Ran]) -> None:
    _, ran = story
    minute = 60 * 10**9
    first: dict[str, int] = {}
    for order in sorted(ran.recorder.of_kind(OrderClosed), key=lambda o: o.sent_at):
        ticket = order.ticket
        if not ticket.slice_number:
            continue
        start = first.setdefault(
            ticket.parent_id, order.sent_at - (ticket.slice_number - 1) * minute
        )
        due = start + (ticket.slice_number - 1) * minute
        assert due <= order.sent_at < due + minute
