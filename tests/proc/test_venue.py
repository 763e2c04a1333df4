"""The venue and its broker keep every promise of a broker, across a real socket."""

import asyncio
import tempfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.events import BrokerEvent, CommissionReported, OrderFilled
from fillpath.core.models import Quote
from fillpath.core.ports import BrokerAdapter
from fillpath.core.units import moment
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.runtime.steady import SteadyClock
from fillpath.testing import BrokerContract
from fillpath.testing.builders import an_order
from tests.proc.venue import Mischief, Venue
from tests.proc.venue_broker import VenueBroker
from tests.proc.wire import LIMIT


class Wired:
    """A venue in this process and a broker that is connected to it over a real socket."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        policy = SimulationPolicy(profile=FillProfile.QUOTES, displayed_size=True)
        self.venue = Venue(Path(self.folder.name), policy=policy)
        self.server: asyncio.Server | None = None
        self.running: asyncio.Task[None] | None = None
        self.feed = MemoryFeed()
        self.clock = SteadyClock()

    async def connect(self, broker: VenueBroker | None = None) -> VenueBroker:
        """Start the venue and return a connected broker."""
        self.server = await asyncio.start_server(self.venue.serve, "127.0.0.1", 0, limit=LIMIT)
        port = self.server.sockets[0].getsockname()[1]
        broker = broker or VenueBroker(port, self.feed, self.clock)
        broker._port = port  # noqa: SLF001  # it was made before the venue had one
        await broker.direct("ping")
        self.running = broker._running  # noqa: SLF001  # it connects by itself, and is hung up here
        return broker

    def quote(self, bid: str, ask: str, size: str = "100000") -> None:
        """Move the market of AAPL."""
        now = self.clock.now()
        sizes = Decimal(size)
        self.venue.feed.set_quote(Quote("AAPL", Decimal(bid), Decimal(ask), sizes, sizes, ts=now))

    async def close(self) -> None:
        """Hang up."""
        assert self.running is not None
        assert self.server is not None
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running
        while self.venue.lines:  # noqa: ASYNC110  # its connection ends in this loop
            await asyncio.sleep(0)
        self.server.close()
        await self.server.wait_closed()
        self.venue.close()
        self.folder.cleanup()


class TestVenue(BrokerContract):
    """The whole contract, with a wire in between."""

    wired: Wired

    def make_broker(self) -> BrokerAdapter:
        self.wired = Wired()
        return VenueBroker(0, self.wired.feed, self.wired.clock)

    async def open(self, broker: BrokerAdapter) -> None:
        assert isinstance(broker, VenueBroker)
        await self.wired.connect(broker)

    async def close(self, broker: BrokerAdapter) -> None:
        del broker
        await self.wired.close()

    async def settle(self, broker: BrokerAdapter) -> None:
        assert isinstance(broker, VenueBroker)
        await broker.direct("ping")

    async def move_market(
        self, broker: BrokerAdapter, bid: Decimal, ask: Decimal, size: Decimal
    ) -> None:
        del broker
        self.wired.quote(str(bid), str(ask), str(size))


@pytest.fixture
async def wired() -> Wired:
    """Return a venue that nobody is connected to yet."""
    return Wired()


async def test_an_answer_that_never_comes_is_an_unknown_outcome(wired: Wired) -> None:
    broker = await wired.connect(VenueBroker(0, wired.feed, wired.clock, answer_seconds=0.05))
    wired.quote("149.99", "150.01")
    wired.venue.mischief = Mischief(lose_answer=1.0)

    with pytest.raises(Unavailable, match="did not answer submit"):
        await broker.submit_order(an_order())

    wired.venue.mischief = Mischief()
    assert len(await broker.get_executions()) == 1
    await wired.close()


async def test_an_order_that_never_arrives_is_an_unknown_outcome_too(wired: Wired) -> None:
    broker = await wired.connect(VenueBroker(0, wired.feed, wired.clock, answer_seconds=0.05))
    wired.venue.mischief = Mischief(lose_call=1.0)

    with pytest.raises(Unavailable):
        await broker.submit_order(an_order())

    assert await broker.get_completed_orders() == []
    await wired.close()


async def test_news_may_come_twice(wired: Wired) -> None:
    heard: list[BrokerEvent] = []
    broker = await wired.connect()
    broker.subscribe(heard.append)
    wired.quote("149.99", "150.01")
    wired.venue.mischief = Mischief(repeat=1.0)

    await broker.submit_order(an_order())
    await broker.direct("ping")

    assert len(heard) == 4
    assert len({repr(event) for event in heard}) == 2
    await wired.close()


async def test_a_commission_may_come_after_its_fill(wired: Wired) -> None:
    heard: list[BrokerEvent] = []
    told = asyncio.Event()

    def hear(event: BrokerEvent) -> None:
        heard.append(event)
        if isinstance(event, CommissionReported):
            told.set()

    broker = await wired.connect()
    broker.subscribe(hear)
    wired.quote("149.99", "150.01")
    wired.venue.mischief = Mischief(late_fee=0.01)

    await broker.submit_order(an_order())
    await asyncio.wait_for(told.wait(), 10)

    fill, fee = heard[-2:]
    assert isinstance(fill, OrderFilled)
    assert isinstance(fee, CommissionReported)
    assert (fill.commission, fee.fill_id) == (0, fill.fill_id)
    assert fee.commission > 0
    await wired.close()


async def test_quotes_of_the_venue_reach_the_engine_with_its_own_time(wired: Wired) -> None:
    broker = await wired.connect()
    wired.quote("149.99", "150.01")
    await broker.direct("ping")

    view = wired.feed.view("AAPL")
    assert view.bid == 14_999_000_000
    assert view.adv
    assert moment(view.quote_at or 0) <= wired.clock.now()
    await wired.close()


async def test_where_no_venue_is_every_call_ends_soon(wired: Wired) -> None:
    broker = VenueBroker(1, wired.feed, wired.clock, answer_seconds=0.05)

    with pytest.raises(Unavailable):
        await broker.get_positions()

    assert not await broker.health_check()
    wired.venue.close()
    wired.folder.cleanup()
