"""The live engine put together: settings become journal, broker, bus, tables and feed of an account."""

# ruff: noqa: PLC0415  # what a set-up does not use is never imported

import asyncio
import os
import random
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from fillpath import __version__
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError
from fillpath.core.ports import BrokerAdapter, Bus
from fillpath.core.units import NANOSECONDS
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.paper_stub import PaperStubBroker
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.runtime.steady import SteadyClock
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.service.account import AccountParts, AccountService
from fillpath.service.hours import AlwaysOpen, ExchangeHours, Hours
from fillpath.service.latch import KillLatch
from fillpath.service.live import Live, LiveParts
from fillpath.settings import Settings, policy_hash

ACCOUNTS: Final = {"simulated": "SIM", "paper_stub": "STUB"}
MODES: Final = {"simulated": "SIMULATED", "paper_stub": "STUB"}
JOURNAL: Final = "journal.fillpath"
STORE: Final = "store.sqlite"

Job = Callable[[], Coroutine[Any, Any, None]]
Page = Callable[[RaiseAlarm], None]
MakeBroker = Callable[[Settings, MemoryFeed, SteadyClock], BrokerAdapter]


class Built(Struct, frozen=True):
    """A live engine and what must run beside it.

    Args:
        service: the account.
        bus: to be started first and closed last.
        jobs: what runs beside it, such as a feed.
    """

    service: AccountService
    bus: Bus
    jobs: tuple[Job, ...]


def account_name(settings: Settings) -> str:
    """Return the name of the account that the settings trade."""
    broker = settings.broker
    name = settings.engine.account or ACCOUNTS.get(broker.provider, broker.ibkr.account_id)
    if not name:
        raise ConfigError("engine.account must name the account, got an empty text")
    return name


def account_folder(settings: Settings) -> Path:
    """Return where the account keeps its files."""
    return Path(settings.engine.folder) / account_name(settings)


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


def build(settings: Settings, page: Page, make_broker: MakeBroker = broker_of) -> Built:
    """Return the live engine that the settings describe; nothing is opened but its journal.

    Args:
        settings: what was chosen.
        page: tells a person about an alarm.
        make_broker: returns the broker, which may also feed its own quotes.

    Raises:
        ConfigError: a setting asks for what cannot be.
        JournalError: the journal cannot be opened, or another engine has it.
    """
    from fillpath.data.bus.messages import read_signal
    from fillpath.data.journal import FileJournal

    folder = account_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    clock = SteadyClock()
    feed = MemoryFeed()
    jobs = _feed_jobs(settings, feed, clock)
    broker = make_broker(settings, feed, clock)
    bus = _bus(settings, clock)
    live = Live(
        LiveParts(
            account=account_name(settings),
            policy=settings.desk_policy(),
            policy_hash=policy_hash(settings),
            version=__version__,
            journal=FileJournal(folder / JOURNAL),
            broker=broker,
            matching=broker if isinstance(broker, SimulatedBroker) else None,
            market=feed,
            clock=clock,
            hours=_hours(settings),
            latch=KillLatch(folder),
            page=page,
        )
    )
    service = AccountService(
        live,
        AccountParts(
            mode=MODES[settings.broker.provider],
            process_id=os.getpid(),
            folder=folder,
            bus=bus,
            decode=lambda delivery: read_signal(delivery).signal,
            health_port=settings.engine.health_port or None,
            resume_delay=int(settings.engine.resume_delay_seconds * NANOSECONDS),
        ),
    )
    return Built(service, bus, jobs)


def _hours(settings: Settings) -> Hours:
    hours = settings.engine.hours
    if hours == "auto":
        hours = "exchange" if settings.broker.provider == "ibkr" else "always"
    return ExchangeHours(ExchangeCalendar()) if hours == "exchange" else AlwaysOpen()


def _bus(settings: Settings, clock: SteadyClock) -> Bus:
    from fillpath.data.bus.memory import MemoryBus, MemoryHub

    if settings.redis.url:
        raise ConfigError("redis.url is not built yet")
    return MemoryBus(MemoryHub(clock))


def _feed_jobs(settings: Settings, feed: MemoryFeed, clock: SteadyClock) -> tuple[Job, ...]:
    kind = settings.engine.feed
    if kind == "auto":
        kind = "redis" if settings.redis.url else "modelled"
    if kind == "none":
        return ()
    if kind == "modelled":
        from fillpath.data.feeds.modelled import ModelledMarket

        symbols = [word.strip() for word in settings.engine.symbols.split(",") if word.strip()]
        market = ModelledMarket(feed, symbols, clock, random.Random(0))  # noqa: S311
        return (market.run,)
    raise ConfigError("engine.feed redis is not built yet")


async def run(built: Built, started: Callable[[AccountService], None]) -> None:
    """Serve until SIGTERM or SIGINT; SIGUSR1 makes the engine look at its kill latch at once.

    Raises:
        FillpathError: the engine cannot start, or must not go on.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, built.service.live.wake)
    await built.bus.start()
    try:
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(job()) for job in built.jobs]
            serving = group.create_task(built.service.serve(stop, lambda: started(built.service)))
            await serving
            for task in beside:
                task.cancel()
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        with suppress(Exception):
            await built.bus.close()
        built.service.live.parts.journal.close()
