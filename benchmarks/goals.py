"""The goals as data, and the verdict on each from what one run measured.

Each side of a ratio comes from the same run on the same machine, and a ratio is the quotient of
two medians. Where a side is missing the verdict gives the reason instead of a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from benchmarks.figures import Figure, Sample, spread
from benchmarks.works import BACKTESTING, FILLPATH, NAUTILUS_PRE, NAUTILUS_STABLE, POLARS

Place = tuple[str, str]
"""A work and a system."""


@dataclass(frozen=True)
class Ratio:
    """The median of fillpath's figure over the median of a peer's."""

    figure: Figure
    work: str
    peer: str


@dataclass(frozen=True)
class Alone:
    """The median of fillpath's own figure."""

    figure: Figure
    work: str


@dataclass(frozen=True)
class Slope:
    """Seconds that one more unit costs, from a short run to a long one; set-up cancels out."""

    unit: str
    short: str
    long: str


@dataclass(frozen=True)
class Growth:
    """What a unit costs when there is much, over what it costs when there is little."""

    much: Slope
    little: Slope


Measure = Ratio | Alone | Growth


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One row of the goal table.

    Attributes:
        key: the number of the goal, ``S1`` to ``S10``.
        title: what is compared.
        measure: how the number is found.
        floor: no release beyond this.
        goal: what we want.
        moonshot: what we dream of, where there is a number.
        more_is_better: the number should be at least the floor; else at most.
    """

    key: str
    title: str
    measure: Measure
    floor: float
    goal: float
    moonshot: float | None = None
    more_is_better: bool = True

    def works(self) -> tuple[str, ...]:
        """Return the works that must run for a verdict."""
        match self.measure:
            case Ratio(work=work) | Alone(work=work):
                return (work,)
            case Growth(much, little):
                return (little.short, little.long, much.short, much.long)
        assert_never(self.measure)

    def reached(self, value: float, threshold: float) -> bool:
        """Return whether the value is on the right side of the threshold; equality counts."""
        return value >= threshold if self.more_is_better else value <= threshold


@dataclass(frozen=True)
class Verdict:
    """What was found for one goal: a number, or why there is none."""

    goal: Goal
    value: float | None
    words: str


class NotMeasuredError(Exception):
    """One side of a goal is missing; the text says which and why."""


GOALS = (
    *(
        Goal(
            key="S1",
            title=f"orders/s, {work}, over {peer}",
            measure=Ratio(Figure.ORDERS_PER_SECOND, work, peer),
            floor=floor,
            goal=goal,
            moonshot=moonshot,
        )
        for work in ("round-trips", "held")
        for peer, floor, goal, moonshot in (
            (NAUTILUS_PRE, 2.5, 5.0, 7.0),
            (NAUTILUS_STABLE, 12.0, 25.0, None),
        )
    ),
    Goal(
        key="S2",
        title=f"quotes/s without orders, over {NAUTILUS_PRE}",
        measure=Ratio(Figure.QUOTES_PER_SECOND, "quotes", NAUTILUS_PRE),
        floor=4.0,
        goal=10.0,
    ),
    Goal(
        key="S3",
        title=f"TWAP child fills/s, over {NAUTILUS_PRE}",
        measure=Ratio(Figure.FILLS_PER_SECOND, "twap", NAUTILUS_PRE),
        floor=1.8,
        goal=4.0,
        moonshot=8.0,
    ),
    Goal(
        key="S6",
        title=f"costs of fills, seconds, over {POLARS}",
        measure=Ratio(Figure.SECONDS, "fill-costs", POLARS),
        floor=0.67,
        goal=0.25,
        more_is_better=False,
    ),
    *(
        Goal(
            key="S7",
            title=title,
            measure=Alone(figure, work),
            floor=floor,
            goal=goal,
            more_is_better=False,
        )
        for title, figure, work, floor, goal in (
            ("import, seconds", Figure.SECONDS, "import", 0.25, 0.15),
            ("fillpath --help, seconds", Figure.PROCESS_SECONDS, "help", 0.3, 0.15),
            ("engine ready, seconds", Figure.PROCESS_SECONDS, "ready", 1.5, 0.8),
        )
    ),
    Goal(
        key="S8",
        title=f"peak memory, over {NAUTILUS_PRE}",
        measure=Ratio(Figure.MEMORY_MB, "memory", NAUTILUS_PRE),
        floor=0.5,
        goal=0.25,
        more_is_better=False,
    ),
    Goal(
        key="S9",
        title="cost of an order: from 100 k to 1 M, over from 1 k to 10 k",
        measure=Growth(
            much=Slope("orders", "scale-100k", "scale-1m"),
            little=Slope("orders", "scale-1k", "scale-10k"),
        ),
        floor=1.2,
        goal=1.2,
        more_is_better=False,
    ),
    Goal(
        key="S9",
        title="cost of a quote: 10 k open orders, over none",
        measure=Growth(
            much=Slope("quotes", "resting-10000-short", "resting-10000-long"),
            little=Slope("quotes", "resting-0-short", "resting-0-long"),
        ),
        floor=1.2,
        goal=1.2,
        more_is_better=False,
    ),
    *(
        Goal(
            key="S10",
            title=f"minute bars, {figure.value}, over {peer}",
            measure=Ratio(figure, "bars", peer),
            floor=0.5,
            goal=0.25,
            more_is_better=False,
        )
        for figure, peer in (
            (Figure.SECONDS, NAUTILUS_PRE),
            (Figure.SECONDS, BACKTESTING),
            (Figure.PROCESS_SECONDS, NAUTILUS_PRE),
        )
    ),
)


def judge(
    goal: Goal, samples: Mapping[Place, Sequence[Sample]], absent: Mapping[Place, str]
) -> Verdict:
    """Return the verdict on one goal."""
    try:
        value = measured(goal.measure, samples, absent)
    except NotMeasuredError as missing:
        return Verdict(goal, None, f"not measured here: {missing}")
    if goal.reached(value, goal.goal):
        return Verdict(goal, value, "goal met")
    if goal.reached(value, goal.floor):
        return Verdict(goal, value, "floor met, goal not met")
    return Verdict(goal, value, "FLOOR NOT MET")


def measured(
    measure: Measure, samples: Mapping[Place, Sequence[Sample]], absent: Mapping[Place, str]
) -> float:
    """Return the number of one measure.

    Raises:
        NotMeasuredError: a side of it has no sample.
    """
    match measure:
        case Alone(figure, work):
            return _median(figure, (work, FILLPATH), samples, absent)
        case Ratio(figure, work, peer):
            ours = _median(figure, (work, FILLPATH), samples, absent)
            return ours / _median(figure, (work, peer), samples, absent)
        case Growth(much, little):
            return _slope(much, samples, absent) / _slope(little, samples, absent)
    assert_never(measure)


def _median(
    figure: Figure,
    place: Place,
    samples: Mapping[Place, Sequence[Sample]],
    absent: Mapping[Place, str],
) -> float:
    return spread(figure.of(sample) for sample in _runs(place, samples, absent)).median


def _slope(
    slope: Slope, samples: Mapping[Place, Sequence[Sample]], absent: Mapping[Place, str]
) -> float:
    short, long = ((work, FILLPATH) for work in (slope.short, slope.long))
    seconds = _median(Figure.SECONDS, long, samples, absent)
    seconds -= _median(Figure.SECONDS, short, samples, absent)
    units = getattr(samples[long][0], slope.unit) - getattr(samples[short][0], slope.unit)
    if seconds <= 0:
        raise NotMeasuredError(f"{slope.long} took no longer than {slope.short}")
    return float(seconds / units)


def _runs(
    place: Place, samples: Mapping[Place, Sequence[Sample]], absent: Mapping[Place, str]
) -> Sequence[Sample]:
    if not samples.get(place):
        work, system = place
        raise NotMeasuredError(f"{system} on {work}: {absent.get(place, 'it did not run')}")
    return samples[place]
