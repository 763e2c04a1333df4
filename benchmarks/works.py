"""Every piece of work, at its full size and at the quick one."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.bars import BarPlan
from benchmarks.figures import Figure
from benchmarks.fill_tapes import FillPlan
from benchmarks.inputs import InputPlan

FILLPATH = "fillpath"
NAUTILUS_PRE = "nautilus-pre"
NAUTILUS_STABLE = "nautilus-stable"
BACKTRADER = "backtrader"
BACKTESTING = "backtesting"
POLARS = "polars"
EVERYONE = (FILLPATH, NAUTILUS_PRE, NAUTILUS_STABLE, BACKTRADER)
TWAP_SLICES = 5
MILLISECOND = 1_000_000
AnyPlan = InputPlan | BarPlan | FillPlan


@dataclass(frozen=True, kw_only=True)
class Work:
    """One thing to be done by one or more systems.

    Attributes:
        name: what ``--only`` calls it; also its input folder.
        task: the word the worker gets; works of several sizes share it.
        title: what is done, for the table.
        systems: who can do it.
        figure: the figure its table shows.
        full: the input, or None where there is nothing to read.
        quick: the input of a ``--quick`` run; the full one where None.
        fills_per_order: executions each order ends in.
        warm_up: one run first that is not counted, so that caches on disk are filled.
    """

    name: str
    task: str
    title: str
    systems: tuple[str, ...]
    figure: Figure
    full: AnyPlan | None = None
    quick: AnyPlan | None = None
    fills_per_order: int = 1
    warm_up: bool = False

    def plan(self, *, quick: bool) -> AnyPlan | None:
        """Return the input of this run."""
        return self.quick if quick and self.quick else self.full

    def expected_fills(self, plan: AnyPlan) -> int:
        """Return how many fills make the work done."""
        return plan.orders * self.fills_per_order


def _twap(parents: int) -> InputPlan:
    return InputPlan(orders=parents, tail=30_000, step_ns=10 * MILLISECOND, quantity=50, adv=2_000)


def _scale(orders: int) -> InputPlan:
    # Sells too: a million buys alone would reach the position caps of every account.
    return InputPlan(orders=orders, gap=1, sells=True)


def _resting(orders: int, quotes: int) -> InputPlan:
    return InputPlan(orders=orders, gap=1, tail=quotes - orders, climbs=True)


WORKS = (
    Work(
        name="round-trips",
        task="round-trips",
        title="A: every 10th quote one market order, buys and sells in turn",
        systems=EVERYONE,
        figure=Figure.ORDERS_PER_SECOND,
        full=InputPlan(orders=10_000, sells=True),
        quick=InputPlan(orders=2_000, sells=True),
    ),
    Work(
        name="held",
        task="held",
        title="A: the same, buys only, positions held",
        systems=EVERYONE,
        figure=Figure.ORDERS_PER_SECOND,
        full=InputPlan(orders=10_000),
        quick=InputPlan(orders=2_000),
    ),
    Work(
        name="quotes",
        task="quotes",
        title="replay of quotes, nobody listening, no orders",
        systems=EVERYONE,
        figure=Figure.QUOTES_PER_SECOND,
        full=InputPlan(orders=0, tail=1_000_000),
        quick=InputPlan(orders=0, tail=100_000),
    ),
    Work(
        name="quotes-watched",
        task="quotes-watched",
        title="the same, a Python strategy called with every quote",
        systems=(NAUTILUS_PRE, NAUTILUS_STABLE),
        figure=Figure.QUOTES_PER_SECOND,
        full=InputPlan(orders=0, tail=1_000_000),
        quick=InputPlan(orders=0, tail=100_000),
    ),
    Work(
        name="twap",
        task="twap",
        title="TWAP: parents of five market slices, a minute apart",
        systems=(FILLPATH, NAUTILUS_PRE, NAUTILUS_STABLE),
        figure=Figure.FILLS_PER_SECOND,
        full=_twap(4_800),
        quick=_twap(480),
        fills_per_order=TWAP_SLICES,
    ),
    Work(
        name="bars",
        task="bars",
        title="B: a year of minute bars, a strategy called with every one, market orders",
        systems=(FILLPATH, NAUTILUS_PRE, BACKTESTING, BACKTRADER),
        figure=Figure.SECONDS,
        full=BarPlan(sessions=252, trading=250),
        quick=BarPlan(sessions=26, trading=25),
    ),
    Work(
        name="fill-costs",
        task="fill-costs",
        title="C: cost and six markouts of every fill against the quotes, files read",
        systems=(FILLPATH, POLARS),
        figure=Figure.SECONDS,
        full=FillPlan(fills=1_000_000, quotes=10_000_000),
        quick=FillPlan(fills=100_000, quotes=1_000_000),
    ),
    Work(
        name="import",
        task="import",
        title="import in a fresh process",
        systems=EVERYONE,
        figure=Figure.SECONDS,
        warm_up=True,
    ),
    Work(
        name="help",
        task="help",
        title="fillpath --help, whole process",
        systems=(FILLPATH,),
        figure=Figure.PROCESS_SECONDS,
        warm_up=True,
    ),
    Work(
        name="ready",
        task="ready",
        title="engine ready, whole process",
        systems=(FILLPATH,),
        figure=Figure.PROCESS_SECONDS,
        warm_up=True,
    ),
    Work(
        name="memory",
        task="round-trips",
        title="peak memory, A with buys and sells at ten times the size",
        systems=(FILLPATH, NAUTILUS_PRE),
        figure=Figure.MEMORY_MB,
        full=InputPlan(orders=100_000, sells=True),
        quick=InputPlan(orders=10_000, sells=True),
    ),
    *(
        Work(
            name=f"scale-{name}",
            task="scale",
            title="an order with every quote",
            systems=(FILLPATH,),
            figure=Figure.ORDERS_PER_SECOND,
            full=_scale(full),
            quick=_scale(full // 20),
        )
        for name, full in (
            ("1k", 1_000),
            ("10k", 10_000),
            ("100k", 100_000),
            ("1m", 1_000_000),
        )
    ),
    *(
        Work(
            name=f"resting-{orders}-{length}",
            task="resting",
            title=f"{'limit orders open all along' if orders else 'no orders'}, {length} replay",
            systems=(FILLPATH,),
            figure=Figure.QUOTES_PER_SECOND,
            full=_resting(orders, quotes),
            quick=_resting(orders // 10, quotes // 10),
            fills_per_order=0,
        )
        for orders in (0, 10_000)
        for length, quotes in (("short", 200_000), ("long", 1_000_000))
    ),
)
