"""The live engine exactly as ``fillpath run`` puts it together, with a venue for a broker.

    python -m tests.proc.engine SETTINGS VENUE_PORT

It says on standard output when it trades, and ends when its standard input does, so that nothing
is left over when a test dies.
"""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

from fillpath import app_live
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import FillpathError
from fillpath.core.ports import BrokerAdapter
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.runtime.steady import SteadyClock
from fillpath.service.account import AccountService
from fillpath.settings import Settings, load_settings
from tests.proc.venue_broker import VenueBroker

ORPHANED = 9


def end_with_the_test() -> None:
    """End at once when whoever started this is gone."""
    while os.read(sys.stdin.fileno(), 1):  # not buffered: a lock would be held at the exit
        pass
    os._exit(ORPHANED)


def page(alarm: RaiseAlarm) -> None:
    """Write an alarm down."""
    print(f"ALERT {alarm.code} {alarm.order_id}: {alarm.text}", file=sys.stderr, flush=True)


def trades(_service: AccountService) -> None:
    """Say that it trades, and since when."""
    print(f"TRADING {time.monotonic_ns()}", flush=True)


def tell(sentence: str) -> None:
    """Say what a fleet does."""
    if sentence.endswith(": trading"):
        print(f"TRADING {time.monotonic_ns()}", flush=True)
    print(sentence, file=sys.stderr, flush=True)


def main(settings: Path, port: int) -> int:
    """Run until told to stop; return the exit code of ``fillpath run``."""
    threading.Thread(target=end_with_the_test, daemon=True).start()

    def make_broker(_settings: Settings, feed: MemoryFeed, clock: SteadyClock) -> BrokerAdapter:
        return VenueBroker(port, feed, clock)

    try:
        chosen = load_settings(settings)
        if chosen.engine.accounts:
            asyncio.run(app_live.run_fleet(chosen, page, tell, make_broker))
        else:
            built = app_live.build(chosen, page, make_broker=make_broker)
            asyncio.run(app_live.run(built, trades))
    except FillpathError as error:
        print(f"fillpath: {error}", file=sys.stderr, flush=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
