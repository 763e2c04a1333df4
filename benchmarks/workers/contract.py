"""What every worker shares: how the input is read and how one result is told.

Only the standard library is imported, because each peer's environment holds nothing but the peer.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

COLUMNS = ("ts", "symbol", "bid_cents", "ask_cents", "order_row", "order_side", "order_quantity")
BAR_COLUMNS = ("ts", "open", "high", "low", "close", "order_row", "order_side", "order_quantity")
CASH = 1_000_000_000  # large enough that no account ever says no
COMMISSION_SHARE = "0.00005"  # of the notional, the same for every system
TWAP_SLICES = 5
TWAP_INTERVAL_SECONDS = 60
HORIZONS_NS = tuple(round(seconds * 1e9) for seconds in (0.05, 1, 10, 15, 60, 300))
NEVER = -1  # the row of an order after the last one


CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
_chosen = ["wall"]


@dataclass(frozen=True)
class Inputs:
    """Hold one input folder in memory."""

    folder: Path
    symbols: list[str]
    displayed_size: int
    adv: int
    ts: array[int]
    symbol: array[int]
    bid_cents: array[int]
    ask_cents: array[int]
    order_row: array[int]
    order_side: array[int]
    order_quantity: array[int]

    def quotes(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield symbol number, bid in cents, ask in cents and time of every quote."""
        return zip(self.symbol, self.bid_cents, self.ask_cents, self.ts, strict=True)

    def price_levels(self) -> set[int]:
        """Return every price that occurs, in cents."""
        return set(self.bid_cents) | set(self.ask_cents)


@dataclass(frozen=True)
class Bars:
    """Hold one folder of bars in memory; prices in cents, times in nanoseconds UTC."""

    folder: Path
    symbol: str
    volume: int
    minute_ns: int
    ts: array[int]
    open: array[int]
    high: array[int]
    low: array[int]
    close: array[int]
    order_row: array[int]
    order_side: array[int]
    order_quantity: array[int]

    def rows(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Yield open, high, low and close in cents and the end of every bar."""
        ends = (start + self.minute_ns for start in self.ts)
        return zip(self.open, self.high, self.low, self.close, ends, strict=True)

    def price_levels(self) -> set[int]:
        """Return every price that occurs, in cents."""
        return {*self.open, *self.high, *self.low, *self.close}


@dataclass(frozen=True)
class Outcome:
    """Say what one run did, counted by the system itself, and how long the run section took."""

    version: str
    orders: int
    fills: int
    quotes: int
    seconds: float
    setup_seconds: float
    notional: float = 0.0
    note: str = ""
    position: float = 0.0


Run = Callable[[str, Inputs], Outcome]
RunFolder = Callable[[Path], Outcome]


def serve(run: Run | None, others: Mapping[str, RunFolder] | None = None) -> None:
    """Do the work the command line names and print its one JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work")
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--system", required=True)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    wanted = parser.parse_args()
    _chosen[0] = wanted.clock
    if others and wanted.work in others:
        outcome = others[wanted.work](wanted.inputs)
    elif run:
        outcome = run(wanted.work, load(wanted.inputs))
    else:
        parser.error(f"this worker does not know the work {wanted.work}")
    tell(wanted.work, wanted.system, outcome)


def load(folder: Path) -> Inputs:
    """Read an input folder that ``benchmarks.inputs`` wrote."""
    facts = json.loads((folder / "inputs.json").read_text("utf-8"))
    columns = _columns(folder, COLUMNS)
    return Inputs(folder, facts["symbols"], facts["displayed_size"], facts["adv"], **columns)


def load_bars(folder: Path) -> Bars:
    """Read a folder that ``benchmarks.bars`` wrote."""
    facts = json.loads((folder / "bars.json").read_text("utf-8"))
    columns = _columns(folder, BAR_COLUMNS)
    return Bars(folder, facts["symbol"], facts["volume"], facts["minute_ns"], **columns)


def _columns(folder: Path, names: tuple[str, ...]) -> dict[str, array[int]]:
    columns = {}
    for name in names:
        column = array("q")
        column.frombytes((folder / f"{name}.i64").read_bytes())
        columns[name] = column
    return columns


def now() -> float:
    """Return seconds of the clock that the run was asked to use."""
    return CLOCKS[_chosen[0]]()


def costs_note(cost: float, markout: float) -> str:
    """Return the first and the last figure of a work on costs, for comparing systems by eye."""
    return f"cost {cost:.9f} bps, markout after 300 s {markout:.9f} bps"


def dollars(cents: int) -> str:
    """Return a price as text, exact."""
    return f"{cents // 100}.{cents % 100:02d}"


def max_rss_mb() -> float:
    """Return the largest resident size of this process in megabytes (1e6 bytes).

    Linux keeps the mark of this program alone in /proc; ``getrusage`` would still carry the size
    of the process that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def tell(work: str, system: str, outcome: Outcome) -> None:
    """Print the one JSON line the runner waits for."""
    line = {"work": work, "system": system, **asdict(outcome), "max_rss_mb": round(max_rss_mb(), 1)}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
