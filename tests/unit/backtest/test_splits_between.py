"""Splits between two recorded days: each takes effect once, also where the process died in between."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.events import SplitApplied
from fillpath.core.models import Position
from fillpath.data.files.corporate_actions import Split
from fillpath.data.journal import MemoryJournal
from tests.unit.backtest.tapes import DAY, SESSION, Run, a_tape
from tests.unit.backtest.test_replay import THREE_DAYS_LATER, rich, two_days
from tests.unit.execution.desk.scene import shares

TWO_SPLITS = pytest.mark.parametrize(
    "ratios", [pytest.param((7, 2), id="unlike"), pytest.param((2, 2), id="alike")]
)


def between(ratios: tuple[int, int]) -> dict[str, Any]:
    """Return a run that holds 100 shares through two splits on days that were not recorded."""
    held = Position(symbol="AAPL", quantity=Decimal(100), average_price=Decimal(140))
    splits = [Split("AAPL", DAY + timedelta(days=1 + n), new, 1) for n, new in enumerate(ratios)]
    return {
        "sessions": (SESSION, THREE_DAYS_LATER),
        "splits": tuple(splits),
        "simulation": rich(held),
    }


def assert_both_applied(run: Run, ratios: tuple[int, int]) -> None:
    (position,) = asyncio.run(run.replay.broker.get_positions())
    quantity = 100 * ratios[0] * ratios[1]
    assert run.replay.desk.state.book.by_strategy["", "AAPL"] == shares(quantity)
    assert position.quantity == quantity
    told = [record for record in run.journal.records() if isinstance(record, SplitApplied)]
    assert [split.new_shares for split in told] == list(ratios)
    assert told[-1].at == THREE_DAYS_LATER.open_at


@TWO_SPLITS
def test_two_splits_between_two_recorded_days_both_count(ratios: tuple[int, int]) -> None:
    run = Run([a_tape(two_days())], [], **between(ratios)).go()

    assert_both_applied(run, ratios)


@TWO_SPLITS
@pytest.mark.parametrize("durable", [0, 1, 2])
def test_a_restart_between_two_splits_applies_each_once(
    ratios: tuple[int, int], durable: int
) -> None:
    kept = MemoryJournal()
    Run([a_tape(two_days())], [], journal=kept, **between(ratios)).go()
    records = list(kept.records())
    first = next(n for n, record in enumerate(records) if isinstance(record, SplitApplied))
    cut = MemoryJournal()
    for record in records[: first + durable]:
        cut.append(record)
    cut.commit()

    again = Run([a_tape(two_days())], [], journal=cut, **between(ratios)).go()

    assert_both_applied(again, ratios)
