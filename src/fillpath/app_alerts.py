"""Alerts put together: settings become the book, the channels, and what delivers to them."""

import asyncio
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import time
from pathlib import Path
from typing import Any, BinaryIO, Final

from msgspec import Struct

from fillpath.core.errors import ConfigError, FillpathError, JournalError, Unavailable
from fillpath.core.listings import AlertShown, Page, Wanted
from fillpath.core.units import NANOSECONDS, moment, nanoseconds
from fillpath.monitoring.alerts import Alert, Fact
from fillpath.monitoring.asking import ChannelState, Chosen
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.channels import ChannelFailed, read_channels
from fillpath.monitoring.channels import Wanted as WantedChannel
from fillpath.monitoring.delivery import LAST_WORD, Delivery
from fillpath.monitoring.kinds import Severity
from fillpath.monitoring.making import make_channel
from fillpath.monitoring.matters import tells_of
from fillpath.monitoring.messages import Message, plain
from fillpath.monitoring.post import AlertPost, Log
from fillpath.monitoring.postman import Postman, Route
from fillpath.monitoring.timing import QuietHours, Rules
from fillpath.runtime.steady import SteadyClock
from fillpath.service.control import ask
from fillpath.settings import Settings

DAY_NS: Final = 86_400 * NANOSECONDS
GONE: Final = "ENGINE_GONE"
DRAIN_SECONDS: Final = 5.0
LONGER_SECONDS: Final = 60.0
"""How long a process whose engine died goes on trying."""
LOOK_SECONDS: Final = 0.1


def rules_of(settings: Settings) -> Rules:
    """Return how alerts are gathered and repeated."""
    said = settings.alerts
    quiet = None
    if said.quiet_from:
        start, end = time.fromisoformat(said.quiet_from), time.fromisoformat(said.quiet_until)
        quiet = QuietHours(start, end, said.quiet_zone)
    repeats = {
        Severity.CRITICAL: int(said.repeat_critical_seconds * NANOSECONDS),
        Severity.WARNING: int(said.repeat_warning_seconds * NANOSECONDS),
        Severity.INFO: 0,
    }
    return Rules(
        together_ns=int(said.together_seconds * NANOSECONDS),
        repeat_ns=repeats,
        quiet=quiet,
        keep_ns=said.keep_days * DAY_NS,
    )


def wanted_of(settings: Settings) -> tuple[WantedChannel, ...]:
    """Return the channels of the settings.

    Raises:
        ConfigError: their file cannot be used.
    """
    path = settings.alerts.channels
    return read_channels(Path(path)) if path else ()


def routes_of(settings: Settings) -> list[Route]:
    """Return every channel, ready to send.

    Raises:
        ConfigError: the file cannot be used, or an address leads where it must not.
    """
    hosts = [word.strip() for word in settings.alerts.hosts.split(",") if word.strip()]
    routes = []
    for wanted in wanted_of(settings):
        try:
            channel = make_channel(wanted, hosts)
        except ConfigError as error:
            raise ConfigError(f"{settings.alerts.channels}: [{wanted.name}]: {error}") from None
        routes.append(Route(wanted.name, channel, wanted.least))
    return routes


def open_post(settings: Settings, account: str, log: Log) -> AlertPost:
    """Return what keeps the alarms of an account, writing already.

    Raises:
        ConfigError: a channel cannot be used.
    """
    names = {route.name: route.least for route in routes_of(settings)}
    clock = SteadyClock()
    folder = Path(settings.engine.folder)
    post = AlertPost(folder, account, log, clock.nanoseconds, rules_of(settings))
    post.open(names)
    return post


@contextmanager
def telling(settings: Settings, account: str, log: Log) -> Iterator[AlertPost]:
    """Keep the alarms of an account, and tell of an engine that does not start or has to stop.

    Raises:
        ConfigError: a channel cannot be used.
    """
    post = open_post(settings, account, log)
    try:
        yield post
    except FillpathError as error:
        post.note(_ended_by(error, post), str(error))
        raise
    finally:
        post.close()


def _ended_by(error: FillpathError, post: AlertPost) -> str:
    if not post.trades:
        return "START_REFUSED"
    return "JOURNAL_TROUBLE" if isinstance(error, JournalError) else "ENGINE_STOPPED"


def delivering(
    settings: Settings, path: Path | None, account: str
) -> AbstractContextManager[object]:
    """Return what keeps the delivering process alive while it is entered.

    Args:
        settings: as they hold.
        path: the file that they come from, for that process.
        account: whose engine it is.
    """
    if not settings.alerts.channels or not settings.alerts.deliver:
        return nullcontext()
    where = [] if path is None else ["--settings", str(path.absolute())]
    command = [sys.executable, "-m", "fillpath", "alerts", "deliver", "--beside", account, *where]
    return Delivery(command)


def deliver(settings: Settings, beside: str = "", told: BinaryIO | None = None) -> None:
    """Deliver until interrupted, or until the engine that this process belongs to is gone.

    Args:
        settings: as they hold.
        beside: account of the engine that this process belongs to; empty for a service of its own.
        told: input whose end says that the engine is gone.

    Raises:
        ConfigError: a channel cannot be used.
        Unavailable: the folder cannot be used.
    """
    clock = SteadyClock()
    folder, rules = Path(settings.engine.folder), rules_of(settings)
    postman = Postman(folder, routes_of(settings), rules, clock.nanoseconds)
    if told is not None:
        follower = _Follower(told, postman, AlertPlace(folder, beside, clock))
        threading.Thread(target=follower.run, daemon=True).start()
    postman.run()


class AlertPlace(Struct, frozen=True):
    """Where an engine's alerts are, and whose."""

    folder: Path
    account: str
    clock: SteadyClock


class _Follower:
    """Ends the postman some time after its engine."""

    def __init__(self, told: BinaryIO, postman: Postman, place: "AlertPlace") -> None:
        self._told = told
        self._postman = postman
        self._place = place

    def run(self) -> None:
        """Wait for the end of the engine, then for that of the messages."""
        clean = self._told.read().endswith(LAST_WORD)
        try:
            with AlertBook(self._place.folder) as book:
                if not clean:
                    text = "the process of the engine ended without a clean stop"
                    at = self._place.clock.nanoseconds()
                    book.take([Fact(account=self._place.account, at=at, code=GONE, text=text)])
                wait_until_told(book, DRAIN_SECONDS if clean else LONGER_SECONDS)
        except Unavailable:
            pass  # nothing can be read: the next process has it all
        finally:
            self._postman.end()


def wait_until_told(book: AlertBook, seconds: float) -> bool:
    """Wait until every channel was told of everything; return whether that was so in time."""
    pause = threading.Event()
    for _ in range(int(seconds / LOOK_SECONDS)):
        if not any(state.waiting for state in book.channels()):
            return True
        pause.wait(LOOK_SECONDS)
    return False


class Tested(Struct, frozen=True):
    """What became of a test of one channel."""

    name: str
    shown: str
    problem: str


def try_channels(settings: Settings, only: str = "") -> list[Tested]:
    """Send a real message to every channel and return what became of it.

    Args:
        settings: as they hold.
        only: name of the one channel to test; empty for all.

    Raises:
        ConfigError: there is no such channel, or one cannot be used.
    """
    wanted = {one.name: one for one in wanted_of(settings)}
    if only and only not in wanted:
        known = ", ".join(wanted) or "none: alerts.channels is empty"
        raise ConfigError(f"--channel must be one of {known}, got {only!r}")
    message = _test_message()
    return [
        Tested(route.name, wanted[route.name].shown, _tried(route, message))
        for route in routes_of(settings)
        if only in {"", route.name}
    ]


def _test_message() -> Message:
    now = SteadyClock().nanoseconds()
    text = "this is a test; nothing has happened"
    fact = Fact(account="test", at=now, code="ALERT_TEST", text=text)
    alert = Alert(
        number=0,
        alert_id=fact.event_id,
        account=fact.account,
        code=fact.code,
        severity=Severity.INFO,
        subject=fact.subject,
        text=text,
        order_id="",
        raised_at=now,
        last_at=now,
    )
    return Message((alert,), (1,), now)


def _tried(route: Route, message: Message) -> str:
    try:
        route.channel.send(message)
    except ChannelFailed as error:
        return str(error)
    return ""


class AlertDesk:
    """What people see of the alerts, and how they acknowledge them; for commands and for the page.

    Args:
        settings: as they hold.
    """

    def __init__(self, settings: Settings) -> None:
        self._folder = Path(settings.engine.folder)
        self._rules = rules_of(settings)

    async def listed(
        self, account: str = "", *, standing: bool = False, before: int = 0, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Return alerts as plain data, newest first (see ``AlertBook.listed``).

        Raises:
            Unavailable: the book cannot be read.
        """

        def read() -> list[dict[str, Any]]:
            with AlertBook(self._folder, self._rules) as book:
                found = book.listed(account, standing=standing, before=before, limit=limit)
                return [plain(alert) for alert in found]

        return await asyncio.to_thread(read)

    async def channels(self) -> list[ChannelState]:
        """Return how each channel is.

        Raises:
            Unavailable: the book cannot be read.
        """

        def read() -> list[ChannelState]:
            with AlertBook(self._folder, self._rules) as book:
                return book.channels()

        return await asyncio.to_thread(read)

    async def acknowledge(self, which: str, by: str, account: str = "") -> list[dict[str, Any]]:
        """Note that a person knows of an alert or of ``all``; the pager is answered with it.

        Returns:
            Those that nobody had acknowledged before.

        Raises:
            ConfigError: there is no such alert, or nobody is named.
            Unavailable: the book cannot be written.
        """
        now = SteadyClock().nanoseconds()

        def write() -> list[Alert]:
            with AlertBook(self._folder, self._rules) as book:
                return book.acknowledge(which, by, now, account)

        known = await asyncio.to_thread(write)
        for name in dict.fromkeys(alert.account for alert in known):
            await self._answer(name, [alert for alert in known if alert.account == name], by)
        return [plain(alert) for alert in known]

    async def answered(self, names: Sequence[str], by: str, account: str) -> None:
        """Note that a person has answered matters of the pager: their alerts are acknowledged too.

        Raises:
            Unavailable: the book cannot be used.
        """
        now = SteadyClock().nanoseconds()

        def write() -> None:
            with AlertBook(self._folder, self._rules) as book:
                for alert in book.listed(account, standing=True, limit=1_000):
                    if any(tells_of(alert, name) for name in names):
                        book.acknowledge(str(alert.number), by, now)

        await asyncio.to_thread(write)

    async def _answer(self, account: str, known: Sequence[Alert], by: str) -> None:
        """Answer what the pager of a running engine tells of the same things."""
        folder = self._folder / account
        try:
            asked: Mapping[str, Any] = await ask(folder, {"do": "unanswered"})
            for name in asked["waiting"]:
                if any(tells_of(alert, name) for alert in known):
                    await ask(folder, {"do": "answer", "name": name, "by": by})
        except (Unavailable, ConfigError):
            return  # no engine runs there, or it stands no more


class BookedAlerts:
    """The alerts of an account, as the dashboard asks for them.

    Args:
        settings: as they hold.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._desk = AlertDesk(settings)

    async def page(
        self, account: str, wanted: Wanted, *, unacknowledged: bool, limit: int, after: str
    ) -> Page[AlertShown]:
        """Return alerts, newest first.

        Raises:
            Unavailable: the book cannot be read.
        """
        chosen = Chosen(
            account=account,
            code=wanted.code or "",
            since=nanoseconds(wanted.since) if wanted.since else 0,
            until=nanoseconds(wanted.until) if wanted.until else 0,
            before=int(after) if after.isdecimal() else 0,
            standing=unacknowledged,
        )

        def read() -> list[Alert]:
            with AlertBook(Path(self._settings.engine.folder)) as book:
                return book.chosen(chosen, limit + 1)

        found = await asyncio.to_thread(read)
        rows = [_shown(alert) for alert in found[:limit]]
        return Page(rows, rows[-1].id if len(found) > limit else "")

    async def acknowledge(self, account: str, alert_id: str, by: str) -> bool:
        """Note that somebody knows; return False when there is no such alert.

        Raises:
            Unavailable: the book cannot be written.
        """
        try:
            await self._desk.acknowledge(alert_id, by, account)
        except ConfigError:
            return False
        return True


def _shown(alert: Alert) -> AlertShown:
    known = alert.acknowledged_at
    often = f" ({alert.count} times)" if alert.count > 1 else ""
    return AlertShown(
        id=str(alert.number),
        ts=moment(alert.raised_at),
        code=alert.code,
        severity=str(alert.severity),
        text=alert.text + often,
        order_id=alert.order_id,
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=moment(known) if known else None,
    )


__all__ = [
    "AlertDesk",
    "BookedAlerts",
    "Tested",
    "deliver",
    "delivering",
    "open_post",
    "routes_of",
    "rules_of",
    "telling",
    "try_channels",
    "wait_until_told",
    "wanted_of",
]
