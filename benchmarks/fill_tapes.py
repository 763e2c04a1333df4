"""A million fills and ten million quotes, for what the fills cost: the same files for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.inputs import (
    DISPLAYED_SIZE,
    FIRST_BID_CENTS,
    LOWEST_BID_CENTS,
    SEED,
    SPREAD_CENTS,
    START_NS,
    SYMBOLS,
)

STEP_NS = 2_000_000
SINCE_QUOTE_NS = 1_000
MOST_LOTS = 100


@dataclass(frozen=True, kw_only=True)
class FillPlan:
    """Say how many fills and quotes one folder holds.

    Attributes:
        fills: at the bid or the ask of different quotes, in no order of price or side.
        quotes: of ten symbols in turn, one every two milliseconds.
    """

    fills: int
    quotes: int

    @property
    def orders(self) -> int:
        """Return the number of fills: each is its own order."""
        return self.fills


def write(plan: FillPlan, target: Path) -> None:
    """Write ``quotes.parquet`` and ``fills.parquet`` into ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(SEED)
    row = np.arange(plan.quotes)
    ts, symbol = START_NS + row * STEP_NS, row % len(SYMBOLS)
    bid = np.empty(plan.quotes, dtype=np.int64)
    for number in range(len(SYMBOLS)):
        part = bid[number :: len(SYMBOLS)]
        part[:] = FIRST_BID_CENTS + np.cumsum(chance.integers(-1, 2, part.size))
    bid = np.maximum(bid, LOWEST_BID_CENTS)
    sizes = np.full(plan.quotes, DISPLAYED_SIZE)
    quotes = {
        "bid_price": bid / 100,
        "ask_price": (bid + SPREAD_CENTS) / 100,
        "bid_size": sizes,
        "ask_size": sizes,
    }
    _table(ts, symbol, quotes).write_parquet(target / "quotes.parquet")

    rows = np.sort(chance.choice(plan.quotes, plan.fills, replace=False))
    buys = chance.integers(0, 2, plan.fills).astype(np.bool_)
    fills = {
        "side": np.where(buys, "BUY", "SELL"),
        "price": (bid[rows] + np.where(buys, SPREAD_CENTS, 0)) / 100,
        "quantity": 10 * chance.integers(1, MOST_LOTS + 1, plan.fills),
    }
    _table(ts[rows] + SINCE_QUOTE_NS, symbol[rows], fills).write_parquet(target / "fills.parquet")


def _table(
    ts: np.typing.NDArray[np.int64],
    symbol: np.typing.NDArray[np.int64],
    others: Mapping[str, np.typing.NDArray[np.generic]],
) -> pl.DataFrame:
    first = {
        "ts": pl.Series(ts).cast(pl.Datetime("ns", "UTC")),
        "symbol": pl.Series(SYMBOLS).gather(pl.Series(symbol)),
    }
    return pl.DataFrame({**first, **others})
