"""What a replay is asked to do; the fields are the options of ``fillpath replay``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from fillpath.execution.broker.fill_model import FillProfile


class SessionFilter(StrEnum):
    """Which hours of the recording take part."""

    RTH = "rth"
    ALL = "all"


class BadRows(StrEnum):
    """What a bad row in an input file does."""

    STOP = "stop"
    SKIP = "skip"


class EngineName(StrEnum):
    """What runs a backtest."""

    REPLAY = "replay"
    BACKTRADER = "backtrader"


class BacktraderBroker(StrEnum):
    """What fills the orders of Backtrader's strategies."""

    BACKTRADER = "backtrader"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """One replay of recorded market data through the engine.

    Args:
        quotes: quote files (Parquet or CSV).
        bars: intraday bar files for strategies that read bars.
        daily: daily bar files, for the ADV.
        signals: signal files (JSON lines).
        strategy: ``module:Class`` of a strategy to run instead of, or beside, signal files.
        parameters: arguments of the strategy by name.
        corporate_actions: CSV of splits and dividends.
        sectors: CSV of symbol and sector.
        session: regular hours only, or all rows.
        profile: fill profile of the simulated broker.
        displayed_size: fill at most the size shown in the quote.
        max_quote_age: seconds; None chooses by the recording's resolution.
        cash: opening cash.
        bad_rows: stop at the first bad row, or count and skip.
        seed: seed of everything random.
        journal: where the journal is kept; None keeps it in a temporary folder.
    """

    quotes: tuple[Path, ...] = ()
    bars: tuple[Path, ...] = ()
    daily: tuple[Path, ...] = ()
    signals: tuple[Path, ...] = ()
    strategy: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    corporate_actions: Path | None = None
    sectors: Path | None = None
    session: SessionFilter = SessionFilter.RTH
    profile: FillProfile = FillProfile.QUOTES
    displayed_size: bool = False
    max_quote_age: Decimal | None = None
    cash: Decimal = field(default=Decimal(100_000))
    bad_rows: BadRows = BadRows.STOP
    seed: int = 0
    journal: Path | None = None


__all__ = [
    "BacktraderBroker",
    "BadRows",
    "EngineName",
    "FillProfile",
    "ReplayRequest",
    "SessionFilter",
]
