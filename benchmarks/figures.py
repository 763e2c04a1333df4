"""What one run says, which figures are drawn from it, and medians of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One run of one system on one work.

    Attributes:
        seconds: the run section, measured inside the process.
        setup_seconds: before it, inside the process: objects made, data handed over.
        process_seconds: the whole process, measured from outside.
        max_rss_mb: the largest resident size in megabytes (1e6 bytes).
        notional: sum of price times quantity of all fills; the same number says the same fills.
        position: shares held at the end, where a work says what they must be.
    """

    work: str
    system: str
    version: str = ""
    orders: int = 0
    fills: int = 0
    quotes: int = 0
    seconds: float = 0.0
    setup_seconds: float = 0.0
    process_seconds: float = 0.0
    max_rss_mb: float = 0.0
    notional: float = 0.0
    note: str = ""
    position: float = 0.0


class Figure(StrEnum):
    """What is read off a sample; the value is the unit it is printed with."""

    ORDERS_PER_SECOND = "orders/s"
    QUOTES_PER_SECOND = "quotes/s"
    FILLS_PER_SECOND = "fills/s"
    SECONDS = "s"
    PROCESS_SECONDS = "s, whole process"
    MEMORY_MB = "MB at the peak"

    def of(self, sample: Sample) -> float:
        """Return this figure of one run."""
        match self:
            case Figure.ORDERS_PER_SECOND:
                return sample.orders / sample.seconds
            case Figure.QUOTES_PER_SECOND:
                return sample.quotes / sample.seconds
            case Figure.FILLS_PER_SECOND:
                return sample.fills / sample.seconds
            case Figure.SECONDS:
                return sample.seconds
            case Figure.PROCESS_SECONDS:
                return sample.process_seconds
            case Figure.MEMORY_MB:
                return sample.max_rss_mb


@dataclass(frozen=True)
class Spread:
    """The median of several runs with the smallest and the largest."""

    median: float
    low: float
    high: float
    runs: int


def spread(values: Iterable[float]) -> Spread:
    """Return median, range and count; at least one value is needed."""
    known = sorted(values)
    return Spread(statistics.median(known), known[0], known[-1], len(known))
