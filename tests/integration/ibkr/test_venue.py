"""The venue of Interactive Brokers: what is put together, and what it says of itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from fillpath.app_ibkr_venue import Followed, open_venue, symbols_of
from fillpath.app_parts import Venue
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.data.feeds.ibkr_feed import IBKRMarketFeed
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.ibkr_broker import IBKRBrokerAdapter
from fillpath.ibkr.line import Line
from fillpath.runtime.steady import SteadyClock
from fillpath.settings import Settings, load_settings
from fillpath.testing.ibkr_line import PAPER_ACCOUNT, ScriptedLine

IBKR: Final = {
    "SA_BROKER__PROVIDER": "ibkr",
    "SA_BROKER__IBKR__ACCOUNT_ID": PAPER_ACCOUNT,
    "SA_BROKER__IBKR__START_SECONDS": "8",
    "SA_ENGINE__SYMBOLS": "AAPL, MSFT",
}


class Gateway:
    """Scripted lines, one for each client id."""

    def __init__(self) -> None:
        self.lines: dict[int, ScriptedLine] = {}
        self.told: list[RaiseAlarm] = []
        self.failing = ""
        self.accounts: tuple[str, ...] = (PAPER_ACCOUNT,)

    def line(self, _settings: Settings, client_id: int) -> Line:
        """Make the line of a client id."""
        line = self.lines[client_id] = ScriptedLine(SteadyClock(), self.accounts)
        line.failing = self.failing
        return line

    @asynccontextmanager
    async def venue(self, folder: Path, **variables: str) -> AsyncIterator[Venue]:
        """Yield what is put together, and let go of it."""
        mine = {"SA_ENGINE__FOLDER": str(folder)}
        settings = load_settings(None, IBKR | mine | variables)
        venue = await open_venue(settings, SteadyClock(), self.told.append, self.line)
        try:
            yield venue
        finally:
            await venue.close()


def said(venue: Venue) -> dict[str, bool]:
    """Return which parts are well."""
    return {part.name: part.healthy for part in venue.parts()}


async def test_broker_data_and_feed_have_a_client_id_each(tmp_path: Path) -> None:
    gateway = Gateway()

    async with gateway.venue(tmp_path) as venue:
        assert isinstance(venue.broker, IBKRBrokerAdapter)
        assert isinstance(venue.market, IBKRMarketFeed)
        assert await venue.broker.health_check()
        assert said(venue) == {"gateway": True, "data": False, "quotes": False}

    assert sorted(gateway.lines) == [1, 2, 3]
    assert gateway.lines[1].connections == 1


async def test_what_is_said_of_a_part_that_is_down_says_why(tmp_path: Path) -> None:
    gateway = Gateway()

    async with gateway.venue(tmp_path) as venue:
        gateway.lines[1].drop("the cable")
        (broken, *_) = venue.parts()

    assert not broken.healthy
    assert "the cable" in broken.detail


async def test_without_a_feed_nothing_says_that_quotes_are_missing(tmp_path: Path) -> None:
    gateway = Gateway()

    async with gateway.venue(tmp_path, SA_ENGINE__FEED="none") as venue:
        assert set(said(venue)) == {"gateway", "data"}
        assert not isinstance(venue.market, IBKRMarketFeed)

    assert sorted(gateway.lines) == [1, 2]


async def test_where_others_listen_quotes_are_published(tmp_path: Path) -> None:
    gateway = Gateway()
    keys = {"SA_REDIS__STRATEGY_KEYS": str(tmp_path)}

    async with gateway.venue(tmp_path, SA_REDIS__URL="redis://127.0.0.1:1/0", **keys) as venue:
        with_publisher = len(venue.jobs)
    async with gateway.venue(tmp_path) as venue:
        assert len(venue.jobs) == with_publisher - 1


@pytest.mark.fault("F-57")
async def test_a_gateway_that_is_away_leaves_nothing_running(tmp_path: Path) -> None:
    gateway = Gateway()
    gateway.failing = "nobody answers"

    with pytest.raises(Unavailable, match="nobody answers"):
        async with gateway.venue(tmp_path, SA_BROKER__IBKR__START_SECONDS="5"):
            pass

    assert not any(line.connected for line in gateway.lines.values())


@pytest.mark.fault("F-58")
async def test_a_login_with_a_live_account_is_refused_on_paper(tmp_path: Path) -> None:
    gateway = Gateway()
    gateway.accounts = (PAPER_ACCOUNT, "U1")

    with pytest.raises(BrokerRefused) as refused:
        async with gateway.venue(tmp_path):
            pass

    assert refused.value.code == "WRONG_MODE"


def test_where_another_feed_brings_the_quotes_the_settings_say_what_to_look_up() -> None:
    feed = MemoryFeed()
    followed = Followed(feed, symbols_of(load_settings(None, IBKR)))

    followed.set_adv("AAPL", Decimal(5))
    followed.restrict({"AAPL"})

    assert set(followed.followed) == {"AAPL", "MSFT"}
    assert feed.view("AAPL").adv == 5_000_000
