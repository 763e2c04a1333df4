"""The work itself: one seeded set of quotes and orders that every system gets to read."""

from __future__ import annotations

import json
import random
from array import array
from dataclasses import dataclass, fields
from pathlib import Path

SYMBOLS = tuple(f"S{number:02d}" for number in range(10))
START_NS = 1_704_205_800_000_000_000  # 2024-01-02 14:30:00 UTC, the open of a regular session
DISPLAYED_SIZE = 100_000
SPREAD_CENTS = 2
FIRST_BID_CENTS = 10_000
LOWEST_BID_CENTS = 5_000
SEED = 20_240_102
WALK = (-1, 0, 1)
CLIMB = (0, 1)


@dataclass(frozen=True, kw_only=True)
class InputPlan:
    """Say how much work one input folder holds.

    Attributes:
        orders: number of orders, >= 0, each answering one quote, the symbol moving on each time.
        gap: quotes from one order to the next, > 0.
        tail: quotes after the last order's round, >= 0, so that late fills still find a quote.
        step_ns: nanoseconds between two quotes, whatever their symbol.
        quantity: shares of each order.
        sells: every second order of a symbol sells what the one before bought.
        climbs: prices never fall, so that a passive buy is never reached.
        adv: average daily volume of every symbol in shares.
    """

    orders: int
    gap: int = 10
    tail: int = 20
    step_ns: int = 1_000_000
    quantity: int = 10
    sells: bool = False
    climbs: bool = False
    adv: int = 10_000_000

    @property
    def quotes(self) -> int:
        """Return the number of quotes."""
        return self.orders * self.gap + self.tail


@dataclass(frozen=True)
class Columns:
    """Hold one input as columns of 64-bit integers."""

    ts: array[int]
    symbol: array[int]
    bid_cents: array[int]
    ask_cents: array[int]
    order_row: array[int]
    order_side: array[int]
    order_quantity: array[int]


def build(plan: InputPlan) -> Columns:
    """Return the columns of one plan; the same plan always gives the same columns."""
    bids = bid_cents(plan.quotes, CLIMB if plan.climbs else WALK)
    return Columns(
        ts=array("q", range(START_NS, START_NS + plan.quotes * plan.step_ns, plan.step_ns)),
        symbol=array("q", (row % len(SYMBOLS) for row in range(plan.quotes))),
        bid_cents=bids,
        ask_cents=array("q", (bid + SPREAD_CENTS for bid in bids)),
        order_row=order_rows(plan.orders, plan.gap),
        order_side=order_sides(plan.orders, sells=plan.sells),
        order_quantity=array("q", [plan.quantity]) * plan.orders,
    )


def order_rows(orders: int, gap: int) -> array[int]:
    """Return the quote each order answers: the first of its turn that has its symbol."""
    turns = ((order, order * gap) for order in range(orders))
    return array("q", (start + (order - start) % len(SYMBOLS) for order, start in turns))


def order_sides(orders: int, *, sells: bool) -> array[int]:
    """Return +1 for a buy and -1 for a sell, alternating within each symbol when asked."""
    rounds = (order // len(SYMBOLS) for order in range(orders))
    return array("q", (-1 if sells and number % 2 else 1 for number in rounds))


def bid_cents(quotes: int, steps: tuple[int, ...]) -> array[int]:
    """Return the bid of each quote in cents: one walk per symbol, never below half its start."""
    moves = random.Random(SEED).choices(steps, k=quotes)  # noqa: S311  # a reproducible walk, no secret
    bids = array("q", bytes(8 * quotes))
    level = [FIRST_BID_CENTS] * len(SYMBOLS)
    for row, move in enumerate(moves):
        symbol = row % len(SYMBOLS)
        level[symbol] = max(LOWEST_BID_CENTS, level[symbol] + move)
        bids[row] = level[symbol]
    return bids


def write(plan: InputPlan, target: Path) -> Columns:
    """Write one plan into the folder ``target`` and return its columns.

    The columns are raw 64-bit integers in the machine's own byte order, so that each system
    reads them with nothing but the standard library.
    """
    target.mkdir(parents=True, exist_ok=True)
    columns = build(plan)
    for column in fields(Columns):
        values: array[int] = getattr(columns, column.name)
        (target / f"{column.name}.i64").write_bytes(values.tobytes())
    facts = {
        "symbols": list(SYMBOLS),
        "displayed_size": DISPLAYED_SIZE,
        "quotes": plan.quotes,
        "orders": plan.orders,
        "adv": plan.adv,
        "step_ns": plan.step_ns,
        "seed": SEED,
    }
    (target / "inputs.json").write_text(json.dumps(facts, indent=2), "utf-8")
    return columns
