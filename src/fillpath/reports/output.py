"""One JSON object for programs: the same run always gives the same bytes, save ``elapsed_s``."""

from decimal import Decimal

import msgspec
from msgspec import Struct

from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    OrderRow,
    PositionRow,
    QualityRow,
)
from fillpath.reports.dividends import DividendRow
from fillpath.reports.result import RunResult, SignalCounts


class _Document(Struct, frozen=True, kw_only=True):
    """The JSON object, in the order in which it is written."""

    title: str
    mode: str
    profile: str
    session: str
    seed: int
    notes: tuple[str, ...]
    signals: SignalCounts
    orders: tuple[OrderRow, ...]
    fills: tuple[FillRow, ...]
    quality: tuple[QualityRow, ...]
    decisions: tuple[DecisionRow, ...]
    alerts: tuple[AlertRow, ...]
    positions: tuple[PositionRow, ...]
    dividends: tuple[DividendRow, ...]
    opening_cash: Decimal
    cash: Decimal
    equity: Decimal
    quotes: int
    bad_rows: dict[str, int]
    elapsed_s: float


def to_json(result: RunResult) -> str:
    """Return the result as one line of JSON.

    Money, prices and quantities are strings, times ISO 8601 with ``Z``. Basis points and
    milliseconds are strings too, unrounded. Empty fields of a decision are left out.
    """
    facts = result.facts
    document = _Document(
        title=facts.title,
        mode=facts.mode,
        profile=facts.profile,
        session=facts.session,
        seed=facts.seed,
        notes=facts.notes,
        signals=result.signals,
        orders=tuple(result.orders),
        fills=tuple(result.fills),
        quality=tuple(result.quality),
        decisions=tuple(result.decisions),
        alerts=result.alerts,
        positions=result.positions,
        dividends=result.dividends,
        opening_cash=result.opening_cash,
        cash=result.cash,
        equity=result.equity,
        quotes=facts.quotes,
        bad_rows=dict(sorted(facts.bad_rows.items())),
        elapsed_s=facts.elapsed_s,
    )
    return msgspec.json.encode(document, order="deterministic").decode()
