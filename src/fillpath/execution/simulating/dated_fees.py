"""What regulators take of a trade, by the day of the trade.

Fees per share are price units, rates are ratio units, amounts are money units. Each table begins with
the oldest day that is known; a day before it takes the first row.
"""

from datetime import date
from typing import Final, NamedTuple, TypeVar

from fillpath.core.units import MONEY_SCALE, PRICE_SCALE, RATIO_SCALE

_CENT: Final = MONEY_SCALE // 100
_MILLION: Final = 1_000_000


class Transaction(NamedTuple):
    """The fee of Section 31 from a day on: ratio units of what was sold for."""

    since: date
    rate: int


class Activity(NamedTuple):
    """FINRA's trading activity fee from a day on: price units for each share sold, and its cap."""

    since: date
    per_share: int
    cap: int


class AuditTrail(NamedTuple):
    """The fee of the consolidated audit trail from a day on: price units for each share."""

    since: date
    per_share: int


def _per_million(cents: int) -> int:
    return cents * RATIO_SCALE // (100 * _MILLION)


SECTION_31: Final = (
    Transaction(date(2024, 5, 22), _per_million(2_780)),
    Transaction(date(2025, 5, 14), 0),
    Transaction(date(2026, 4, 4), _per_million(2_060)),
)
"""27.80 a million, nothing while the budget was covered, 20.60 until 60 days after the next budget.

Source:
    Fee rate advisories of the Securities and Exchange Commission for the fiscal years 2024 to 2026.
"""
_TAF_2024: Final = 166 * PRICE_SCALE // _MILLION
_TAF_2026: Final = 195 * PRICE_SCALE // _MILLION
ACTIVITY: Final = (
    Activity(date(2024, 1, 1), _TAF_2024, 830 * _CENT),
    Activity(date(2026, 1, 1), _TAF_2026, 979 * _CENT),
    Activity(date(2026, 10, 1), 0, 979 * _CENT),
    Activity(date(2027, 1, 1), _TAF_2026, 979 * _CENT),
)
"""0.000166 up to 8.30, 0.000195 up to 9.79 for each trade, and a holiday in the last quarter of 2026.

Source:
    FINRA, Section 1 of Schedule A to the By-Laws, with SR-FINRA-2026-020 and SR-FINRA-2026-021.
"""
AUDIT_TRAIL: Final = (
    AuditTrail(date(2025, 12, 1), 0),
    AuditTrail(date(2026, 5, 1), 3 * PRICE_SCALE // _MILLION),
)
"""0.000003 for each share from May 2026; pages of brokers disagree, so that it can be told instead."""


def transaction_fee(value: int, day: date) -> int:
    """Return the fee of Section 31 for shares sold for ``value``, rounded up to a money unit."""
    rate = _latest(SECTION_31, day).rate
    return -(-value * rate // RATIO_SCALE)


def activity_fee(quantity: int, day: date) -> int:
    """Return the trading activity fee of one trade that sold ``quantity``, quantity units."""
    row = _latest(ACTIVITY, day)
    return min(quantity * row.per_share, row.cap)


def audit_trail_fee(quantity: int, day: date) -> int:
    """Return the fee of the consolidated audit trail for ``quantity`` bought or sold."""
    return quantity * _latest(AUDIT_TRAIL, day).per_share


_Dated = TypeVar("_Dated", Transaction, Activity, AuditTrail)


def _latest(table: tuple[_Dated, ...], day: date) -> _Dated:
    found = table[0]
    for row in table[1:]:
        if row.since > day:
            break
        found = row
    return found


__all__ = [
    "ACTIVITY",
    "AUDIT_TRAIL",
    "SECTION_31",
    "Activity",
    "AuditTrail",
    "Transaction",
    "activity_fee",
    "audit_trail_fee",
    "transaction_fee",
]
