"""The watchdog exactly as ``fillpath watchdog`` puts it together, with a venue for a broker.

python -m tests.proc.watchdog SETTINGS VENUE_PORT
"""

import asyncio
import sys
import threading
from pathlib import Path

from fillpath import app_watchdog
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.runtime.steady import SteadyClock
from fillpath.service.watchdog import EmergencyBroker
from fillpath.settings import Settings, load_settings
from tests.proc.engine import end_with_the_test, page
from tests.proc.venue_broker import VenueBroker

FIRED = 3


class VenueEmergency:
    """Cancels everything at the venue, over a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def cancel_all(self) -> list[str]:
        """Cancel what works there."""
        venue = VenueBroker(self._port, MemoryFeed(), SteadyClock())
        working = [o for o in await venue.get_open_orders() if o.broker_order_id]
        async with asyncio.TaskGroup() as group:
            for order in working:
                group.create_task(venue.cancel_order(order.broker_order_id or ""))
        return [order.order_id for order in working]


def main(settings: Path, port: int) -> int:
    """Watch until the engine is silent; return the exit code of ``fillpath watchdog``."""
    threading.Thread(target=end_with_the_test, daemon=True).start()

    def make_broker(_settings: Settings, _page: object) -> EmergencyBroker:
        return VenueEmergency(port)

    print("WATCHING", flush=True)
    barked = asyncio.run(app_watchdog.run(load_settings(settings), page, make_broker=make_broker))
    return 0 if barked is None else FIRED


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
