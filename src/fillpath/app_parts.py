"""The parts of an account's engine, each as the settings want it; nothing is opened but the journal."""

# ruff: noqa: PLC0415  # what a set-up does not use is never imported

import random
import socket
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError
from fillpath.core.ports import BrokerAdapter, Bus, Clock, Journal
from fillpath.core.rows import Projected
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.store.feeding import BusDestination, Destination, Feeder, FilePlace
from fillpath.execution.broker.paper_stub import PaperStubBroker
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.projecting import Projector
from fillpath.monitoring.post import AlertPost
from fillpath.runtime.steady import SteadyClock
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.service.hours import AlwaysOpen, ExchangeHours, Hours
from fillpath.service.live import Live, LiveClock, LiveMarket
from fillpath.service.outlets import FedOutlet
from fillpath.service.status import Part
from fillpath.service.tables import LateStore, Tables
from fillpath.settings import Settings, without_password

STAND_IN: Final = "STUB"
ACCOUNTS: Final = {"simulated": "SIM", "paper_stub": STAND_IN}
MODES: Final = {"simulated": "SIMULATED", "paper_stub": "STUB"}
JOURNAL: Final = "journal.fillpath"
STORE: Final = "store.sqlite"
PUBLISHED: Final = "published"

Job = Callable[[], Coroutine[Any, Any, None]]
Page = Callable[[RaiseAlarm], None]
MakeBroker = Callable[[Settings, MemoryFeed, SteadyClock], BrokerAdapter]


class Venue(Struct, frozen=True, kw_only=True):
    """Where an account trades, opened before its engine is built.

    Args:
        broker: gets the orders.
        market: where quotes come from.
        clock: the one that both have stamped with until now.
        jobs: what runs beside them.
        parts: how they are, asked each time.
        attach: tells them which engine they serve.
        close: lets go of them.
        hours: when it is open; None leaves that to the settings.
    """

    broker: BrokerAdapter
    market: LiveMarket
    clock: LiveClock
    jobs: tuple[Job, ...]
    parts: Callable[[], Sequence[Part]]
    attach: Callable[[Live], None]
    close: Callable[[], Awaitable[None]]
    hours: Hours | None = None


class Begun(Struct, frozen=True):
    """What an engine is built for.

    Args:
        settings: as they hold from now on.
        venue: where it trades; None makes what the settings say.
        notice: what everybody who looks at the engine must know first.
        mode: what kind of trading it is, in one word; empty leaves that to the settings.
        post: keeps its alarms until they are acknowledged; None: the log alone has them.
    """

    settings: Settings
    venue: Venue | None = None
    notice: str = ""
    mode: str = ""
    post: AlertPost | None = None


def account_name(settings: Settings) -> str:
    """Return the name of the account that the settings trade."""
    broker = settings.broker
    name = settings.engine.account or ACCOUNTS.get(broker.provider, broker.ibkr.account_id)
    if not name:
        raise ConfigError("engine.account must name the account, got an empty text")
    return name


def mode_of(settings: Settings) -> str:
    """Return what kind of trading the settings ask for, in one word."""
    real = "LIVE" if settings.broker.real_money else "PAPER"
    return MODES.get(settings.broker.provider, real)


def account_folder(settings: Settings, account: str = "") -> Path:
    """Return where the account keeps its files."""
    return Path(settings.engine.folder) / (account or account_name(settings))


def broker_of(settings: Settings, feed: MemoryFeed, clock: SteadyClock) -> BrokerAdapter:
    """Return the broker that the settings name.

    Raises:
        ConfigError: it is outside this process, and must be connected first.
    """
    provider = settings.broker.provider
    if provider == "simulated":
        return SimulatedBroker(feed, clock, settings.simulation_policy())
    if provider == "paper_stub":
        return PaperStubBroker(feed, clock)
    raise ConfigError(f"broker.provider {provider} must be connected before the engine is built")


def store_url(settings: Settings, folder: Path) -> str:
    """Return the address of the tables."""
    return settings.database.url or f"sqlite:///{folder / STORE}"


def open_journal(settings: Settings, account: str, folder: Path) -> Journal:
    """Return the account's journal, on this machine or in the database.

    Raises:
        JournalError: it cannot be opened, or another engine has it.
    """
    if settings.database.journal == "database":
        from fillpath.data.journal.postgres import PostgresJournal

        fleet = bool(settings.engine.accounts)  # there, the lease says that the owner is gone
        return PostgresJournal(settings.database.url, account, take_over=fleet)
    from fillpath.data.journal import FileJournal

    return FileJournal(folder / JOURNAL)


def hours_of(settings: Settings) -> Hours:
    """Return when orders may leave."""
    hours = settings.engine.hours
    if hours == "auto":
        hours = "exchange" if settings.broker.provider == "ibkr" else "always"
    return ExchangeHours(ExchangeCalendar()) if hours == "exchange" else AlwaysOpen()


def bus_of(
    settings: Settings, clock: LiveClock, account: str, taken: str, page: Page
) -> tuple[Bus, tuple[Job, ...]]:
    """Return the bus, and what must run beside it."""
    if not settings.redis.url:
        from fillpath.data.bus.memory import MemoryBus, MemoryHub

        return MemoryBus(MemoryHub(clock)), ()
    from fillpath.data.bus.redis_bridge import RedisBridge
    from fillpath.data.bus.redis_streams import RedisBus, RedisPolicy

    policy = RedisPolicy(
        url=settings.redis.url,
        account=account if settings.redis.per_account else "",
        consumer=f"{socket.gethostname()}-{account}",
        resume_after=taken,
        bridged=settings.redis.bridge,
    )
    tell = _teller(clock, page)
    bridge = (RedisBridge(policy, tell).run,) if settings.redis.bridge else ()
    return RedisBus(policy, tell), bridge


def _teller(clock: LiveClock, page: Page) -> Callable[[Any], None]:
    """Return what turns a word of the transport into an alarm."""
    return lambda notice: page(RaiseAlarm(clock.nanoseconds(), notice.code, notice.text))


def feed_kind(settings: Settings) -> str:
    """Return where quotes come from, in the word of the settings."""
    if settings.engine.feed != "auto":
        return settings.engine.feed
    if settings.broker.provider == "ibkr":
        return "ibkr"
    return "redis" if settings.redis.url else "modelled"


def feed_of(
    settings: Settings, clock: SteadyClock, page: Page
) -> tuple[MemoryFeed, tuple[Job, ...]]:
    """Return where quotes come from, and what must run beside it.

    Raises:
        ConfigError: the feed of the settings has no source.
    """
    kind = feed_kind(settings)
    if kind == "redis":
        if not settings.redis.url:
            raise ConfigError("engine.feed must not be redis while redis.url is empty")
        from fillpath.data.feeds.redis_feed import RedisFeed

        redis_feed = RedisFeed(settings.redis.url, clock, tell=_teller(clock, page))
        return redis_feed, (redis_feed.run,)
    feed = MemoryFeed()
    if kind == "none":
        return feed, ()
    from fillpath.data.feeds.modelled import ModelledMarket

    symbols = [word.strip() for word in settings.engine.symbols.split(",") if word.strip()]
    market = ModelledMarket(feed, symbols, clock, random.Random(0))  # noqa: S311
    if not settings.redis.url:
        return feed, (market.run,)
    return feed, (market.run, _shared(feed, settings.redis.url, _teller(clock, page)))


def _shared(feed: MemoryFeed, url: str, tell: Callable[[Any], None]) -> Job:
    """Return what lets strategies see the quotes that the engine made up."""
    from fillpath.data.feeds.quote_publisher import QuotePublisher

    publisher = QuotePublisher(url, tell=tell)

    def offer(symbol: str) -> None:
        quote = feed.last_quote(symbol)
        if quote is not None:
            publisher.offer(quote)

    feed.subscribe(offer)
    return publisher.run


def outlets_of(
    settings: Settings, live: Live, bus: Bus, folder: Path, tables: Tables
) -> tuple[FedOutlet, ...]:
    """Return what is fed from the journal: the tables, and the bus where others listen."""
    from fillpath.data.bus.messages import outgoing

    account, journal, clock = live.parts.account, live.parts.journal, live.parts.clock

    async def publish(rows: Sequence[Projected]) -> None:
        told = [message for row in rows if (message := outgoing(account, row)) is not None]
        await bus.publish(told)

    kind = without_password(settings.database.url) or "sqlite"
    outlets = [FedOutlet("store", kind, feeder_of(tables, journal, clock))]
    if settings.redis.url:
        place = FilePlace(folder / PUBLISHED)
        subscribers = BusDestination(publish, place)
        outlets.append(FedOutlet("publisher", "redis", feeder_of(subscribers, journal, clock)))
    return tuple(outlets)


def feeder_of(destination: Destination, journal: Journal, clock: Clock) -> Feeder:
    """Return what carries the journal to a destination."""
    return Feeder(
        destination,
        journal.tail,
        lambda: Projector(DeskPolicy()).take,
        clock,
        durable=lambda: journal.sequence,
    )


def store_of(settings: Settings, folder: Path) -> Any:
    """Return the tables: an address is checked before the start, our own file comes behind it."""

    def made() -> Any:
        from fillpath.data.store.sql_store import SqlStore
        from fillpath.data.store.tiers import Retention

        database = settings.database
        retention = Retention(
            snapshots_days=database.keep_snapshots_days or None,
            quality_days=database.keep_quality_days or None,
            quotes_days=database.keep_quotes_days or None,
        )
        return SqlStore(store_url(settings, folder), retention=retention)

    return made() if settings.database.url else LateStore(made)
