"""The shell around a connection's life: it brings news to `Standing` and does what that decides."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from fillpath.core.errors import FillpathError, Unavailable
from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.asking import Questions
from fillpath.ibkr.heard import Dropped, Heard
from fillpath.ibkr.line import Line
from fillpath.ibkr.news import (
    Action,
    Asked,
    AskTime,
    Broken,
    Compare,
    Connect,
    Enter,
    Failed,
    HangUp,
    News,
    Passed,
    Pause,
    Reconciled,
    Started,
    Stopped,
    Tell,
    Unreconciled,
)
from fillpath.ibkr.pacing import Lane
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.standing import Standing
from fillpath.ibkr.states import Alarm, Because, State
from fillpath.ibkr.writing import Writer


async def nothing_to_compare(_: Because) -> None:
    """Be the hook of a connection that keeps no state."""


class Keeper:
    """Keep a line up between ``start`` and ``stop``.

    Args:
        line: not connected yet; everything it says goes through here.
        policy: how long it waits.
        clock: tells the time and never steps.
        writer: of the line; what waits there falls with it.
        questions: to the line; they fall with it as well.
    """

    def __init__(
        self,
        line: Line,
        policy: ConnectionPolicy,
        clock: EngineClock,
        writer: Writer,
        questions: Questions,
    ) -> None:
        self.standing = Standing(policy)
        self.listeners: list[Callable[[Heard], None]] = []
        self.watchers: list[Callable[[State], None]] = []
        self.warned: list[Callable[[Alarm], None]] = []
        self.hook: Callable[[Because], Awaitable[None]] = nothing_to_compare
        self._line = line
        self._policy = policy
        self._clock = clock
        self._writer = writer
        self._questions = questions
        self._news: deque[News] = deque()
        self._telling = False
        self._wake: asyncio.TimerHandle | None = None
        self._wake_at = 0
        self._group: asyncio.TaskGroup | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._comparing: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._settled = asyncio.Event()
        self._deeds: Mapping[type, Callable[[Any], None]] = {
            Enter: self._enter,
            Connect: self._begin_connecting,
            HangUp: self._hang_up,
            AskTime: self._ask_time,
            Compare: self._begin_comparing,
            Pause: self._pause,
            Tell: self._warn,
        }
        line.listen(self._hear)

    async def start(self, seconds: float) -> None:
        """Connect and stay connected; return in TRADING.

        Raises:
            Unavailable: refused, or not there in time; it goes on trying unless it was refused.
        """
        if self._running is None:
            self._stopping.clear()
            # Its two ends are start and stop, so no task group of one place can hold it.
            self._running = asyncio.get_running_loop().create_task(self._run())
        try:
            async with asyncio.timeout(seconds):
                await self._settled.wait()
        except TimeoutError:
            reason = self.standing.reason
            raise Unavailable(f"not connected after {seconds:g} s: {reason}") from None
        if self.standing.state is not State.TRADING:
            raise Unavailable(self.standing.reason)

    async def stop(self) -> None:
        """Disconnect and stay down."""
        self._stopping.set()
        if self._running is not None:
            running, self._running = self._running, None
            await running

    def tell(self, news: News) -> None:
        """Let one piece of news have its consequences, one after the other."""
        self._news.append(news)
        if self._telling:
            return
        self._telling = True
        try:
            while self._news:
                for action in self.standing.step(self._news.popleft(), self._clock.nanoseconds()):
                    self._perform(action)
        finally:
            self._telling = False
        self._arm()

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self.tell(Started())
                await self._stopping.wait()
                self.tell(Stopped())
                for task in (self._connecting, self._comparing):
                    if task is not None:
                        task.cancel()
        finally:
            if not self._stopping.is_set():
                self.tell(Broken("a part of the engine failed"))
            self._group = None

    def _hear(self, news: Heard) -> None:
        """Pass on what was heard, then see what it means for the connection."""
        for listener in self.listeners:
            listener(news)
        if isinstance(news, Dropped):
            self._give_up(news.reason)
        self.tell(news)

    def _arm(self) -> None:
        """Come back when time alone will matter; a timer that is earlier than needed may stay."""
        at = self.standing.wake_at()
        if at is not None and self._wake is not None and self._wake_at <= at:
            return
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if at is not None:
            seconds = max(0, at - self._clock.nanoseconds()) / NANOSECONDS
            self._wake = asyncio.get_running_loop().call_later(seconds, self._passed)
            self._wake_at = at

    def _passed(self) -> None:
        self._wake = None
        self.tell(Passed())

    def _perform(self, action: Action) -> None:
        self._deeds[type(action)](action)

    def _hang_up(self, action: HangUp) -> None:
        self._give_up(action.reason)
        self._line.disconnect()

    def _ask_time(self, _: AskTime) -> None:
        self._writer.post(Lane.CANCEL, self._write_question)

    def _write_question(self) -> None:
        try:
            self._line.ask_time()
        finally:
            # A socket that takes nothing more ends in the same silence as one that says nothing.
            self.tell(Asked())

    def _pause(self, action: Pause) -> None:
        self._writer.pause(action.until)

    def _warn(self, action: Tell) -> None:
        for warned in self.warned:
            warned(action.alarm)

    def _begin_connecting(self, _: Connect) -> None:
        self._connecting = self._begin(self._connect())

    def _begin_comparing(self, action: Compare) -> None:
        self._cease_comparing()
        self._comparing = self._begin(self._compare(action.because))

    def _begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        assert self._group is not None, "it runs"
        return self._group.create_task(work)

    def _enter(self, action: Enter) -> None:
        """Take back what this state forbids, then tell."""
        state, reason = action.state, self.standing.reason
        if state is not State.TRADING:
            self._writer.drop(f"the connection is {state}: {reason}", Lane.ORDER)
        if state is State.DEGRADED:
            self._writer.drop(reason, Lane.QUESTION)
        if state not in {State.RECONCILE, State.CLEAN, State.TRADING}:
            self._cease_comparing()
        if state in {State.TRADING, State.REFUSED}:
            self._settled.set()
        else:
            self._settled.clear()
        for watcher in self.watchers:
            watcher(state)

    def _give_up(self, reason: str) -> None:
        """Nothing survives a drop: what waits is told so."""
        self._writer.drop(reason, *Lane)
        self._questions.fail(reason)

    def _cease_comparing(self) -> None:
        if self._comparing is not None:
            self._comparing.cancel()
            self._comparing = None

    async def _connect(self) -> None:
        try:
            await self._line.connect(self._policy.connect_seconds)
        except Unavailable as error:
            self.tell(Failed(str(error)))

    async def _compare(self, because: Because) -> None:
        seconds = self._policy.reconcile_seconds
        try:
            async with asyncio.timeout(seconds):
                await self.hook(because)
        except FillpathError as error:
            self.tell(Unreconciled(str(error)))
        except TimeoutError:
            self.tell(Unreconciled(f"it took longer than {seconds:g} s"))
        else:
            self.tell(Reconciled())


__all__ = ["Keeper", "nothing_to_compare"]
