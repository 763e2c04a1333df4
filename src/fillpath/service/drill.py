"""Practising the kill: a real one, with a watch on every step, and a line in the log of drills (P-12).

A drill places nothing and cancels what works in its scope, as a kill does; trading stays stopped
until a person resumes it, because that is a part of the practice.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from fillpath.core.commands import OrderClosed, Projection, RaiseAlarm
from fillpath.core.drills import Drill
from fillpath.core.errors import ConfigError
from fillpath.core.units import moment
from fillpath.risk.kill_switch import Latch
from fillpath.runtime.disk import sync_folder
from fillpath.service.control import Act, Request
from fillpath.service.live import Live
from fillpath.service.stopping import asked

FILE: Final = "drills.jsonl"
LIVE: Final = "LIVE"
LONGEST_SECONDS: Final = 60.0

_MS: Final = 1_000.0


class Watch:
    """Listens to an engine while it is killed.

    Args:
        live: the engine.
        latch: what is being stopped.
    """

    def __init__(self, live: Live, latch: Latch) -> None:
        self._live = live
        self._latch = latch
        self._time = asyncio.get_running_loop().time
        self._began = self._time()
        self.gate: float | None = None
        self.cancel: float | None = None
        self.confirmed: float | None = None
        self.orders: set[str] = set()
        self.left: set[str] = set()

    def elapsed(self) -> float:
        """Return milliseconds since it began."""
        return round((self._time() - self._began) * _MS, 3)

    def heard(self, item: Projection) -> None:
        """Take what the desk says."""
        if isinstance(item, RaiseAlarm) and item.code == self._latch.code and self.gate is None:
            self.gate = self.elapsed()
            self.orders = self._covered()
            self.left = set(self.orders)
        elif isinstance(item, OrderClosed) and item.ticket.order_id in self.left:
            self.left.discard(item.ticket.order_id)
            self.confirmed = self.elapsed()

    def sent(self, order_id: str) -> None:
        """Take that a cancel leaves."""
        if order_id in self.orders:
            self.cancel = self.elapsed()

    @property
    def done(self) -> bool:
        """Return whether everything has been seen."""
        return self.gate is not None and not self.left

    def _covered(self) -> set[str]:
        return {
            order_id
            for order_id, order in self._live.desk.state.orders.items()
            if self._latch.covers(order.ticket.strategy_name, order.ticket.symbol)
        }


class Drills:
    """Practise on one account, and remember it.

    Args:
        live: its engine.
        folder: where the log is.
        mode: LIVE, PAPER, STUB or SIMULATED.
    """

    def __init__(self, live: Live, folder: Path, mode: str) -> None:
        self._live = live
        self._folder = folder
        self._mode = mode

    def acts(self) -> Mapping[str, Act]:
        """Return what can be asked, by name."""
        return {"drill": self.drill}

    async def drill(self, request: Request) -> Mapping[str, Any]:
        """Kill a scope and return how long each step took."""
        if self._mode == LIVE and request.get("sure") is not True:
            raise ConfigError("a drill on a live account cancels live orders: say so with --yes")
        live = self._live
        latch = asked(request, live.parts.clock.nanoseconds())
        if latch.code in live.desk.state.latches.kept.get(latch.key, {}):
            raise ConfigError(f"{latch.where} is stopped already: resume it before the drill")
        done = await self._timed(latch, min(float(request.get("wait") or 0), LONGEST_SECONDS))
        with_room = True
        try:
            _append(self._folder / FILE, msgspec.json.encode(done))
        except OSError:
            with_room = False
        return {"drill": msgspec.to_builtins(done), "kept": with_room}

    async def _timed(self, latch: Latch, patience: float) -> Drill:
        live = self._live
        watch = Watch(live, latch)
        live.tally.listen, live.engine.cancelling = watch.heard, watch.sent
        try:
            live.stop_trading(latch)
            latched = watch.elapsed()
            while not watch.done and watch.elapsed() < patience * _MS:
                await live.turnstile.next_turn()
        finally:
            live.tally.listen, live.engine.cancelling = _ignore, _ignore
        return Drill(
            at=moment(latch.at),
            by=latch.by,
            where=latch.where,
            mode=self._mode,
            orders=len(watch.orders),
            latch_ms=latched,
            gate_ms=watch.gate,
            cancel_ms=watch.cancel,
            confirmed_ms=None if watch.left else watch.confirmed,
            unconfirmed=tuple(sorted(watch.left)),
        )


def read_drills(folder: Path) -> list[Drill]:
    """Return every drill of an account, oldest first; a line that is no drill is left out."""
    try:
        lines = (folder / FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found: list[Drill] = []
    for line in lines:
        try:
            found.append(_drill(line))
        except msgspec.MsgspecError:
            continue
    return found


def _drill(line: bytes) -> Drill:
    said = msgspec.json.decode(line, type=dict[str, Any])
    if isinstance(said.get("at"), int):  # as lines were written before
        said["at"] = moment(said["at"])
    return msgspec.convert(said, Drill)


def _append(path: Path, line: bytes) -> None:
    with path.open("ab") as file:
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _ignore(_item: object) -> None:
    return None


__all__ = ["Drills", "read_drills"]
