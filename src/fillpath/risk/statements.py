"""The broker's statement of a day against the journal: every row of each explains one of the other.

The statement is a table of executions as text, such as the CSV of a Flex query of Interactive
Brokers. Its execution ids end in the number of their revision; all revisions are one execution.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.commands import Intent
from fillpath.core.errors import ModelError
from fillpath.core.events import CommissionReported, Event, FillCorrected, OrderFilled
from fillpath.core.models import OrderSide
from fillpath.core.units import (
    MONEY_SCALE,
    exact,
    moment,
    money_decimal,
    money_units,
    positive,
    price_decimal,
    price_units,
    quantity_decimal,
    quantity_units,
)

STATEMENT_DIFFERENCE: Final = "STATEMENT_DIFFERENCE"
CENT: Final = MONEY_SCALE // 100
"""A statement rounds commissions to cents."""
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "execution": ("execution_id", "ibexecid", "execid"),
    "symbol": ("symbol",),
    "side": ("side", "buy/sell", "buysell"),
    "quantity": ("quantity",),
    "price": ("price", "tradeprice"),
    "commission": ("commission", "ibcommission"),
}
"""What a column may be called, in any case."""
_SIDES: Final[Mapping[str, OrderSide]] = MappingProxyType(
    {
        "BUY": OrderSide.BUY,
        "SELL": OrderSide.SELL,
        "BOT": OrderSide.BUY,
        "SLD": OrderSide.SELL,
    }
)


class Stated(Struct, frozen=True, kw_only=True):
    """One execution as the broker states it.

    Args:
        row: number of the row, from 2 below the head.
        execution: its id.
        symbol: ticker.
        side: BUY or SELL.
        quantity: quantity units, above 0.
        price: price units.
        commission: money units; what it cost is above 0.
    """

    row: int
    execution: str
    symbol: str
    side: OrderSide
    quantity: int
    price: int
    commission: int


class Unexplained(Struct, frozen=True, kw_only=True):
    """A row that the other side does not explain.

    Args:
        code: always ``STATEMENT_DIFFERENCE``.
        execution: its id.
        symbol: ticker.
        text: one sentence with both sides.
    """

    code: str = STATEMENT_DIFFERENCE
    execution: str
    symbol: str
    text: str


def read_statement(text: str) -> list[Stated]:
    """Return the executions of a statement.

    Raises:
        ModelError: a column is missing, or a cell cannot be; names the row.
    """
    rows = csv.reader(text.splitlines())
    places = _places(next(rows, []))
    return [_stated(number, row, places) for number, row in enumerate(rows, 2) if any(row)]


def _places(head: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower().replace(" ", "") for name in head]
    places = {}
    for column, known in COLUMNS.items():
        found = [number for number, name in enumerate(names) if name in known]
        if len(found) != 1:
            wanted = " or ".join(known)
            raise ModelError(f"the statement must have one column {wanted}, it has {len(found)}")
        places[column] = found[0]
    return places


def _stated(number: int, row: Sequence[str], places: Mapping[str, int]) -> Stated:
    try:
        cells = {column: row[place].strip() for column, place in places.items()}
        side = _SIDES[cells["side"].upper()]
        quantity = exact(cells["quantity"], "quantity")
        cost = exact(cells["commission"] or "0", "commission")
        return Stated(
            row=number,
            execution=_not_empty(cells["execution"], "execution_id"),
            symbol=cells["symbol"],
            side=side,
            quantity=quantity_units(positive(abs(quantity), "quantity")),
            price=price_units(exact(cells["price"], "price")),
            commission=-money_units(cost),  # a statement shows what it takes as below 0
        )
    except (IndexError, KeyError, ModelError) as error:
        raise ModelError(f"row {number} of the statement cannot be read: {error}") from error


def _not_empty(text: str, name: str) -> str:
    """Return a text that is not empty."""
    if not text:
        raise ModelError(f"{name} must not be empty")
    return text


def executions(records: Iterable[Event | Intent]) -> dict[str, OrderFilled]:
    """Return every execution of a journal by its id, as it is after corrections and commissions."""
    found: dict[str, OrderFilled] = {}
    revisions: dict[str, int] = {}
    early: dict[str, list[FillCorrected | CommissionReported]] = {}
    for record in records:
        if isinstance(record, OrderFilled):
            found.setdefault(record.fill_id, record)
            news = early.pop(record.fill_id, [])
        elif isinstance(record, FillCorrected | CommissionReported):
            news = [record]
        else:
            continue
        for one in news:
            known = found.get(one.fill_id)
            if known is None:
                early.setdefault(one.fill_id, []).append(one)
            else:
                found[one.fill_id] = _as_told(known, one, revisions)
    return found


def _as_told(
    known: OrderFilled, news: FillCorrected | CommissionReported, revisions: dict[str, int]
) -> OrderFilled:
    number = revisions.get(news.fill_id, 0)
    if isinstance(news, CommissionReported):
        return replace(known, commission=news.commission) if news.revision >= number else known
    if news.revision <= number:
        return known
    revisions[news.fill_id] = news.revision
    return replace(
        known,
        quantity=news.quantity,
        price=news.price if news.quantity else known.price,
        commission=news.commission,
    )


def unexplained(
    stated: Sequence[Stated],
    journal: Mapping[str, OrderFilled],
    is_due: Callable[[int], bool],
) -> list[Unexplained]:
    """Return every row that the other side does not explain.

    Args:
        stated: the statement.
        journal: executions by id.
        is_due: whether what was traded at a moment, nanoseconds UTC, has to be in the statement.
    """
    seen: dict[str, Stated] = {}
    found: list[Unexplained] = []
    for row in stated:
        name = row.execution if row.execution in journal else family(row.execution)
        filled = journal.get(name)
        text = _difference(row, filled)
        if name in seen:
            text = f"row {row.row} states it once more, after row {seen[name].row}"
        seen[name] = row
        if text:
            found.append(Unexplained(execution=row.execution, symbol=row.symbol, text=text))
    for name, filled in journal.items():
        due = filled.quantity and is_due(filled.traded_at)
        if due and name not in seen:
            text = f"the journal has {_shown(filled)} at {moment(filled.traded_at):%Y-%m-%d %H:%M}"
            found.append(Unexplained(execution=name, symbol=filled.symbol, text=f"{text}, UTC"))
    return found


def family(execution: str) -> str:
    """Return the name that all revisions of an execution share: all but the last dotted part."""
    return execution.rpartition(".")[0]


def _difference(row: Stated, filled: OrderFilled | None) -> str:
    if filled is None:
        return f"row {row.row} states {_shown(row)}, the journal knows nothing of it"
    same = (row.symbol, row.side, row.quantity, row.price)
    if same != (filled.symbol, filled.side, filled.quantity, filled.price):
        return f"row {row.row} states {_shown(row)}, the journal has {_shown(filled)}"
    if abs(row.commission - filled.commission) > CENT:
        costs = money_decimal(row.commission), money_decimal(filled.commission)
        return f"row {row.row} states a commission of {costs[0]:f}, the journal has {costs[1]:f}"
    return ""


def _shown(one: Stated | OrderFilled) -> str:
    quantity: Decimal = quantity_decimal(one.quantity)
    return f"{one.side} {quantity:f} {one.symbol} at {price_decimal(one.price):f}"


__all__ = [
    "COLUMNS",
    "STATEMENT_DIFFERENCE",
    "Stated",
    "Unexplained",
    "executions",
    "family",
    "read_statement",
    "unexplained",
]
