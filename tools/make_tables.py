"""Write the reference page of the tables from their definition; a test compares the two.

python3 dev.py python tools/make_tables.py
"""  # noqa: INP001  # a program, not a package

import inspect
import re
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Double, Table

from fillpath.core.costs import OrderCostRow
from fillpath.core.models import Quote
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    HoldingChangeRow,
    OrderRow,
    PositionRow,
    QualityRow,
    SignalRow,
    SnapshotRow,
)
from fillpath.data.store import schema
from fillpath.data.store.columns import Exact, Moment, Plain
from fillpath.data.store.listing import QualityBucket
from fillpath.data.store.tiers import SERIES

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "reference" / "tables.md"

_START: Final = """# Tables

Made by `tools/make_tables.py` from the code; a test keeps it true.

All of these are projections of the journal, never the truth: they can be dropped and are built
again. [How to use them](../how-to/store.md) says how. `account`, `sequence` and `row_index` stand in
every projected table: together they are the event id `account:sequence:row_index` that messages on
the bus carry too.

| type here | SQLite | PostgreSQL |
|---|---|---|
| text | `TEXT` | `TEXT COLLATE "C"` |
| exact | `TEXT`, plain digits | `NUMERIC` |
| time | `TEXT`, ISO 8601 in UTC with six decimals and `Z` | `TIMESTAMPTZ` |
| whole | `BIGINT` | `BIGINT` |
| flag | `BOOLEAN`, 0 or 1 | `BOOLEAN` |
| plain | `TEXT`, JSON | `JSONB` |
| float | `DOUBLE` | `DOUBLE PRECISION` |
"""
_REASONS: Final = {
    "signals": "One row for each signal; a signal that was sent again changes nothing.",
    "orders": "One row for each order and each slice, as it stands after the newest record.",
    "fills": "One row for each execution; of corrections the highest revision stays.",
    "positions": "One row for each symbol that was ever held; a closed position has quantity 0.",
    "portfolio_snapshots": "The account after each fill, opening, close and split.",
    "holding_changes": "What changed positions without an execution: what was held before the journal, "
    "what a person booked, and splits.",
    "order_costs": "What each parent order and each slice cost, made behind the engine from the tables "
    "and the quotes; made anew when one of them changes.",
    "order_costs_cursor": "How far the costs of an account have followed its tables.",
    "execution_quality": "One row for each order measured; a late fill replaces it. Rows of the "
    "account `manual` were stored by `save_metrics` and know less.",
    "risk_decisions": "Every decision: each signal, each slice, each end, with all its reasons.",
    "alerts": "What a person should know.",
    "quotes": "The tape: quotes while orders work and for five minutes after; no part of the journal.",
    "projection_cursor": "How far each account came; moved in the transaction of the rows.",
}
_ROWS: Final[dict[str, type[msgspec.Struct]]] = {
    "signals": SignalRow,
    "orders": OrderRow,
    "fills": FillRow,
    "positions": PositionRow,
    "portfolio_snapshots": SnapshotRow,
    "execution_quality": QualityRow,
    "risk_decisions": DecisionRow,
    "alerts": AlertRow,
    "quotes": Quote,
    "holding_changes": HoldingChangeRow,
    "order_costs": OrderCostRow,
}
_MEANINGS: Final = {
    "account": "whose row it is",
    "sequence": "number of the journal record it comes from",
    "row_index": "its place among the rows of that record",
    "applied": "the last journal record whose rows are all stored",
    "ts": "when it happened",
    "code": "machine-readable word for it",
    "text": "one sentence for a person",
    "order_id": "the order it is about; empty for none",
    "symbol": "ticker",
    "quantity": "shares; negative when short",
    "average_price": "what a share cost on average",
    "market_price": "last mark; NULL where none is recorded",
    "market_value": "quantity at the mark; NULL where none is recorded",
    "unrealized_pnl": "profit that closing at the mark would take",
    "realized_pnl": "profit taken",
    "strategy_name": "the strategy that holds it",
    "stop_price": "protective stop level",
}


def made() -> str:
    """Return the page."""
    tables = [schema.metadata.tables[name] for name in _REASONS]
    return "\n".join([_START, *(_section(table) for table in tables), _aggregates()])


def _section(table: Table) -> str:
    key = ", ".join(f"`{column.name}`" for column in table.primary_key)
    series = SERIES.get(table.name)
    lines = [f"## {table.name}", "", _REASONS[table.name], "", f"Key: {key}."]
    if series is not None:
        lines[-1] += f" A hypertable over `{series.time}` where TimescaleDB is."
    meanings = _MEANINGS | _arguments(_ROWS.get(table.name))
    lines += ["", "| column | type | meaning |", "|---|---|---|"]
    lines += [
        f"| `{column.name}` | {_kind(column)} | {meanings[column.name]} |" for column in table.c
    ]
    return "\n".join([*lines, ""])


def _aggregates() -> str:
    columns = schema.execution_quality_daily_kept.c
    meanings = _MEANINGS | _arguments(QualityBucket)
    rows = [
        f"| `{column.name}` | {_kind(column)} | {meanings[column.name]} |" for column in columns
    ]
    return "\n".join(
        [
            "## execution_quality_daily, execution_quality_weekly",
            "",
            "Views of the measurements by day and week, account, route and symbol. On the Timescale",
            "build a continuous aggregate (`..._live`) stands behind each. `..._kept` tables hold",
            "what measurements came to that the retention let go.",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _kind(column: Column[Any]) -> str:
    kinds = {Exact: "exact", Moment: "time", Plain: "plain", BigInteger: "whole", Boolean: "flag"}
    word = (kinds | {Double: "float"}).get(type(column.type), "text")
    return f"{word}, may be NULL" if column.nullable else word


def _arguments(row: type[msgspec.Struct] | None) -> dict[str, str]:
    """Return the meanings of the fields of a row, from its docstring."""
    text = "" if row is None else (inspect.getdoc(row) or "").partition("Args:\n")[2]
    text = text.partition("\n\n")[0]
    found = re.findall(r"^    (\w+): (.+(?:\n {8}.+)*)", text, re.MULTILINE)
    found = [(name, re.sub(r"\s+", " ", meaning)) for name, meaning in found]
    return {name: re.sub(r"\bNone\b", "NULL", meaning).rstrip(".") for name, meaning in found}


def main() -> None:
    """Write the page."""
    PAGE.write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
