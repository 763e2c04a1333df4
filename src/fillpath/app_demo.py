"""The demo as a desk: the live engine on a recording that is played at a speed that one can watch.

Nothing of it is made for the demo but the clock: signals, limits, approvals, stops, journal and
tables are those of ``fillpath run``. What is shown is a recording, and the mode REPLAY says so.
"""

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace as changed

from fillpath import app_live
from fillpath.app_alerts import rules_of
from fillpath.app_beside import Beside, Say, free_port
from fillpath.app_parts import Begun, Job, Page, Venue
from fillpath.backtest.demo_inputs import (
    RECORDED_CASH,
    modelled_inputs,
    recorded_inputs,
    recorded_request,
)
from fillpath.backtest.happenings import Timed, fact_of
from fillpath.backtest.inputs import LoadedInputs
from fillpath.backtest.paced_market import PacedMarket
from fillpath.backtest.request import FillProfile
from fillpath.backtest.run import title_of
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError
from fillpath.core.events import Event, SplitApplied
from fillpath.core.models import Signal
from fillpath.core.units import iso, moment
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.monitoring.post import AlertPost
from fillpath.risk.limits import Autonomy
from fillpath.runtime.paced import PacedClock
from fillpath.service.account import AccountService
from fillpath.service.live import Live
from fillpath.service.outlets import FedOutlet
from fillpath.service.status import Part
from fillpath.settings import RISK_FILE, Settings, shown, shown_limits

ACCOUNT: Final = "DEMO"
MODE: Final = "REPLAY"
SPEED: Final = 60
PULSE_SECONDS: Final = 0.05
MILLISECOND: Final = 1_000_000
PATIENCE_SECONDS: Final = 180
"""Real seconds for which a question to a person stays open."""
RESUME_SECONDS: Final = 5
"""Real seconds between a kill and its clearing."""
MOST_MINUTES: Final = 1_440
SETTINGS_FILE: Final = "fillpath.yaml"
ALARMS: Final = "alarms.log"
STARTED: Final = """\
playing {recording.title} at {recording.speed} recorded seconds a second; Ctrl-C ends it
  other commands find it too: fillpath status --settings {recording.file}"""
ENDED: Final = "the recording has ended and its market is closed; the dashboard stays until Ctrl-C"


class DemoPlan(Struct, frozen=True, kw_only=True):
    """What is shown.

    Args:
        data: folder of recorded data; None models a path between real daily prices.
        seed: of the modelled path.
        speed: recorded seconds that pass in a real one.
        folder: where everything is kept; None makes a new one.
        port: of the dashboard; None takes the usual one, or a free one where that is taken.
        own_limits: whether the settings say what the limits are; else the demo has its own.
    """

    data: Path | None = None
    seed: int = 0
    speed: int = SPEED
    folder: Path | None = None
    port: int | None = None
    own_limits: bool = False


class Recording(Struct, frozen=True):
    """A recording that is ready to be played.

    Args:
        settings: of the engine.
        loaded: what is played.
        speed: how fast.
        port: of the dashboard; None takes the usual one, or a free one where that is taken.
    """

    settings: Settings
    loaded: LoadedInputs
    speed: int
    port: int | None = None

    @property
    def title(self) -> str:
        """Return what is played."""
        return title_of(self.loaded.inputs)

    @property
    def folder(self) -> Path:
        """Return where everything is kept."""
        return Path(self.settings.engine.folder)

    @property
    def file(self) -> Path:
        """Return the settings file, for every other command."""
        return self.folder / SETTINGS_FILE


def prepare(plan: DemoPlan, settings: Settings) -> Recording:
    """Read the recording, and write the settings that it is played under into its folder.

    Raises:
        ConfigError: the folder is in use already, or there is nothing to play.
    """
    folder = fresh(plan.folder)
    if plan.data is None:
        from fillpath.backtest.demo_desk import desk_signals  # noqa: PLC0415  # half the start
        from fillpath.backtest.demo_signals import DEMO_CASH  # noqa: PLC0415

        loaded, cash = modelled_inputs(plan.seed, desk_signals), DEMO_CASH
    else:
        loaded, cash = recorded_inputs(recorded_request(plan.data, plan.seed)), RECORDED_CASH
    if not loaded.inputs.sessions:
        raise ConfigError(f"{plan.data} holds no quote of a session of the exchange")
    return ready(loaded, demo_settings(settings, folder, cash, plan), plan)


def ready(loaded: LoadedInputs, settings: Settings, plan: DemoPlan) -> Recording:
    """Return a recording that can be played, and write its settings into its folder."""
    folder = Path(settings.engine.folder)
    (folder / SETTINGS_FILE).write_text(shown(settings), encoding="utf-8")
    (folder / RISK_FILE).write_text(shown_limits(settings), encoding="utf-8")
    return Recording(settings, loaded, plan.speed, plan.port)


def demo_settings(settings: Settings, folder: Path, cash: Decimal, plan: DemoPlan) -> Settings:
    """Return the settings of the demo: an account of its own, on a simulated broker.

    Args:
        settings: what else holds.
        folder: where everything is kept.
        cash: opening cash.
        plan: what is shown.
    """
    ours = _with(
        settings,
        broker={"provider": "simulated"},
        simulation={"profile": "quotes", "cash": cash},
        engine={
            "account": ACCOUNT,
            "accounts": "",
            "folder": str(folder.absolute()),
            "feed": "none",
            "symbols": "",
            "health_port": 0,
            "resume_delay_seconds": Decimal(RESUME_SECONDS * plan.speed),
        },
        redis={"url": "", "strategy_keys": "", "bridge": False},
        database={"url": "", "journal": "file"},
    )
    return ours if plan.own_limits else _with(ours, risk=_limits(ours, plan.speed))


def _limits(settings: Settings, speed: int) -> Mapping[str, Any]:
    """Return limits under which a person has something to decide now and then."""
    minutes = min(max(PATIENCE_SECONDS * speed // 60, 15), MOST_MINUTES)
    risk = settings.risk
    return {
        "max_position_pct": Decimal(8),
        "autonomy": risk.autonomy.model_copy(
            update={
                "mode": Autonomy.BOUNDED_AUTONOMOUS.value,
                "approval_minutes": Decimal(minutes),
                "bounded_notional_pct": Decimal("3.4"),
                "bounded_orders_per_day": 1_000,
            }
        ),
        "size": risk.size.model_copy(update={"max_quantity_other": Decimal(200_000)}),
    }


def _with(settings: Settings, **sections: Mapping[str, Any]) -> Settings:
    renewed = {
        name: getattr(settings, name).model_copy(update=dict(values))
        for name, values in sections.items()
    }
    return settings.model_copy(update=renewed)


def fresh(folder: Path | None) -> Path:
    """Return a folder that holds no account yet."""
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="fillpath-demo-"))
    if (folder / ACCOUNT).exists():
        raise ConfigError(f"{folder} holds a demo already; name another folder, or remove it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {folder}: {error.strerror}") from error
    return folder


class Player:
    """Plays a recording to the engine that is attached.

    Args:
        recording: what is played.
        ended: called once when the last session has closed.
    """

    def __init__(self, recording: Recording, ended: Callable[[], None] = lambda: None) -> None:
        self.recording = recording
        inputs = recording.loaded.inputs
        self.clock = PacedClock(inputs.sessions[0].open_at, recording.speed)
        self.feed = MemoryFeed()
        policy = recording.settings.simulation_policy(FillProfile.QUOTES)
        self.broker = SimulatedBroker(self.feed, self.clock, policy)
        self._market = PacedMarket(inputs, self.clock, self.feed)
        self._symbols = tuple(inputs.tapes)
        self._ended = ended
        self._live: Live | None = None

    def venue(self) -> Venue:
        """Return where the demo's account trades."""
        return Venue(
            broker=self.broker,
            market=self.feed,
            clock=self.clock,
            jobs=(self.run,),
            parts=self.parts,
            attach=self.attach,
            close=_nothing,
            hours=self._market.hours,
        )

    def attach(self, live: Live) -> None:
        """Play to this engine, between its turns."""
        self._live = live
        live.ahead = self.step

    def step(self) -> None:
        """Let happen what has happened by now."""
        live = self._live
        assert live is not None, "attached before it turns"
        before = self._market.ended
        due = live.timers.next_due()
        for news in self._market.step(due):
            fact = self._fact(news)
            live.engine.offer(fact)
            if isinstance(fact, SplitApplied):  # the desk hears it before what it cancels
                self.broker.apply_split(fact.symbol, fact.new_shares, fact.old_shares)
        if self._market.hurries(due):
            live.wake()
        if self._market.ended and not before:
            self._ended()

    def _fact(self, news: Event | Signal | Timed) -> Event | Signal:
        if isinstance(news, tuple):
            at, happening = news
            return fact_of(happening, self.broker, at)
        return news

    async def run(self) -> None:
        """Let a turn begin a few times each second, until cancelled."""
        while True:
            if self._live is not None:
                self._live.wake()
            await asyncio.sleep(PULSE_SECONDS)

    def parts(self) -> Sequence[Part]:
        """Return how the recording stands."""
        pace = "1 recorded second a second" if self.clock.speed == 1 else self._pace()
        how = "the recording has ended" if self._market.ended else pace
        detail = ". ".join((how, *self.recording.loaded.notes))
        newest = max((self.feed.view(name).quote_at or 0 for name in self._symbols), default=0)
        age = max(self.clock.nanoseconds() - newest, 0) // MILLISECOND
        return (
            Part(name="feed", kind="replay", healthy=True, age_ms=age),
            Part(name="recording", kind="replay", healthy=True, detail=detail),
        )

    def _pace(self) -> str:
        return f"{self.clock.speed} recorded seconds a second"


async def _nothing() -> None:
    """Let go of nothing: it all ends with the process."""


def build(
    player: Player, page: Page, beside: tuple[Job, ...] = (), post: AlertPost | None = None
) -> app_live.Built:
    """Return the live engine that plays a recording, and what must run beside it.

    Args:
        player: plays it.
        page: takes every alarm.
        beside: what else runs as long as the engine.
        post: keeps its alarms until they are acknowledged; None: nobody does.

    Raises:
        JournalError: the journal cannot be opened.
    """
    recording, venue = player.recording, player.venue()
    venue = changed(venue, jobs=(*venue.jobs, *beside))
    begun = Begun(recording.settings, venue, mode=MODE, post=post)
    built = app_live.build(recording.settings, page, begun=begun)
    for outlet in built.service.parts.outlets:
        if isinstance(outlet, FedOutlet):  # a second on its way is many recorded ones
            outlet.late_seconds *= recording.speed
    return built


async def show(recording: Recording, say: Say) -> None:
    """Play with the dashboard beside it until SIGTERM or SIGINT, which end both.

    Raises:
        FillpathError: the engine cannot start, or must not go on.
    """
    port = free_port() if recording.port is None else recording.port
    beside = Beside(recording.file, port, say)
    player = Player(recording, lambda: say(ENDED))
    post = post_of(player)

    def started(_: AccountService) -> None:
        post.begun()
        say(STARTED.format(recording=recording))

    try:
        built = build(player, post.page, (beside.run,), post)
        await app_live.run(built, started)
    finally:
        post.close()


def post_of(player: Player) -> AlertPost:
    """Return what keeps the alarms of a recording, by its own time, writing already."""
    recording = player.recording
    log, now = Alarms(recording.folder / ALARMS), player.clock.nanoseconds
    post = AlertPost(recording.folder, ACCOUNT, log, now, rules_of(recording.settings))
    post.open({})
    return post


class Alarms:
    """Keeps what would ring a person: the dashboard shows it, the terminal stays readable.

    Args:
        path: file that takes one line for each.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, alarm: RaiseAlarm) -> None:
        """Keep one."""
        line = f"{iso(moment(alarm.at))} {alarm.code}: {alarm.text} {alarm.order_id}"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line.strip()}\n")


__all__ = [
    "ACCOUNT",
    "MODE",
    "SPEED",
    "DemoPlan",
    "Player",
    "Recording",
    "build",
    "prepare",
    "ready",
    "show",
]
