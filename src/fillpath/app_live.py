"""The live engine put together: settings become journal, broker, bus, tables and feed of an account."""

# ruff: noqa: PLC0415  # what a set-up does not use is never imported

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from fillpath import __version__
from fillpath.app_alerts import telling
from fillpath.app_jobs import jobs_of
from fillpath.app_measuring import keeper_of, measuring_of
from fillpath.app_metrics import exposing, figures_of, timed
from fillpath.app_parts import (
    JOURNAL,
    STORE,
    Begun,
    Job,
    MakeBroker,
    Page,
    account_folder,
    account_name,
    broker_of,
    bus_of,
    feed_kind,
    feed_of,
    feeder_of,
    hours_of,
    mode_of,
    open_journal,
    outlets_of,
    store_of,
    store_url,
)
from fillpath.core.errors import ConfigError, Unavailable
from fillpath.core.ports import BrokerAdapter, Bus, Journal
from fillpath.core.units import NANOSECONDS
from fillpath.data.store.feeding import (
    StoreDestination,
    rebuild,
)
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.monitoring.figures import Figures
from fillpath.monitoring.lookout import Lookout
from fillpath.monitoring.post import AlertPost
from fillpath.runtime.person import person
from fillpath.runtime.steady import SteadyClock
from fillpath.service.account import AccountParts, AccountService
from fillpath.service.guards import fitted
from fillpath.service.hours import Hours
from fillpath.service.jobs import Jobs
from fillpath.service.latch import KillLatch, Latch
from fillpath.service.live import NOTHING_REAL, Live, LiveClock, LiveMarket, LiveParts
from fillpath.service.outlets import FedOutlet
from fillpath.service.status import Part
from fillpath.service.tables import LateStore, Tables
from fillpath.service.tally import Journaled, kept_nowhere
from fillpath.service.unheard import Unheard
from fillpath.service.words import WordFile
from fillpath.settings import Settings, policy_hash

TAKEN: Final = "taken"
HEALTH_SECONDS: Final = 5.0


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


def build(
    settings: Settings,
    page: Page,
    *,
    account: str = "",
    accepted: str = "",
    make_broker: MakeBroker = broker_of,
    begun: Begun | None = None,
) -> Built:
    """Return the live engine that the settings describe; nothing is opened but its journal.

    Args:
        settings: what to build.
        page: tells a person about an alarm.
        account: trades this account of several, and not the one that the settings name.
        accepted: why limits that are looser than before may hold with a real broker; empty when
            they may not.
        make_broker: returns the broker, which may also feed its own quotes.
        begun: what was opened before; None where nothing must be.

    Raises:
        ConfigError: a setting asks for what cannot be.
        JournalError: the journal cannot be opened, or another engine has it.
    """
    settings.check_start()
    name, folder = _place(settings, account)
    figures, said = _counted(settings, page)
    clock, feed, adapter, jobs = _market(settings, said, make_broker, begun)
    taken = WordFile(folder / TAKEN)
    bus, bridge = bus_of(settings, clock, name, taken.read(), said)
    journal = timed(open_journal(settings, name, folder), figures)
    log, journaled = _kept(begun, page, name, journal)
    policy = fitted(settings.desk_policy(), adapter, clock.nanoseconds(), said)
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
            hours=_hours(settings, begun),
            latch=KillLatch(folder, Path(settings.engine.folder)),
            page=said,
            log=log,
            journaled=journaled,
            measured=figures,
            accepted=accepted or ("" if settings.broker.provider == "ibkr" else NOTHING_REAL),
            operator=person(),
        )
    )
    if begun is not None and begun.venue is not None:
        begun.venue.attach(live)
    store = store_of(settings, folder)
    outlets = outlets_of(settings, live, bus, folder, tables := Tables(store, name))
    measuring = measuring_of(live, store, folder if settings.engine.record_quotes else None)
    watch = _Watch(live, bus, "redis" if settings.redis.url else "memory", store, measuring.parts)
    jobs_made = jobs_of(settings, folder, store, clock)
    beside = _beside(begun or Begun(settings), outlets, watch, taken.write, jobs_made)
    service = AccountService(live, _around(settings, bus, folder, beside))
    around = (watch.run, *_watching(settings, folder, service, said, figures), *measuring.jobs)
    return Built(service, bus, store, tables, (*jobs, *bridge, *around))


def _place(settings: Settings, account: str) -> tuple[str, Path]:
    """Return the account and its folder, which is there from now on."""
    name = account or account_name(settings)
    folder = account_folder(settings, name)
    make_folder(folder)
    return name, folder


def make_folder(folder: Path) -> None:
    """Make the folder of an account, unless it is there.

    Raises:
        ConfigError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"engine.folder must be a place where {folder} can be made: {error.strerror}"
        ) from error


def _counted(settings: Settings, page: Page) -> tuple[Figures | None, Page]:
    """Return what counts, where somebody reads it, and what tells people while it counts."""
    figures = figures_of(settings)
    return figures, page if figures is None else figures.counting(page)


def _watching(
    settings: Settings, folder: Path, service: AccountService, page: Page, figures: Figures | None
) -> tuple[Job, ...]:
    """Return what looks at parts and disk, and what answers scrapes."""
    now = service.live.parts.clock.nanoseconds
    lookout = Lookout(folder, lambda: service.status().parts, page, now)
    return lookout.run, *_hearing(settings, service.live), *exposing(settings, figures, service)


def _hearing(settings: Settings, live: Live) -> tuple[Job, ...]:
    """Return what holds trading while nobody hears of what is critical, where there are channels."""
    most = int(settings.alerts.hold_seconds * NANOSECONDS)
    if not most or not settings.alerts.channels:
        return ()
    return (Unheard(live, Path(settings.engine.folder), most).run,)


def _kept(
    begun: Begun | None, page: Page, account: str, journal: Journal
) -> tuple[Page, Journaled]:
    """Return who reads the alarms of the journal in the log, and who keeps them."""
    post = None if begun is None else begun.post
    if post is None:
        return page, kept_nowhere
    post.serve(account, journal.sequence)
    return post.log, post.journaled


def _market(
    settings: Settings, page: Page, make_broker: MakeBroker, begun: Begun | None
) -> tuple[LiveClock, LiveMarket, BrokerAdapter, tuple[Job, ...]]:
    """Return clock, quotes and broker, and what must run beside them."""
    venue = None if begun is None else begun.venue
    if venue is not None:
        return venue.clock, venue.market, venue.broker, venue.jobs
    clock = SteadyClock()
    feed, jobs = feed_of(settings, clock, page)
    return clock, feed, make_broker(settings, feed, clock), jobs


def _hours(settings: Settings, begun: Begun | None) -> Hours:
    venue = None if begun is None else begun.venue
    ours = None if venue is None else venue.hours
    return hours_of(settings) if ours is None else ours


def _parts(watch: "_Watch", begun: Begun | None) -> Callable[[], Sequence[Part]]:
    venue = None if begun is None else begun.venue
    return watch.parts if venue is None else lambda: (*watch.parts(), *venue.parts())


class Beside(Struct, frozen=True):
    """What stands around an account's engine."""

    outlets: tuple[FedOutlet, ...]
    parts: Callable[[], Sequence[Part]]
    remember: Callable[[str], None]
    jobs: Callable[[AccountService], Jobs]
    notice: str
    mode: str


def _beside(
    begun: Begun,
    outlets: tuple[FedOutlet, ...],
    watch: "_Watch",
    remember: Callable[[str], None],
    jobs: Callable[[AccountService], Jobs],
) -> Beside:
    return Beside(
        outlets=outlets,
        parts=_parts(watch, begun),
        remember=remember,
        jobs=jobs,
        notice=begun.notice,
        mode=begun.mode or mode_of(begun.settings),
    )


def _around(settings: Settings, bus: Bus, folder: Path, beside: Beside) -> AccountParts:
    from fillpath.data.bus.channels import signal_stream
    from fillpath.data.bus.keys import decoder

    stream = signal_stream(folder.name if settings.redis.per_account else "")
    return AccountParts(
        mode=beside.mode,
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
        page_program=settings.engine.page_program,
        feed=feed_kind(settings),
        notice=beside.notice,
        jobs=beside.jobs,
    )


class _Watch:
    """Asks bus and broker how they are, now and then, so that the status can say it at once."""

    def __init__(
        self, live: Live, bus: Bus, kind: str, store: Any, beside: Callable[[], Sequence[Part]]
    ) -> None:
        self._live = live
        self._bus = bus
        self._store = store
        self._parts: tuple[Part, ...] = (Part(name="bus", kind=kind, healthy=True),)
        self._beside = beside

    def parts(self) -> Sequence[Part]:
        """Return what was answered last, and how what measures is."""
        return (*self._parts, *self._beside())

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
    """Return what SIGTERM, SIGINT and the end of the terminal set from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as it is under nohup
        numbers.append(signal.SIGHUP)
    for number in numbers:
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
        with telling(alone, account, page) as post:
            built = build(
                alone,
                post.page,
                account=account,
                accepted=accepted,
                make_broker=make_broker,
                begun=Begun(alone, post=post),
            )
            running[account] = built.service.live
            try:
                await serve(built, ended, lambda: _began(post, account, tell))
            finally:
                del running[account]

    fleet = Fleet(fleet_accounts(settings), leases, run_one, tell)
    await fleet.run(stop)


def _began(post: AlertPost, account: str, tell: Callable[[str], None]) -> None:
    post.begun()
    tell(f"{account}: trading")


def fleet_accounts(settings: Settings) -> list[str]:
    """Return the accounts of the fleet; none where the engine runs one account alone."""
    names = [word.strip() for word in settings.engine.accounts.split(",") if word.strip()]
    if len(set(names)) != len(names):
        raise ConfigError(f"engine.accounts must name each account once, got {', '.join(names)}")
    return names


def changed_health(settings: Settings) -> Settings:
    """Return the settings of one account among several: only one of them could have the port."""
    engine = settings.engine.model_copy(update={"health_port": 0})
    metrics = settings.metrics.model_copy(update={"port": 0})
    return settings.model_copy(update={"engine": engine, "metrics": metrics})


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
        clock = SteadyClock()
        await rebuild(store, name, feeder_of(StoreDestination(store, name), journal, clock))
        await keeper_of(name, store, clock).catch_up()
        return journal.sequence
    finally:
        await store.close()
        journal.close()


__all__ = [
    "JOURNAL",
    "STORE",
    "Built",
    "MakeBroker",
    "Page",
    "account_folder",
    "account_name",
    "broker_of",
    "build",
    "changed_health",
    "fleet_accounts",
    "open_journal",
    "rebuild_tables",
    "run",
    "run_fleet",
    "serve",
    "store_url",
]
