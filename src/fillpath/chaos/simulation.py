"""One run: days of trading under faults, then a healed world, then the last questions."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from fillpath.chaos.busy import Load
from fillpath.chaos.chance import Chance
from fillpath.chaos.crashing import Crash, Fuse
from fillpath.chaos.drawing import draw_policy, wide_policy
from fillpath.chaos.faults import Swarm, draw_swarm
from fillpath.chaos.market import SYMBOLS
from fillpath.chaos.people import answer, let_go_on, operate_on_parts, withdraw
from fillpath.chaos.quiet import QuietChecks
from fillpath.chaos.subject import Process, serve
from fillpath.chaos.violations import Violation
from fillpath.chaos.virtual_time import VirtualLoop
from fillpath.chaos.world import NIGHT, SESSION, SimHours, World
from fillpath.core.errors import JournalError, Unavailable
from fillpath.core.events import FillCorrected, SplitApplied
from fillpath.core.units import NANOSECONDS
from fillpath.execution.policy import DeskPolicy
from fillpath.service.guards import CLOCK
from fillpath.service.latch import Latch
from fillpath.service.live import Live
from fillpath.service.status import State

HEALED_SECONDS: Final = 100.0
RESOLVED_SECONDS: Final = 75.0
QUIET_SECONDS: Final = 30.0
RELATED: Final = 0.25
"""Share of the runs whose journal is told otherwise in the end."""
DIED: Final = 0
"""Stands for the invariant that no fault makes the engine end in an error of its own."""


class Asked(Struct, frozen=True):
    """What is asked for beside a seed.

    Args:
        policy: rules instead of drawn ones.
        heard: called in the end with everything that there was.
        realistic: whether the venue fills as the profile of that name does: late, in line, in parts.
    """

    policy: DeskPolicy | None = None
    heard: Callable[[World], None] = lambda _world: None
    realistic: bool = False


class Ran(Struct, frozen=True, kw_only=True):
    """What one run did.

    Args:
        hash: of everything durable and everything the venue did.
        story: the last lines of it, as (seconds, text).
    """

    seed: int
    days: int
    bug: str = ""
    realistic: bool = False
    hash: str = ""
    virtual_seconds: float = 0.0
    steps: int = 0
    lives: int = 0
    crashes: int = 0
    orders: int = 0
    fills: int = 0
    load: Load = field(default_factory=Load)
    faults: dict[str, int] = field(default_factory=dict)
    checks: dict[int, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)
    died: dict[str, int] = field(default_factory=dict)
    violation: Violation | None = None
    story: tuple[tuple[float, str], ...] = ()


def simulate(  # noqa: PLR0913  # each is named
    seed: int,
    days: int = 1,
    *,
    swarm: Swarm | None = None,
    fuses: tuple[Fuse, ...] = (),
    bug: str = "",
    flood: int = 0,
    asked: Asked = Asked(),  # noqa: B008  # it is frozen
) -> Ran:
    """Run one seed and return what happened; the same arguments give the same answer.

    Args:
        seed: of everything that is left to chance.
        days: short trading days, from 1.
        swarm: faults to enable instead of drawing them.
        fuses: where the engine dies, one after the other, instead of by chance.
        bug: name of the seeded bug that is in the code, for the record only.
        flood: signals in every second, under rules that let them through, instead of a few now and
            then under rules drawn by chance; 0 for these.
        asked: what else.
    """
    loop = VirtualLoop()
    try:
        policy = asked.policy or (wide_policy() if flood else draw_policy(Chance(seed)))
        run = _Run(loop, seed, days, swarm, policy)
        run.flood = flood
        run.world.fuses = fuses
        if asked.realistic:
            run.world.venue.trade_realistically()
        violation = loop.run_until_complete(run.all_of_it())
        asked.heard(run.world)
        return replace(run.ran(violation, bug), realistic=asked.realistic)
    finally:
        _let_go(loop)


def _let_go(loop: VirtualLoop) -> None:
    """Cancel what still waits, so that nothing of it outlives the run."""
    asyncio.set_event_loop(None)
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()


class _Run:
    """The actors of one run; every one of them is a task under virtual time."""

    def __init__(
        self, loop: VirtualLoop, seed: int, days: int, swarm: Swarm | None, policy: DeskPolicy
    ) -> None:
        self.flood = 0
        self._loop = loop
        self._seed = seed
        self._days = days
        chance = Chance(seed)
        self._chance = chance
        self._swarm = draw_swarm(chance.of("swarm")) if swarm is None else swarm
        hours = SimHours(days, HEALED_SECONDS)
        self.world = World(loop, chance, self._swarm, hours, policy)
        self._quiet = QuietChecks(self.world)
        self.world.handing = self._kill_at_signal
        self._tasks: list[asyncio.Task[None]] = []
        self._end_of_faults = (days - 1) * (SESSION + NIGHT) + SESSION
        self._outages: dict[str, float] = {}
        self._dark: dict[str, float] = {}

    def ran(self, violation: Violation | None, bug: str) -> Ran:
        """Return what happened."""
        world = self.world
        checks = Counter(world.checks)
        return Ran(
            seed=self._seed,
            days=self._days,
            bug=bug,
            hash=world.hash(),
            virtual_seconds=self._loop.time(),
            steps=sum(world.sites.passed.values()),
            lives=world.lives,
            crashes=world.crashes,
            orders=len(world.venue.orders),
            fills=len(world.venue.executions),
            load=world.steps.busy.load,
            faults=dict(self._swarm.struck),
            checks=dict(checks),
            passed=dict(world.sites.passed),
            died=dict(world.sites.died),
            violation=violation,
            story=tuple((line.at, line.text) for line in list(world.story)[-30:]),
        )

    async def all_of_it(self) -> Violation | None:
        """Run faults, healing and the last checks; return the first violation."""
        world = self.world
        self._start(self._ticks())
        self._start(self._seconds())
        self._start(self._signals())
        self._start(self._sessions())
        self._start(self._lives())
        end_of_faults = self._end_of_faults
        try:
            await self._until(end_of_faults)
            self._heal()
            await self._until(end_of_faults + RESOLVED_SECONDS)
            self._quiet.before_the_close()
            await self._until(end_of_faults + HEALED_SECONDS)
            await self._until(end_of_faults + HEALED_SECONDS + QUIET_SECONDS)
            await self._drain()
            if world.violation is None:
                self._quiet.at_the_end()
                self._relate()
        except Crash:
            pass
        finally:
            for task in self._tasks:
                task.cancel()
        return world.violation

    def _relate(self) -> None:
        """Tell the journal of some runs otherwise."""
        world, rng = self.world, self._chance.of("relate")
        journal, policy = world.witness.journal, world.policy
        if rng.random() >= RELATED or world.process is None:
            return
        world.relations.reordered(world.witness, policy)
        world.relations.mirrored(journal, world.witness.orders)
        world.relations.scaled(journal, policy)
        world.relations.restarted(journal, policy, world.process.live)

    async def _drain(self) -> None:
        """Let tables and subscribers have what was journaled in the last second."""
        process = self.world.process
        if process is not None and process.life.alive:
            for feeder in process.feeders:
                await feeder.drain()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(self._loop.create_task(work))

    async def _until(self, moment: float) -> None:
        """Wait, unless a violation ends the run before."""
        while self._loop.time() < moment and self.world.violation is None:
            await asyncio.sleep(min(1.0, moment - self._loop.time()))
            for task in self._tasks:
                if task.done() and not task.cancelled() and task.exception() is not None:
                    raise task.exception()  # type: ignore[misc]  # it is not None

    def _heal(self) -> None:
        world = self.world
        world.note("the world heals")
        self._swarm.healed = True
        world.healed_at = self._loop.time()
        self._outages.clear()
        self._dark.clear()
        self._restore()
        world.skew = 0
        world.disk.full = world.disk.broken = False
        if world.process is not None:
            world.process.life.spare()
        for delay in (15.0, 40.0):
            self._loop.call_later(delay, self._state_again)

    def _state_again(self) -> None:
        """Let the broker's statement repeat every correction, also those that nobody heard."""
        for event in list(self.world.venue.events):
            if isinstance(event, FillCorrected) and self.world.link is not None:
                self.world.link.hear(event)

    async def _ticks(self) -> None:
        rng = self._chance.of("ticks")
        while True:
            await asyncio.sleep(0.3 + rng.random() * 0.8)
            symbol = rng.choice(SYMBOLS)
            self.world.venue.tick(symbol)
            self._show(symbol)

    def _show(self, symbol: str) -> None:
        """Let the engine see the true quote, unless its feed is dark or broken."""
        world = self.world
        rng = self._chance.of("quotes")
        if world.feed is None or self._dark.get(symbol, 0) > self._loop.time():
            return
        quote = world.market.feed.last_quote(symbol)
        assert quote is not None, "the true market was quoted at the start"
        if self._swarm.strikes("bad_quote", rng):
            quote = world.market.damaged(quote)
        world.feed.set_quote(quote)

    async def _seconds(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self.world.venue.second()
            self._break()
            self._restore()
            self._operate()
            self.world.look_at_cancels()
            self.world.look_at_cover()

    def _break(self) -> None:
        swarm, now = self._swarm, self._loop.time()
        rng = self._chance.of("outages")
        for name in ("disconnect", "bus_down", "store_down"):
            if name not in self._outages and swarm.strikes(name, rng):
                self._outages[name] = now + rng.expovariate(1 / 6)
                self.world.note(f"{name} begins")
        if swarm.strikes("quote_gap", rng):
            self._dark[rng.choice(SYMBOLS)] = now + rng.expovariate(1 / 12)
        if swarm.strikes("bus_wiped", rng):
            self._wipe()
        if "clock_jump" not in self._outages and swarm.strikes("clock_jump", rng):
            self._outages["clock_jump"] = now + rng.expovariate(1 / 15)
            self.world.skew = rng.choice((-3_600, 3_600, -5, 5)) * NANOSECONDS
            self.world.note(f"the machine's clock is wrong by {self.world.skew / 10**9} s")
        stall = rng.choice((5.0, 40.0, 180.0))
        if now + stall < self._end_of_faults and swarm.strikes("stall", rng):
            self.world.note(f"the process stands still for {stall:.0f} s")
            self._loop.skip(stall)
        link = self.world.link
        if link is not None and link.connected and "disconnect" in self._outages:
            link.disconnect()
        self._reach()

    def _reach(self) -> None:
        self.world.stream.down = "bus_down" in self._outages
        self.world.tables.down = "store_down" in self._outages

    def _restore(self) -> None:
        now = self._loop.time()
        for name, until in list(self._outages.items()):
            if until <= now:
                del self._outages[name]
                self.world.note(f"{name} ends")
                if name == "clock_jump":
                    self.world.skew = 0
        link = self.world.link
        if link is not None and not link.connected and "disconnect" not in self._outages:
            link.connect()
        self._reach()

    def _wipe(self) -> None:
        """Restart the bus empty; producers send again what they sent lately."""
        world = self.world
        world.note("the bus restarts empty")
        world.stream.wipe()
        for signal in world.producer.recent(world.true_now() - 20 * NANOSECONDS):
            world.send(signal, self._loop.time() + 0.5)

    def _operate(self) -> None:
        world = self.world
        if world.killed_at is None and self._swarm.strikes("kill", self._chance.of("operator")):
            self._kill()
        process = world.process
        if process is None or not process.life.alive:
            return
        live = process.live
        operate_on_parts(world, live)
        if self._needs_restart(live):
            world.note("a person restarts the engine")
            process.life.end()
            if world.task is not None:
                world.task.cancel()
            return
        answer(live, self._chance.of("people"))
        withdraw(world, live)
        let_go_on(world, live)

    def _kill_at_signal(self) -> None:
        if self._swarm.strikes("kill_at_signal", self._chance.of("operator")):
            self._kill()

    def _kill(self) -> None:
        world = self.world
        if world.killed_at is not None:
            return
        world.killed_at = self._loop.time()
        world.note("a person stops trading")
        latch = Latch("a person said so", "operator", world.true_now())
        if world.process is not None and world.process.life.alive:
            world.process.live.stop_trading(latch)
        else:
            world.latch.set(latch)

    def _needs_restart(self, live: Live) -> bool:
        """A disk that was full, and a clock that was wrong at the start, need a new process."""
        wrong = CLOCK in live.desk.state.holds and self.world.skew == 0
        settled = live.state in {State.TRADING, State.RECONCILING}
        return settled and (live.parts.journal.emergency or wrong)

    async def _signals(self) -> None:
        world = self.world
        rng = self._chance.of("signals")
        while True:
            await asyncio.sleep(1 / self.flood if self.flood else rng.expovariate(1 / 7))
            open_now = world.hours.closes_at(world.true_now()) is not None
            late = self._loop.time() > self._end_of_faults + HEALED_SECONDS + QUIET_SECONDS / 2
            if late or (not open_now and rng.random() < 0.6):
                continue
            now = self._loop.time()
            if self._swarm.strikes("poison", rng):
                world.stream.add(b'{"v":1,"symbol":', now)
            for _ in range(1 if self.flood else rng.choice((1, 1, 1, 2, 4))):
                signal = world.producer.next(world.true_now())
                world.note(
                    f"signal {signal.strategy_name}/{signal.signal_id} "
                    f"{signal.direction} {signal.symbol}"
                )
                world.send(signal, now + rng.random() * 0.05)

    async def _sessions(self) -> None:
        world = self.world
        for day in range(self._days):
            opens = day * (SESSION + NIGHT)
            last = day == self._days - 1
            await asyncio.sleep(max(opens - self._loop.time(), 0))
            world.venue.open(round(SESSION))
            await asyncio.sleep(max(opens + SESSION + last * HEALED_SECONDS - self._loop.time(), 0))
            world.note("the session closes")
            world.venue.close()
            if not last:
                await asyncio.sleep(NIGHT / 2)
                await self._split_overnight()

    async def _split_overnight(self) -> None:
        """Split a share at the venue, and tell the engine until its journal has it."""
        world = self.world
        rng = self._chance.of("split")
        heard = all(name in world.steps.ledger.entries for name in world.venue.executions)
        if not heard or not self._swarm.strikes("split", rng):
            return
        symbol, at = rng.choice(SYMBOLS), world.true_now()
        new, old = rng.choice(((2, 1), (3, 1), (1, 2)))
        world.note(f"{symbol} splits {new} for {old}")
        world.venue.split(symbol, new, old)
        while (symbol, at) not in world.steps.splits and world.violation is None:
            process = world.process
            if process is not None and process.life.alive and process.live.desk.state.account:
                process.live.engine.offer(SplitApplied(at, symbol, new, old))
                process.live.wake()
            await asyncio.sleep(1.0)

    async def _lives(self) -> None:
        world = self.world
        rng = self._chance.of("restarts")
        while world.violation is None:
            try:
                process = world.begin()
            except Crash:
                await asyncio.sleep(0.2 + rng.random())
                continue
            except JournalError as error:
                self._accuse(19, f"the journal cannot be opened again: {error}")
                return
            if "disconnect" in self._outages and world.link is not None:
                world.link.disconnect()
            for symbol in SYMBOLS:
                self._show(symbol)
            world.task = self._loop.create_task(serve(process))
            await asyncio.wait([world.task])
            self._bury(process, world.task)
            await asyncio.sleep(0.2 + rng.expovariate(1 / 2))

    def _bury(self, process: Process, task: "asyncio.Task[None]") -> None:
        """Look at how a process ended; only a crash and a fault may have ended it."""
        world = self.world
        was_alive = process.life.alive
        process.life.end()
        if task.cancelled() or not was_alive:
            if not task.cancelled():
                task.exception()
            return
        error = _innermost(task.exception())
        world.note(f"process {process.life.number} ends by itself: {error!r}")
        world.steps.checks[DIED] += 1
        if not isinstance(error, JournalError | Unavailable):
            self._accuse(DIED, f"the engine ended with {error!r}")

    def _accuse(self, number: int, text: str) -> None:
        with suppress(Crash):
            self.world.report(number, text)


def _innermost(error: BaseException | None) -> BaseException | None:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
