"""What measures an account's executions beside its engine: the tape, and the keeper of costs."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from fillpath.core.ports import Clock
from fillpath.service.costing import CostKeeper
from fillpath.service.live import Live
from fillpath.service.recording import QuoteRecorder
from fillpath.service.status import Part
from fillpath.service.taping import STALE_NS, Quoting, Tape, wanted_of


class Measuring(Struct, frozen=True):
    """What runs beside an engine, and how it is.

    Args:
        jobs: run until cancelled.
        parts: of the status, asked each time.
    """

    jobs: tuple[Callable[[], Coroutine[Any, Any, None]], ...]
    parts: Callable[[], Sequence[Part]]


def measuring_of(live: Live, store: Any, recorded: Path | None = None) -> Measuring:
    """Return what measures the executions of an account; a market without quotes has no tape.

    Args:
        live: its engine.
        store: its tables, open or not yet.
        recorded: the folder in which every quote is kept; None keeps what costs are measured by.
    """
    account, clock, market = live.parts.account, live.parts.clock, live.parts.market
    if not isinstance(market, Quoting):
        alone = keeper_of(account, store, clock)
        return Measuring((alone.run,), lambda: (alone.part(),))
    stale = max(STALE_NS, live.parts.policy.urgent_age_ns)
    tape = Tape(market, clock, store.save_quotes, stale)
    keeper = keeper_of(account, store, clock, lambda: tape.through)

    async def record() -> None:
        await tape.run(lambda: _wanted(live))

    if recorded is None:
        return Measuring((record, keeper.run), lambda: (tape.part(), keeper.part()))
    every = QuoteRecorder(market, clock, recorded)
    jobs = (record, keeper.run, every.run)
    return Measuring(jobs, lambda: (tape.part(), keeper.part(), every.part()))


def keeper_of(
    account: str, store: Any, clock: Clock, taped: Callable[[], int | None] = lambda: None
) -> CostKeeper:
    """Return the keeper of an account's costs; ``taped`` says how far the tape is stored."""

    def tables() -> Any:
        engine = store.engine
        from fillpath.data.store.costs import CostTables  # noqa: PLC0415  # loaded with the tables

        return CostTables(engine, account)

    return CostKeeper(tables, clock, taped)


def _wanted(live: Live) -> dict[str, int]:
    filled = reversed(live.tally.filled)
    return wanted_of(live.desk.state, filled, live.parts.clock.nanoseconds())


__all__ = ["Measuring", "keeper_of", "measuring_of"]
