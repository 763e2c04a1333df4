"""How long it takes until an engine with the shipped settings stands ready for its first signal."""

from __future__ import annotations

import asyncio

import fillpath
from fillpath.backtest.replay import Replay, ReplayInputs, ReplayPlan
from fillpath.data.journal.chained import MemoryJournal
from fillpath.reports.recorder import RunRecorder
from fillpath.settings import Settings


def main() -> None:
    """Read the settings, build the engine, open the account, and leave."""
    settings = Settings()
    plan = ReplayPlan(
        policy=settings.desk_policy(),
        simulation=settings.simulation_policy(),
        version=fillpath.__version__,
    )
    replay = Replay(ReplayInputs(tapes={}), plan, MemoryJournal(), RunRecorder())
    asyncio.run(replay.run())
    print(replay.account().cash)


if __name__ == "__main__":
    main()
