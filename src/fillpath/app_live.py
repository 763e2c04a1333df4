"""The live engine put together: settings become journal, broker, bus, tables and feed of an account."""

# ruff: noqa: PLC0415  # what a set-up does not use is never imported

import asyncio
import os
import random
import signal
import socket
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from fillpath import __version__
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError, Unavailable
from fillpath.core.ports import BrokerAdapter, Bus, Clock, Journal
from fillpath.core.rows import Projected
from fillpath.core.units import NANOSECONDS
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.store.feeding import (
    BusDestination,
    Destination,
    Feeder,
    FilePlace,
    StoreDestination,
    rebuild,
)
from fillpath.execution.broker.paper_stub import PaperStubBroker
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.projecting import Projector
from fillpath.runtime.person import person
from fillpath.runtime.steady import SteadyClock
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.service.account import AccountParts, AccountService
from fillpath.service.guards import fitted
from fillpath.service.hours import AlwaysOpen, ExchangeHours, Hours
from fillpath.service.latch import KillLatch, Latch
from fillpath.service.live import NOTHING_REAL, Live, LiveParts
from fillpath.service.outlets import FedOutlet
from fillpath.service.status import Part
from fillpath.service.tables import LateStore, Tables
from fillpath.service.words import WordFile
from fillpath.settings import Settings, policy_hash, without_password

ACCOUNTS: Final = {"simulated": "SIM", "paper_stub": "STUB"}
MODES: Final = {"simulated": "SIMULATED", "paper_stub": "STUB"}
JOURNAL: Final = "journal.fillpath"
STORE: Final = "store.sqlite"
PUBLISHED: Final = "published"
TAKEN: Final = "taken"
HEALTH_SECONDS: Final = 5.0
UPKEEP_SECONDS: Final = 86_400.0

Job = Callable[[], Coroutine[Any, Any, None]]
Page = Callable[[RaiseAlarm], None]
MakeBroker = Callable[[Settings, MemoryFeed, SteadyClock], BrokerAdapter]


class Built(Struct, frozen=True):
    """A live engine and what must run beside it.

    Args:
        service: the account.
        bus: to be started first and closed last.
        store: where the tables are; closed last.
        tables: the account's own; started first as far as they can be reached.
        jobs: what runs beside it, such as a feed.
    """

    service: AccountService
    bus: Bus
    store: Any
    tables: Tables
    jobs: tuple[Job, ...]


def account_name(settings: Settings) -> str:
    """Return the name of the account that the settings trade."""
    broker = settings.broker
    name = settings.engine.account or ACCOUNTS.get(broker.provider, broker.ibkr.account_id)
    if not name:
        raise ConfigError("engine.account must name the account, got an empty text")
    return name


def account_folder(settings: Settings, account: str = "") -> Path:
    """Return where the account keeps its files."""
    return Path(settings.engine.folder) / (account or account_name(settings))


def broker_of(settings: Settings, feed: MemoryFeed, clock: SteadyClock) -> BrokerAdapter:
    """Return the broker that the settings name.

    Raises:
        ConfigError: there is none of that name yet.
    """
    provider = settings.broker.provider
    if provider == "simulated":
        return SimulatedBroker(feed, clock, settings.simulation_policy())
    if provider == "paper_stub":
        return PaperStubBroker(feed, clock)
    raise ConfigError("broker.provider ibkr is not built yet; take simulated or paper_stub")


def store_url(settings: Settings, folder: Path) -> str:
    """Return the address of the tables."""
    return settings.database.url or f"sqlite:///{folder / STORE}"


def build(
    settings: Settings,
    page: Page,
    *,
    account: str = "",
    accepted: str = "",
    make_broker: MakeBroker = broker_of,
) -> Built:
    """Return the live engine that the settings describe; nothing is opened but its journal.

    Args:
        settings: what to build.
        page: tells a person about an alarm.
        account: trades this account of several, and not the one that the settings name.
        accepted: why limits that are looser than before may hold with a real broker; empty when
            they may not.
        make_broker: returns the broker, which may also feed its own quotes.

    Raises:
        ConfigError: a setting asks for what cannot be.
        JournalError: the journal cannot be opened, or another engine has it.
    """
    settings.check_start()
    name = account or account_name(settings)
    folder = account_folder(settings, name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = SteadyClock()
    feed, jobs = _feed(settings, clock, page)
    adapter = make_broker(settings, feed, clock)
    taken = WordFile(folder / TAKEN)
    bus, bridge = _bus(settings, clock, name, taken.read(), page)
    journal = open_journal(settings, name, folder)
    policy = fitted(settings.desk_policy(), adapter, clock.nanoseconds(), page)
    live = Live(
        LiveParts(
            account=name,
            policy=policy,
            policy_hash=policy_hash(policy),
            version=__version__,
            journal=journal,
            broker=adapter,
            matching=adapter if isinstance(adapter, SimulatedBroker) else None,
            market=feed,
            clock=clock,
            hours=_hours(settings),
            latch=KillLatch(folder, Path(settings.engine.folder)),
            page=page,
            accepted=accepted or ("" if settings.broker.provider == "ibkr" else NOTHING_REAL),
            operator=person(),
        )
    )
    store = _store(settings, folder)
    tables = Tables(store, name)
    outlets = _outlets(settings, live, bus, folder, tables)
    watch = _Watch(live, bus, "redis" if settings.redis.url else "memory", store)
    service = AccountService(
        live, _around(settings, bus, folder, Beside(outlets, watch.parts, taken.write))
    )
    return Built(service, bus, store, tables, (*jobs, *bridge, watch.run, _upkeep(store, clock)))


class Beside(Struct, frozen=True):
    """What stands around an account's engine."""

    outlets: tuple[FedOutlet, ...]
    parts: Callable[[], Sequence[Part]]
    remember: Callable[[str], None]


def _around(settings: Settings, bus: Bus, folder: Path, beside: Beside) -> AccountParts:
    from fillpath.data.bus.channels import signal_stream
    from fillpath.data.bus.keys import decoder

    stream = signal_stream(folder.name if settings.redis.per_account else "")
    return AccountParts(
        mode=MODES.get(settings.broker.provider, "PAPER"),
        process_id=os.getpid(),
        folder=folder,
        bus=bus,
        decode=decoder(stream, settings.redis.strategy_keys if settings.redis.url else ""),
        health_port=settings.engine.health_port or None,
        resume_delay=int(settings.engine.resume_delay_seconds * NANOSECONDS),
        remember=beside.remember,
        outlets=beside.outlets,
        parts=beside.parts,
        operators=settings.engine.operators,
    )


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


def _hours(settings: Settings) -> Hours:
    hours = settings.engine.hours
    if hours == "auto":
        hours = "exchange" if settings.broker.provider == "ibkr" else "always"
    return ExchangeHours(ExchangeCalendar()) if hours == "exchange" else AlwaysOpen()


def _bus(
    settings: Settings, clock: SteadyClock, account: str, taken: str, page: Page
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


def _teller(clock: SteadyClock, page: Page) -> Callable[[Any], None]:
    """Return what turns a word of the transport into an alarm."""
    return lambda notice: page(RaiseAlarm(clock.nanoseconds(), notice.code, notice.text))


def _feed(settings: Settings, clock: SteadyClock, page: Page) -> tuple[MemoryFeed, tuple[Job, ...]]:
    kind = settings.engine.feed
    if kind == "auto":
        kind = "redis" if settings.redis.url else "modelled"
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
    return feed, (market.run,)


def _outlets(
    settings: Settings, live: Live, bus: Bus, folder: Path, tables: Tables
) -> tuple[FedOutlet, ...]:
    """Return what is fed from the journal: the tables, and the bus where others listen."""
    from fillpath.data.bus.messages import outgoing

    account, journal, clock = live.parts.account, live.parts.journal, live.parts.clock

    async def publish(rows: Sequence[Projected]) -> None:
        told = [message for row in rows if (message := outgoing(account, row)) is not None]
        await bus.publish(told)

    kind = without_password(settings.database.url) or "sqlite"
    outlets = [FedOutlet("store", kind, _feeder(tables, journal, clock))]
    if settings.redis.url:
        place = FilePlace(folder / PUBLISHED)
        subscribers = BusDestination(publish, place)
        outlets.append(FedOutlet("publisher", "redis", _feeder(subscribers, journal, clock)))
    return tuple(outlets)


def _feeder(destination: Destination, journal: Journal, clock: Clock) -> Feeder:
    """Return what carries the journal to a destination."""
    return Feeder(
        destination,
        journal.tail,
        lambda: Projector(DeskPolicy()).take,
        clock,
        durable=lambda: journal.sequence,
    )


def _store(settings: Settings, folder: Path) -> Any:
    """Return the tables: an address is checked before the start, our own file comes behind it."""

    def made() -> Any:
        from fillpath.data.store.sql_store import SqlStore
        from fillpath.data.store.tiers import Retention

        database = settings.database
        retention = Retention(
            snapshots_days=database.keep_snapshots_days or None,
            quality_days=database.keep_quality_days or None,
        )
        return SqlStore(store_url(settings, folder), retention=retention)

    return made() if settings.database.url else LateStore(made)


def _upkeep(store: Any, clock: SteadyClock) -> Job:
    """Return what lets old rows go, once a day."""

    async def run() -> None:
        while True:
            await asyncio.sleep(UPKEEP_SECONDS)
            with suppress(Unavailable):
                await store.upkeep(clock.now())

    return run


class _Watch:
    """Asks bus and broker how they are, now and then, so that the status can say it at once."""

    def __init__(self, live: Live, bus: Bus, kind: str, store: Any) -> None:
        self._live = live
        self._bus = bus
        self._store = store
        self._parts: tuple[Part, ...] = (Part(name="bus", kind=kind, healthy=True),)

    def parts(self) -> Sequence[Part]:
        """Return what was answered last."""
        return self._parts

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            bus = await self._bus.health()
            broker = self._live.parts.broker
            healthy = await broker.health_check()
            self._parts = (
                Part(name="bus", kind=bus.kind, healthy=bus.reachable, detail=bus.detail),
                Part(name="broker", kind=type(broker).__name__, healthy=healthy),
                await self._tables(),
            )
            await asyncio.sleep(HEALTH_SECONDS)

    async def _tables(self) -> Part:
        try:
            return Part(name="tables", kind=await self._store.tier(), healthy=True)
        except Unavailable as error:
            return Part(name="tables", kind="unknown", healthy=False, detail=str(error))


async def run(built: Built, started: Callable[[AccountService], None]) -> None:
    """Serve until SIGTERM or SIGINT; SIGUSR1 kills, as ``fillpath kill`` does.

    Raises:
        FillpathError: the engine cannot start, or must not go on.
    """
    stop = _told_to_stop()
    _told_to_kill(lambda: [built.service.live])
    await serve(built, stop, lambda: started(built.service))


def _told_to_kill(running: Callable[[], Iterable[Live]]) -> None:
    """Let SIGUSR1 stop the trading of every account that runs here, whatever else is dead."""

    def kill() -> None:
        for live in running():
            now = live.parts.clock.nanoseconds()
            live.stop_trading(Latch("the signal SIGUSR1", "a signal", now))

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, kill)


def _told_to_stop() -> asyncio.Event:
    """Return what SIGTERM and SIGINT set from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def serve(built: Built, stop: asyncio.Event, opened: Callable[[], None]) -> None:
    """Start what the account stands on, serve it until ``stop``, and let go of everything.

    A bus or a database that is away does not keep the engine down: it manages what works, and takes
    signals when the bus is back.

    Raises:
        FillpathError: the engine cannot start, or must not go on.
    """
    try:
        late = isinstance(built.store, LateStore)
        for part in (built.bus,) if late else (built.bus, built.tables):
            with suppress(Unavailable):
                await part.start()
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(job()) for job in built.jobs]
            await group.create_task(built.service.serve(stop, opened))
            for task in beside:
                task.cancel()
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        for part in (built.bus, built.store):
            with suppress(Unavailable):
                await part.close()
        built.service.live.parts.journal.close()


async def run_fleet(
    settings: Settings,
    page: Page,
    tell: Callable[[str], None],
    make_broker: MakeBroker = broker_of,
    accepted: str = "",
) -> None:
    """Run the accounts whose leases this engine gets, until SIGTERM or SIGINT.

    Raises:
        ConfigError: the names of the accounts cannot be used.
    """
    from fillpath.data.leases.postgres import PostgresLeases
    from fillpath.service.fleet import Fleet

    stop = _told_to_stop()
    owner = f"{socket.gethostname()}:{os.getpid()}"
    seconds = float(settings.engine.lease_seconds)
    leases = PostgresLeases(settings.database.url, owner, seconds)

    running: dict[str, Live] = {}
    _told_to_kill(running.values)

    async def run_one(account: str, ended: asyncio.Event) -> None:
        alone = changed_health(settings)
        built = build(alone, page, account=account, accepted=accepted, make_broker=make_broker)
        running[account] = built.service.live
        try:
            await serve(built, ended, lambda: tell(f"{account}: trading"))
        finally:
            del running[account]

    fleet = Fleet(fleet_accounts(settings), leases, run_one, tell)
    await fleet.run(stop)


def fleet_accounts(settings: Settings) -> list[str]:
    """Return the accounts of the fleet; none where the engine runs one account alone."""
    names = [word.strip() for word in settings.engine.accounts.split(",") if word.strip()]
    if len(set(names)) != len(names):
        raise ConfigError(f"engine.accounts must name each account once, got {', '.join(names)}")
    return names


def changed_health(settings: Settings) -> Settings:
    """Return the settings of one account among several: only one of them could have the port."""
    engine = settings.engine.model_copy(update={"health_port": 0})
    return settings.model_copy(update={"engine": engine})


async def rebuild_tables(settings: Settings, account: str = "") -> int:
    """Make the tables of an account anew from its journal, and return the journal's records.

    Raises:
        JournalError: the journal cannot be opened, or an engine has it; stop that first.
        Unavailable: the database cannot be reached.
    """
    from fillpath.data.store.sql_store import SqlStore

    name = account or account_name(settings)
    folder = account_folder(settings, name)
    if not folder.is_dir():
        raise ConfigError(f"{folder} must be the folder of an account, and is not there")
    journal = open_journal(settings, name, folder)
    store = SqlStore(store_url(settings, folder))
    try:
        await store.start()
        await rebuild(store, name, _feeder(StoreDestination(store, name), journal, SteadyClock()))
        return journal.sequence
    finally:
        await store.close()
        journal.close()
