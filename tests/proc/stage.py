"""Real processes on a stage: a venue, an engine that is killed and started again, and a director.

Every process is ended by its own id when the stage is cleared, and ends by itself when the test
that started it dies.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import msgspec

from fillpath.app_live import JOURNAL
from fillpath.core.errors import ConfigError, FillpathError, Unavailable
from fillpath.core.models import Fill, Order, PortfolioSnapshot, Position
from fillpath.service.control import ask
from fillpath.service.status import Status, read_status
from fillpath.settings import RISK_FILE
from tests.house.project import ROOT
from tests.proc.venue import CASH
from tests.proc.wire import LIMIT, Call, Said, line_of, read_said

START_SECONDS = 60.0
POLL_SECONDS = 0.01
ACCOUNT = "SIM"
SETTINGS = f"""
broker:
  provider: "simulated"
simulation:
  cash: {CASH}
engine:
  folder: "{{folder}}"
  health_port: 0
  feed: "none"
  resume_delay_seconds: 0
router:
  size_threshold_small_pct: 0.0004
  size_threshold_large_pct: 0.01
  twap_num_slices: 4
  twap_interval_seconds: 1
{{more}}
"""


class Died(Exception):
    """A process ended that should have gone on; says what it said last."""


async def until(
    condition: Callable[[], Awaitable[object] | object], what: str, seconds: float = START_SECONDS
) -> Any:
    """Wait until a condition holds and return its value; a deadline makes it an error."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        await asyncio.sleep(POLL_SECONDS)


class Process:
    """A Python module in a process of its own.

    Args:
        module: its name.
        log: where its standard error goes.
        variables: of its environment, beside those of this one.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        log: Path,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._log = log
        self._variables = variables
        self._process: asyncio.subprocess.Process | None = None
        self.began = 0.0

    @property
    def process(self) -> asyncio.subprocess.Process:
        """Return the running process."""
        assert self._process is not None, "it was started"
        return self._process

    @property
    def alive(self) -> bool:
        """Return whether it runs."""
        return self._process is not None and self._process.returncode is None

    async def spawn(self) -> None:
        """Start it, without waiting for anything."""
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        self.began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": paths} | dict(self._variables),
            )

    async def said(self) -> str:
        """Return the next line of its output.

        Raises:
            Died: it ended first.
        """
        assert self.process.stdout is not None, "it has an output"
        async with asyncio.timeout(START_SECONDS):
            line = await self.process.stdout.readline()
        if not line:
            code = await self.process.wait()
            raise Died(f"ended with {code}: {self.last_words()}")
        return line.decode().strip()

    def last_words(self) -> str:
        """Return the end of what it wrote to its log."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-2_000:]

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    async def pause(self) -> None:
        """Let it stand still; a signal that was sent has not arrived yet."""
        self.send(signal.SIGSTOP)
        how = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        await until(lambda: os.waitid(os.P_PID, self.process.pid, how), "it stands still")

    async def kill(self) -> None:
        """Let it die at once."""
        if self.alive:
            self.send(signal.SIGKILL)
            await self.process.wait()

    async def stop(self, seconds: float = START_SECONDS) -> int:
        """Ask it to stop, and return its exit code."""
        self.send(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), seconds)


class Engine(Process):
    """An engine on the stage."""

    async def trades(self) -> float:
        """Wait until it trades, and return the seconds since it was started."""
        word, at = (await self.said()).split()
        assert word == "TRADING", word
        return int(at) / 1e9 - self.began


class Director:
    """Tells the venue how to misbehave, and looks at what is true there."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._number = 0
        self._answers: dict[int, asyncio.Future[Said]] = {}
        self._reached: asyncio.Queue[str] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect."""
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=LIMIT)
        self._reading = asyncio.get_running_loop().create_task(self._read(reader))

    async def close(self) -> None:
        """Hang up."""
        if self._reading is not None and self._writer is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()

    async def ask(self, kind: Any, act: str, name: str = "", **knobs: float) -> Any:
        """Ask the venue and return its answer as ``kind``."""
        self._number += 1
        future = self._answers[self._number] = asyncio.get_running_loop().create_future()
        assert self._writer is not None, "it is open"
        self._writer.write(line_of(Call(self._number, act, name=name, knobs=knobs)))
        said = await asyncio.wait_for(future, START_SECONDS)
        return msgspec.json.decode(said.result, type=kind)

    async def reached(self, seconds: float) -> str:
        """Wait until the venue stands at a point; empty when it does not come to it in time."""
        try:
            return await asyncio.wait_for(self._reached.get(), seconds)
        except TimeoutError:
            return ""

    async def misbehave(self, **knobs: float) -> None:
        """Let the venue misbehave like this, and in no other way."""
        await self.ask(int, "misbehave", "", **knobs)

    async def stop_at(self, point: str) -> None:
        """Let the venue stop at the next call that reaches the point."""
        await self.ask(int, "stop_at", point)

    async def go_on(self, how: str = "") -> None:
        """Let the venue go on; the word ``drop`` forgets the call it stands at."""
        await self.ask(int, "go_on", how)
        while not self._reached.empty():
            self._reached.get_nowait()

    async def positions(self) -> list[Position]:
        """Return what the account holds at the venue."""
        found: list[Position] = await self.ask(list[Position], "positions")
        return found

    async def portfolio(self) -> PortfolioSnapshot:
        """Return the account at the venue."""
        found: PortfolioSnapshot = await self.ask(PortfolioSnapshot, "portfolio")
        return found

    async def open_orders(self) -> list[Order]:
        """Return what works at the venue."""
        found: list[Order] = await self.ask(list[Order], "open_orders")
        return found

    async def completed_orders(self) -> list[Order]:
        """Return what ended at the venue."""
        found: list[Order] = await self.ask(list[Order], "completed_orders")
        return found

    async def executions(self) -> list[Fill]:
        """Return what was traded at the venue."""
        found: list[Fill] = await self.ask(list[Fill], "executions")
        return found

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            said = read_said(line)
            if said.reached:
                self._reached.put_nowait(said.reached)
                continue
            future = self._answers.pop(said.number, None)
            if future is not None and not future.done():
                future.set_result(said)


class Stage:
    """A venue, a director and a place for engines.

    Args:
        folder: where everything is kept.
        seed: of the venue's chance.
        more: further settings, YAML.
    """

    def __init__(self, folder: Path, seed: int = 0, more: str = "") -> None:
        self.folder = folder
        self.account = folder / "data" / ACCOUNT
        self.journal = self.account / JOURNAL
        self.ledger = folder / "ledger.jsonl"
        self.settings = folder / "fillpath.yaml"
        self.settings.write_text(SETTINGS.format(folder=folder / "data", more=more))
        self.settings.with_name(RISK_FILE).write_text(
            "max_position_pct: 20\nrates: {messages_per_second: 1000}\n"
        )
        self._venue = Process(
            "tests.proc.venue", [str(folder), "--seed", str(seed)], self._log("venue")
        )
        self._port = 0
        self._director: Director | None = None
        self._engines: list[Engine] = []
        self._beside: list[Process] = []
        self._later: list[asyncio.Task[Any]] = []
        self.acknowledged: list[tuple[str, str]] = []

    @property
    def director(self) -> Director:
        """Return who directs the venue."""
        assert self._director is not None, "the stage is set"
        return self._director

    async def __aenter__(self) -> Self:
        await self._venue.spawn()
        self._port = int(await self._venue.said())
        self._director = Director(self._port)
        await self._director.open()
        return self

    async def __aexit__(self, *problem: object) -> None:
        for process in (*self._engines, *self._beside, self._venue):
            await process.kill()
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        await self.director.close()

    def engine(self, **variables: str) -> Engine:
        """Return an engine that is not started yet; variables win over the settings."""
        arguments = [str(self.settings), str(self._port)]
        engine = Engine("tests.proc.engine", arguments, self._log("engine"), variables)
        self._engines = [*(other for other in self._engines if other.alive), engine]
        return engine

    def process(self, module: str, variables: Mapping[str, str]) -> Process:
        """Return a process beside the engine that knows the settings and the venue, not started."""
        arguments = [str(self.settings), str(self._port)]
        process = Process(module, arguments, self._log(module.rpartition(".")[2]), variables)
        self._beside.append(process)
        return process

    async def trading(self, **variables: str) -> Engine:
        """Start an engine and return it once it trades."""
        engine = self.engine(**variables)
        await engine.spawn()
        await engine.trades()
        return engine

    async def ask(self, act: str, seconds: float = 10.0, **words: Any) -> Any:
        """Ask the engine through its own socket."""
        return await ask(self.account, {"do": act, **words}, seconds)

    async def status(self) -> Status:
        """Return how the engine is."""
        return read_status((await self.ask("status"))["status"].encode())

    async def signal(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a signal until it is acknowledged, through as many engines as that takes."""
        while True:
            try:
                answer: dict[str, Any] = await self.ask("signal", signal=json.dumps(message))
            except Unavailable:
                await asyncio.sleep(POLL_SECONDS)
            except ConfigError as error:
                if "takes no signals" not in str(error) and "was not taken" not in str(error):
                    raise
                await asyncio.sleep(POLL_SECONDS)
            else:
                self.acknowledged.append((message["strategy_name"], message["signal_id"]))
                return answer

    def later(self, request: Coroutine[Any, Any, Any]) -> None:
        """Send a request whose answer nobody waits for; its engine may die before."""
        self._later.append(asyncio.get_running_loop().create_task(request))

    async def agrees(self) -> bool:
        """Return whether nothing is in doubt and both sides name the same orders."""
        with suppress(FillpathError):
            status = await self.status()
            doubts = [order for order in status.open_orders if order.certainty == "IN_DOUBT"]
            return not doubts and await self.same_orders()
        return False

    async def fed(self) -> bool:
        """Return whether tables and bus have all that the journal has."""
        with suppress(FillpathError):
            return not any(part.lag for part in (await self.status()).parts)
        return False

    async def same_orders(self) -> bool:
        """Return whether the engine and the venue name the same working orders, filled as far."""
        ours = {(o.order_id, Decimal(o.filled)) for o in (await self.status()).open_orders}
        theirs = {(o.order_id, o.filled_quantity) for o in await self.director.open_orders()}
        return ours == theirs

    async def nothing_works(self) -> bool:
        """Return whether no order works on either side."""
        status = await self.status()
        return not status.open_orders and not await self.director.open_orders()

    async def starting(self, engine: Engine) -> bool:
        """Return whether an engine holds the account, though it may not trade yet."""
        try:
            return (await self.status()).pid == engine.process.pid
        except Unavailable:
            return False

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"
