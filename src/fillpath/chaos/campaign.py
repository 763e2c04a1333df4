"""Many runs, in as many processes as asked for, and what they come to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final, TypeVar

from msgspec import Struct, field

from fillpath.chaos.bugs import BUGS, planted
from fillpath.chaos.faults import FAULTS
from fillpath.chaos.simulation import Asked as Wanted
from fillpath.chaos.simulation import Ran, simulate
from fillpath.chaos.violations import INVARIANTS

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

SEEDS_FOR_A_BUG: Final = 100
"""Seeds that may pass before a seeded bug counts as missed."""


class Total(Struct):
    """What a campaign adds up to."""

    runs: int = 0
    virtual_seconds: float = 0.0
    steps: int = 0
    lives: int = 0
    crashes: int = 0
    orders: int = 0
    fills: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    checks: Counter[int] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    died: Counter[str] = field(default_factory=Counter)
    failed: list[Ran] = field(default_factory=list)

    def add(self, ran: Ran) -> None:
        """Count one more run."""
        self.runs += 1
        self.virtual_seconds += ran.virtual_seconds
        self.steps += ran.steps
        self.lives += ran.lives
        self.crashes += ran.crashes
        self.orders += ran.orders
        self.fills += ran.fills
        self.faults.update(ran.faults)
        self.checks.update(ran.checks)
        self.passed.update(ran.passed)
        self.died.update(ran.died)
        if ran.violation is not None:
            self.failed.append(ran)


class Detection(Struct, frozen=True):
    """Whether a seeded bug was found.

    Args:
        bug: its name.
        seeds: runs until it was, counted from 1; 0 when it never was.
        invariant: the one that it broke.
        text: how that showed.
    """

    bug: str
    seeds: int
    invariant: int = 0
    text: str = ""


def campaign(
    seeds: Sequence[int],
    days: int,
    workers: int,
    progress: Callable[[int], None],
    *,
    realistic: bool = False,
) -> Total:
    """Run every seed and add up what happened.

    Args:
        seeds: one run each.
        days: short trading days of each run.
        workers: processes; 1 runs everything in this one.
        progress: called with the number of runs done.
        realistic: whether the venue fills as the profile of that name does.
    """
    total = Total()
    for ran in _each(_run, [(seed, days, realistic) for seed in seeds], workers):
        total.add(ran)
        progress(total.runs)
    return total


def hunt(
    names: Sequence[str], days: int, workers: int, *, first: int = 1, most: int = SEEDS_FOR_A_BUG
) -> list[Detection]:
    """Plant each bug in turn and count the seeds until the simulation finds it."""
    asked = [(name, days, first, most) for name in names]
    return list(_each(_hunt, asked, workers))


def bug_names() -> list[str]:
    """Return the name of every seeded bug."""
    return [bug.name for bug in BUGS]


def _run(asked: tuple[int, int, bool]) -> Ran:
    seed, days, realistic = asked
    return simulate(seed, days, asked=Wanted(realistic=realistic))


def _hunt(asked: tuple[str, int, int, int]) -> Detection:
    name, days, first, most = asked
    with planted(name):
        for count in range(most):
            ran = simulate(first + count, days, bug=name)
            if ran.violation is not None:
                return Detection(name, count + 1, ran.violation.number, ran.violation.text)
    return Detection(name, 0)


def _each(act: Callable[[Asked], Answer], asked: Sequence[Asked], workers: int) -> Iterator[Answer]:
    if workers == 1:
        yield from map(act, asked)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(act, asked, chunksize=1)


def table(total: Total) -> list[str]:
    """Return a campaign as lines of text."""
    return [
        (
            f"{total.runs} seeds, {total.steps:,} steps, {total.virtual_seconds / 3600:,.1f} hours of "
            f"virtual time, {total.orders:,} orders, {total.fills:,} executions"
        ),
        (
            f"{total.lives:,} processes, {total.crashes:,} crashes at {len(total.died)} of "
            f"{len(total.passed)} sites"
        ),
        "",
        "faults that struck",
        *_columns((fault.name, total.faults[fault.name]) for fault in FAULTS),
        "",
        "checks done, by invariant",
        *_columns(
            (str(i.number), total.checks[i.number]) for i in INVARIANTS if total.checks[i.number]
        ),
        "",
        f"{sum(total.checks.values()):,} checks, {len(total.failed)} violations",
    ]


def detections(found: Sequence[Detection]) -> list[str]:
    """Return the seeded bugs as lines of text."""
    width = max(len(one.bug) for one in found)
    lines = [f"{'seeded bug':{width}}  seeds  invariant"]
    for one in found:
        seeds = f"{one.seeds:>5}" if one.seeds else " MISS"
        lines.append(f"{one.bug:{width}}  {seeds}  {one.invariant if one.seeds else '-'}")
    caught = [one.seeds for one in found if one.seeds]
    mean = sum(caught) / len(caught) if caught else 0
    lines.append(f"{len(caught)} of {len(found)} caught, {mean:.1f} seeds on average")
    return lines


def story(ran: Ran) -> list[str]:
    """Return what a failing run did last, and how to see it again."""
    assert ran.violation is not None, "only a failing run has a story"
    more = f' --bug "{ran.bug}"' if ran.bug else ""
    more += " --realistic" if ran.realistic else ""
    violation = ran.violation
    return [
        *(f"{at:12.6f}  {text}" for at, text in ran.story),
        (
            f"seed {ran.seed} breaks invariant {violation.number} at {violation.at:.6f} s: "
            f"{violation.text}"
        ),
        f"reproduce with: fillpath simulate --seed {ran.seed} --days {ran.days}{more}",
    ]


def _columns(cells: Iterable[tuple[str, int]]) -> list[str]:
    texts = [f"  {name:<18}{count:>10,}" for name, count in cells]
    return ["".join(texts[i : i + 3]) for i in range(0, len(texts), 3)]
