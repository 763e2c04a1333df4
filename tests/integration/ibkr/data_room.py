"""A feed and a data adapter on real sockets to the fake gateway, and the engine that they serve."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fillpath.core.markets import TradingStatusSeen
from fillpath.data.feeds.ibkr_feed import FeedPolicy, IBKRMarketFeed
from fillpath.data.ibkr_account import AccountPolicy, IBKRAccountReports
from fillpath.data.ibkr_data import DataPolicy, IBKRDataAdapter
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.session import Session
from fillpath.runtime.clock import SystemClock
from fillpath.runtime.steady import SteadyClock
from fillpath.testing.gateway import Gateway, GatewayBar
from tests.unit.data.ibkr.quiet_connection import Listener, Told

PATIENCE = 20.0
DATA_ID, FEED_ID = 2, 3


class Room:
    """What stands around one gateway.

    Args:
        gateway: listens.
        folder: keeps bars.
    """

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self.gateway = gateway
        self.clock = SteadyClock()
        self.told = Told()
        self.engine = Listener([], set())
        self.feed_line = self._connection(FEED_ID)
        self.data_line = self._connection(DATA_ID)
        policy = FeedPolicy(look_seconds=0.05, farm_seconds=0.5, competing_seconds=0.2)
        self.feed = IBKRMarketFeed(self.feed_line, self.clock, policy, tell=self.told.hear)
        self.data = IBKRDataAdapter(
            self.data_line,
            self.clock,
            DataPolicy(folder=folder, look_seconds=0.05, retry_seconds=0.2),
            self.feed,
            tell=self.told.hear,
        )
        account = AccountPolicy(every_seconds=0.1, confirm_seconds=0.1, stale_seconds=3_600)
        self.account = IBKRAccountReports(self.data_line, self.clock, account, tell=self.told.hear)
        for part in (self.feed, self.data, self.account):
            part.attach(self.engine)

    def _connection(self, client_id: int) -> Connection:
        session = Session("127.0.0.1", self.gateway.port, client_id)
        policy = ConnectionPolicy(
            windows=(),
            client_id=client_id,
            first_wait_seconds=0.05,
            longest_wait_seconds=0.2,
            connect_seconds=5,
            answer_seconds=5,
        )
        return Connection(session, policy, self.clock)

    @property
    def sides(self) -> tuple[Decimal | None, Decimal | None] | None:
        """Return bid and ask of AAPL as the engine has them."""
        quote = self.feed.last_quote("AAPL")
        return None if quote is None else (quote.bid_price, quote.ask_price)

    @property
    def status(self) -> str:
        """Return what the engine was last told of AAPL."""
        told = [
            fact.status
            for fact in self.engine.facts
            if isinstance(fact, TradingStatusSeen) and fact.symbol == "AAPL"
        ]
        return told[-1] if told else ""

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110  # over sockets nothing else tells
                await asyncio.sleep(0.005)

    @asynccontextmanager
    async def running(self, *jobs: Callable[[], Any]) -> AsyncIterator[None]:
        """Run the feed, or these parts."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job()) for job in jobs or (self.feed.run,)]
            yield
            for task in tasks:
                task.cancel()


def daily(count: int = 25, **of_the_last: Any) -> list[GatewayBar]:
    """Return so many daily bars up to yesterday, the last of them changed."""
    now = SystemClock().now().astimezone(ZoneInfo("America/New_York"))
    today = now.replace(hour=9, minute=30, second=0, microsecond=0)
    fields: dict[str, Any] = {
        "open": Decimal(100),
        "high": Decimal(102),
        "low": Decimal(99),
        "close": Decimal(101),
        "volume": Decimal(1_000_000),
    }
    bars = [GatewayBar(at=today - timedelta(days=back), **fields) for back in range(count, 1, -1)]
    return [*bars, GatewayBar(at=today - timedelta(days=1), **(fields | of_the_last))]
