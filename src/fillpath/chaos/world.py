"""The world around one engine account: it builds every process, kills it, and keeps what survives."""

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from fillpath.chaos.chance import Chance
from fillpath.chaos.comparing import BookChecks
from fillpath.chaos.cover import Cover
from fillpath.chaos.crashing import Crash, Fuse, Life, Sites, draw_fuse
from fillpath.chaos.disk import Disk, SimFile
from fillpath.chaos.faults import Swarm
from fillpath.chaos.link import Link
from fillpath.chaos.market import Market
from fillpath.chaos.relations import Relations
from fillpath.chaos.sending import Change, Leaving, SendChecks
from fillpath.chaos.stepping import StepChecks
from fillpath.chaos.subject import Process, SimLatch, live_of
from fillpath.chaos.tables import StoreLink, Tables
from fillpath.chaos.venue import Venue
from fillpath.chaos.violations import Violation
from fillpath.chaos.virtual_time import VirtualLoop
from fillpath.chaos.wire import BusLink, Stream
from fillpath.chaos.withdrawn import Withdrawn
from fillpath.chaos.witness import Step, Witness
from fillpath.chaos.workload import Producer
from fillpath.core.commands import RaiseAlarm
from fillpath.core.models import Order, Signal
from fillpath.core.units import NANOSECONDS
from fillpath.data.bus.messages import write_signal
from fillpath.data.codec import decode_group
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.journal import ChainedJournal
from fillpath.data.journal.frames import CURRENT
from fillpath.execution.policy import DeskPolicy
from fillpath.runtime.steady import SteadyClock
from fillpath.service.live import LiveParts

EPOCH_NS: Final = 1_772_461_800 * NANOSECONDS
"""2026-03-02 14:30 UTC, when virtual time is 0."""
SESSION: Final = 420.0
NIGHT: Final = 60.0
ACCOUNT: Final = "SIM"
KEPT_EVENTS: Final = 400
CLOSE_ENOUGH: Final = 5 * NANOSECONDS
KILLED_SECONDS: Final = 10.0
CANCEL_SECONDS: Final = 4
ALERT_SECONDS: Final = 5.0
SIGNAL_SECONDS: Final = 2.0
MEASURED: Final = frozenset({"LATENCY", "SLIPPAGE"})
"""Alarms that are dated by a fill and raised when its order ends."""
SETTLED_SECONDS: Final = 15.0
"""Seconds after healing or a start until which everything that was missed is asked for."""


class SimHours:
    """Sessions of the simulation: open for ``SESSION`` seconds, closed for ``NIGHT``.

    Args:
        days: how many.
        longer: seconds by which the last session is longer.
    """

    def __init__(self, days: int, longer: float) -> None:
        spans = [
            (day * (SESSION + NIGHT), day * (SESSION + NIGHT) + SESSION) for day in range(days)
        ]
        spans[-1] = (spans[-1][0], spans[-1][1] + longer)
        self._spans = [
            (EPOCH_NS + int(a * NANOSECONDS), EPOCH_NS + int(b * NANOSECONDS)) for a, b in spans
        ]

    def closes_at(self, at: int) -> int | None:
        """Return when the session that holds ``at`` ends."""
        return next((b for a, b in self._spans if a <= at < b), None)

    def closed_for(self, at: int) -> int:
        """Return nanoseconds since the last close, 0 while the market is open."""
        if self.closes_at(at) is not None:
            return 0
        return at - max((b for _, b in self._spans if b <= at), default=at)

    def next_change(self, at: int) -> int | None:
        """Return the next open or close after ``at``."""
        return next((m for span in self._spans for m in span if m > at), None)

    def day(self, at: int) -> int:
        """Return 0: these sessions have no number."""
        del at
        return 0


class Happening(Struct, frozen=True):
    """One line of the story that a failing run tells."""

    at: float
    text: str


class World:
    """Everything that outlives an engine process.

    Args:
        loop: virtual time.
        chance: of the run.
        swarm: which faults strike.
        hours: when the market is open.
        policy: the rules that an engine is started with.
    """

    def __init__(
        self, loop: VirtualLoop, chance: Chance, swarm: Swarm, hours: SimHours, policy: DeskPolicy
    ) -> None:
        self.loop = loop
        self.chance = chance
        self.swarm = swarm
        self.hours = hours
        self.market = Market(chance.of("market"), self.true_now)
        self.venue = Venue(self.market, chance, swarm, self.true_now)
        self.policy = policy.for_broker(self.venue.capabilities)
        self.disk = Disk(chance.of("disk"))
        self.stream = Stream()
        self.tables = Tables()
        self.feeds = chance.of("tables").random() < 0.4
        self.latch = SimLatch()
        self.producer = Producer(chance.of("workload"))
        self.sites = Sites()
        self.handing: Callable[[], None] = lambda: None
        self.fuses: tuple[Fuse, ...] = ()
        self.trading_seconds = 0
        self.asked: dict[str, int] = {}
        self.due: dict[tuple[str, str], float] = {}
        self.healed_at = 0.0
        self.sent: dict[bytes, tuple[str, str]] = {}
        self.story: deque[Happening] = deque(maxlen=KEPT_EVENTS)
        self.violation: Violation | None = None
        self.process: Process | None = None
        self.link: Link | None = None
        self.feed: MemoryFeed | None = None
        self.task: asyncio.Task[None] | None = None
        self.lives = 0
        self.crashes = 0
        self.resumes = 0
        self.skew = 0
        self.killed_at: float | None = None
        self.part_until: float | None = None
        self.steps = StepChecks(self.venue, self.report, lambda: self.resumes, self.true_now)
        self.witness = Witness(self.disk, self.policy, self.steps)
        self.steps.witness = self.witness
        self.steps.heard = self.heard
        self.steps.cover = Cover(self.witness, self.steps.expect)
        self.steps.ledger.moved = self.steps.cover.moved
        self.withdrawn = Withdrawn(self.witness, self.steps.expect)
        self.witness.followed = self._followed
        self.sends = SendChecks(self.witness, self.venue, self, self.report)
        self.relations = Relations(self.steps.expect, chance.of("relations"))
        self.witness.varied = self.relations.tightened
        self.books = BookChecks(self.steps.ledger, self.witness, self.steps.expect)
        self._written: tuple[str, ...] = ()

    @property
    def checks(self) -> Counter[int]:
        """Return how often each invariant was checked."""
        return self.steps.checks + self.sends.checks

    def true_now(self) -> int:
        """Return true nanoseconds UTC."""
        return EPOCH_NS + round(self.loop.time() * 1_000_000) * 1_000

    def wall(self) -> int:
        """Return what the machine's clock says, nanoseconds UTC."""
        return self.true_now() + self.skew

    def monotonic(self) -> int:
        """Return nanoseconds that only count up."""
        return round(self.loop.time() * 1_000_000) * 1_000

    def clock(self) -> int:
        """Return nanoseconds by the clock of the running process."""
        assert self.process is not None, "a process runs"
        return self.process.live.parts.clock.nanoseconds()

    def closed_for(self) -> int:
        """Return nanoseconds since the close by the clock of the running process."""
        return self.hours.closed_for(self.clock())

    def killed_for(self) -> float | None:
        """Return seconds since a person stopped trading."""
        return None if self.killed_at is None else self.loop.time() - self.killed_at

    def look_at_cancels(self) -> None:
        """Every cancel that was asked for goes out, also after a restart, and so does a kill."""
        process, link = self.process, self.link
        if process is None or link is None or not process.life.alive:
            return
        state = process.live.desk.state
        self.trading_seconds += process.life.phase == "trading"
        idle = self._is_idle(process)
        if min(self.trading_seconds, self.killed_for() or 0) > KILLED_SECONDS:
            self.steps.expect(34, state.killed, "the kill is not in force after 10 s")
        for name, order in state.orders.items():
            if not order.cancel_requested or not order.broker_order_id:
                self.asked.pop(name, None)
                continue
            since = self.asked[name] = self.asked.get(name, 0) + idle
            sent = order.broker_order_id in link.cancelled
            text = f"the cancel of {name} was not sent in {since} idle seconds"
            self.steps.expect(32, sent or since <= CANCEL_SECONDS, text)

    def look_at_cover(self) -> None:
        """Let a second pass for every position without a stop; a busy engine is given time."""
        process = self.process
        if process is None or not process.life.alive or process.life.phase != "trading":
            return
        self.steps.cover.second(idle=self._is_idle(process))

    def _is_idle(self, process: Process) -> bool:
        """Return whether the engine trades, and waits for no answer of the broker."""
        turning = process.live._turning  # noqa: SLF001  # an oracle may look behind the door
        return process.life.phase == "trading" and not turning

    def note(self, text: str) -> None:
        """Add a line to the story."""
        self.story.append(Happening(self.loop.time(), text))

    def report(self, number: int, text: str) -> None:
        """Take a violation; the run ends with the first one.

        Raises:
            Crash: always.
        """
        if self.violation is None:
            self.violation = Violation(number, text, self.loop.time())
            self.note(f"VIOLATION of invariant {number}: {text}")
        if self.process is not None:
            self.process.life.end()
        raise Crash(text)

    def begin(self) -> Process:
        """Build a new engine process on what the last one left behind."""
        self.lives += 1
        if abs(self.skew) > CLOSE_ENOUGH:
            self.skew = 0  # nobody starts an engine on a machine that is wrong by an hour
        self.asked.clear()
        self.trading_seconds = 0
        fuse = self._fuse()
        life = Life(self.lives, fuse, self.sites, self.loop.time, self._died)
        life.spared = self.swarm.healed
        self.note(f"process {self.lives} starts")
        clock = SteadyClock(self.wall, self.monotonic)
        self.link = Link(
            self.venue,
            life,
            self.chance,
            self.swarm,
            now=clock.nanoseconds,
            watch=self._leaving,
        )
        bus = BusLink(self.stream, life, self.chance, self.swarm, self._ended)
        bus.handing = self.handing
        self.feed = self._fresh_feed()
        journal = ChainedJournal(
            SimFile(self.disk, lambda *effect: self._passing(life, *effect), self._synced),
            name="the simulated disk",
        )
        live = live_of(
            LiveParts(
                account=ACCOUNT,
                policy=self.policy,
                policy_hash="simulated",
                version="simulated",
                journal=journal,
                broker=self.link,
                matching=None,
                market=self.feed,
                clock=clock,
                hours=self.hours,
                latch=self.latch,
                page=self._paged,
            )
        )
        store = StoreLink(self.tables, life, self.chance, self.swarm)
        self.process = Process(life, live, self.link, bus, store, feeds=self.feeds)
        return self.process

    def hash(self) -> str:
        """Return a hash of everything durable and everything that the venue did."""
        digest = hashlib.blake2b(self.witness.frames.sound, digest_size=16)
        digest.update(repr(self.venue.events).encode())
        digest.update(repr(sorted(self.sites.passed.items())).encode())
        return digest.hexdigest()

    def _fuse(self) -> Fuse:
        if self.fuses:
            planned = self.crashes < len(self.fuses)
            return self.fuses[self.crashes] if planned else Fuse()
        rng = self.chance.of("fuse")
        rate = self.swarm["crash"]
        if rate and self.swarm.strikes("crash_loop", rng):
            return Fuse(effects=rng.randrange(1, 30))
        return draw_fuse(rng, sorted(self.sites.passed), 1 / rate if rate else 0)

    def _died(self, life: Life, site: str) -> None:
        self.crashes += 1
        self.swarm.struck["crash"] += 1
        power = self.swarm.strikes("power_loss", self.chance.of("power"))
        self.note(f"process {life.number} dies at {site}{', the power too' if power else ''}")
        if power:
            self.disk.power_cut()
        if self.task is not None:
            self.loop.call_soon(self.task.cancel)

    def _fresh_feed(self) -> MemoryFeed:
        feed = MemoryFeed()
        for symbol, volume in self.market.volumes.items():
            if volume is not None:
                feed.set_adv(symbol, volume)
        return feed

    def send(self, signal: Signal, due: float) -> None:
        """Let a strategy put a signal on the bus."""
        payload = write_signal(signal)
        key = self.sent[payload] = (signal.strategy_name, signal.signal_id or "")
        if not self.steps.signals[key]:
            self.due.setdefault(key, due)
        self.stream.add(payload, due)

    def _ended(self, payload: bytes, how: str) -> None:
        """A message never comes again: the journal has its signal, or it was none."""
        key = self.sent.get(payload)
        if key is None:
            self.steps.expect(20, how == "put aside", f"{payload!r} was {how}")
        else:
            kept = how == "acknowledged" and self.steps.signals[key] > 0
            self.steps.expect(20, kept, f"{key} was {how}, the synced journal lacks it")

    def _paged(self, alarm: RaiseAlarm) -> None:
        """A person hears of an alarm; in a healed world nothing keeps the engine from telling it."""
        self.note(f"alarm {alarm.code}: {alarm.text} {alarm.order_id}")
        if self.swarm.healed and self.process is not None and alarm.code not in MEASURED:
            late = (self.clock() - alarm.at) / NANOSECONDS
            self.steps.expect(35, late <= ALERT_SECONDS, f"{alarm.code} is told {late:.1f} s late")

    def heard(self, key: tuple[str, str]) -> None:
        """A signal is in the journal; in a healed world it has not waited long."""
        sent = self.due.pop(key, None)
        process = self.process
        if sent is None or process is None or not self.swarm.healed:
            return
        if sent < max(self.healed_at, process.life.began) + SETTLED_SECONDS:
            return
        waited = self.loop.time() - sent
        text = f"{key} has waited for {waited:.1f} s"
        self.steps.expect(36, waited <= SIGNAL_SECONDS, text)

    def _leaving(self, order: Leaving) -> None:
        if isinstance(order, str):
            self.note(f"wire: cancel {order}")
        elif isinstance(order, Change):
            self.note(f"wire: change {order.broker_order_id} to {order.quantity}")
        else:
            self.note(f"wire: {order.side} {order.quantity} {order.symbol} {order.order_id}")
        self.sends(order)
        log = self.witness.orders.get(order.order_id) if isinstance(order, Order) else None
        if log is not None:
            self.withdrawn.leaving(log.ticket)
            self.steps.cover.leaving(log)
            self.steps.breaking.leaving(log.ticket.order_id, reduces=log.reduces)

    def _followed(self, step: Step) -> None:
        self.withdrawn.took(step)
        self.steps.cover.took(step)

    def _passing(self, life: Life, effect: str, when: str, content: bytes) -> None:
        if content and when == "before":
            self._written = _tags(content)
            self._disk_trouble(life)
        if effect in {"write", "sync"}:
            for tag in self._written:
                life.point(f"journal.{effect}[{tag}].{when}")
        else:
            life.point(f"journal.{effect}.{when}")

    def _disk_trouble(self, life: Life) -> None:
        rng = self.chance.of("disk.trouble")
        ready = life.alive and life.phase == "trading"
        self.disk.full = ready and self.swarm.strikes("disk_full", rng)
        self.disk.broken = ready and self.swarm.strikes("disk_failure", rng)

    def _synced(self) -> None:
        self.witness.look()
        process = self.process
        if process is not None and process.life.alive:
            timers = process.live.timers._live  # noqa: SLF001  # what will ring
            self.books(process.live.desk, timers)


def _tags(content: bytes) -> tuple[str, ...]:
    """Return the kinds of records in a frame, each once, in a fixed order."""
    if not content.strip(b"\0"):
        return ("zeros",)
    head = CURRENT.read_head(content)
    if head is None or not head.records:
        return ("opening",)
    group = decode_group(content[CURRENT.head_size :])
    return tuple(sorted({str(record.__struct_config__.tag) for record in group.records}))
