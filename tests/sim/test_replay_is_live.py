"""Replaying the journal equals the live state, whatever was cut off in between."""

import pytest

from fillpath.core.commands import Decision, OrderClosed
from fillpath.core.errors import JournalDiverged
from fillpath.data.journal import MemoryJournal
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.execution.recovery import recover
from tests.sim.recording import POLICY, Ran, a_scenario, run

SEEDS = range(6)


def _outcome(ran: Ran) -> tuple[object, ...]:
    book = ran.replay.desk.state.book
    fills = [(f.fill_id, f.quantity, f.price, f.ts) for f in ran.recorder.fills]
    ends = [(o.ticket.order_id, o.status, o.filled) for o in ran.recorder.of_kind(OrderClosed)]
    return book.cash, book.holdings, fills, ends


@pytest.mark.parametrize("seed", SEEDS)
def test_the_journal_gives_back_the_very_state(seed: int) -> None:
    ran = run(a_scenario(seed))
    again = Desk(POLICY)

    recover(ran.journal.records(), again, lambda _command: None)

    assert again.fingerprint() == ran.replay.desk.fingerprint()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_input_gives_the_same_journal(seed: int) -> None:
    first = run(a_scenario(seed))
    second = run(a_scenario(seed))

    assert list(first.journal.records()) == list(second.journal.records())
    assert first.recorder.projections == second.recorder.projections


class _Cut(Exception):
    """The process dies."""


class _DyingJournal(MemoryJournal):
    """A journal whose process dies at the n-th turn; every turn before is durable."""

    def __init__(self, lives: int) -> None:
        super().__init__()
        self._lives = lives

    @property
    def pending(self) -> int:
        """Say that the group is full, so that every turn is made durable; then die."""
        self._lives -= 1
        if self._lives < 0:
            raise _Cut
        return 1 << 20


def _durable_content(journal: MemoryJournal) -> bytes:
    return bytes(journal.content)


@pytest.mark.parametrize("displayed_size", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_died_anywhere_ends_as_if_it_had_not(seed: int, *, displayed_size: bool) -> None:
    scenario = a_scenario(seed, displayed_size=displayed_size)
    whole = _outcome(run(scenario))

    deaths = 0
    for lives in range(0, 400, 23):
        dying = _DyingJournal(lives)
        try:
            run(scenario, dying)
        except _Cut:
            deaths += 1
            survivor = MemoryJournal(_durable_content(dying))
            resumed = run(scenario, survivor)
            assert _outcome(resumed) == whole, f"died after {lives} turns"
    assert deaths


def test_other_rules_refuse_the_journal() -> None:
    scenario = a_scenario(1)
    ran = run(scenario)
    wider = RouterPolicy(max_quote_age_seconds=30, limit_offset_pct="0.2")
    other = Desk(DeskPolicy(router=wider))

    with pytest.raises(JournalDiverged):
        recover(ran.journal.records(), other, lambda _command: None)


def test_every_signal_has_exactly_one_outcome() -> None:
    for seed in SEEDS:
        ran = run(a_scenario(seed))
        final = [
            (d.strategy_name, d.signal_id)
            for d in ran.recorder.of_kind(Decision)
            if d.stage == "SIGNAL" and d.outcome != "HELD"
        ]

        assert sorted(final) == sorted(set(final))
        assert len(final) == 60
