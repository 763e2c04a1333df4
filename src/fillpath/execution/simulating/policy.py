"""The knobs of the fill profile ``realistic``, checked and turned into exact integers once."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from fillpath.core.checking import check_symbol
from fillpath.core.errors import ModelError
from fillpath.core.units import (
    NANOSECONDS,
    Number,
    exact,
    percent_units,
    price_units,
    quantity_units,
)
from fillpath.execution.simulating.ibkr_fees import Extras
from fillpath.execution.simulating.latency import MILLISECOND
from fillpath.execution.simulating.margining import Rates


class AccountKind(StrEnum):
    """What an account may spend."""

    PLAIN = "plain"
    CASH = "cash"
    MARGIN = "margin"


class CommissionPlan(StrEnum):
    """Whose commission is taken."""

    FIXED = "ibkr_fixed"
    TIERED = "ibkr_tiered"
    PERCENT = "percent"


class FeeRounding(StrEnum):
    """How each regulatory fee of a fill is rounded."""

    EXACT = "exact"
    CENT = "cent"
    CENT_UP = "cent_up"


_RANGES: Final[dict[str, tuple[str, str]]] = {
    "latency_ms_min": ("0", "60000"),
    "latency_ms_max": ("0", "60000"),
    "participation_pct": ("0.000001", "100"),
    "traded_share_pct": ("0", "100"),
    "refill_seconds": ("0", "3600"),
    "impact_coefficient": ("0", "10"),
    "daily_volatility_pct": ("0", "100"),
    "exchange_remove_fee": ("0", "1"),
    "exchange_add_fee": ("-1", "1"),
    "borrow_rate_pct": ("0", "1000"),
    "initial_margin_pct": ("1", "100"),
    "maintenance_long_pct": ("0", "100"),
    "maintenance_short_pct": ("0", "100"),
    "month_shares": ("0", "1000000000000"),
}
_WHOLE: Final[dict[str, tuple[int, int]]] = {
    "participation_seconds": (1, 23_400),
    "queue_power": (1, 6),
    "seed": (0, 1 << 62),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RealisticPolicy:
    """How the profile ``realistic`` fills, and what it takes for it.

    Args:
        seed: of the latencies.
        latency_ms_min: shortest way of an order, an amendment or a cancel to the market.
        latency_ms_max: longest way.
        participation_pct: most of an interval's volume that is ours, percent.
        participation_seconds: length of an interval.
        queue_power: power of the queue model; higher says that cancels come more from behind.
        traded_share_pct: percent of what the level of a resting order loses that is taken for
            trades, where no trades are told; 0 fills it by trade-through alone.
        refill_seconds: after this long the size at a price is what is shown again; 0: never, until
            the price has moved.
        impact_coefficient: of the square-root law; 0 for none.
        daily_volatility_pct: percent, for the square-root law.
        commission: whose commission is taken.
        month_shares: shares that were traded before in the month, for the tiers.
        exchange_remove_fee: account currency for each share that takes liquidity; tiered only.
        exchange_add_fee: the same for each share that gives it, below 0 for a rebate.
        regulatory_fees: whether the fees of Section 31, FINRA and the audit trail are taken.
        audit_trail_fee: account currency for each share; None takes the dated table.
        fee_rounding: how each regulatory fee of a fill is rounded.
        account: what the account may spend.
        initial_margin_pct: percent of what is opened.
        maintenance_long_pct: percent of a long that is kept.
        maintenance_short_pct: percent of a short that is kept.
        borrow_rate_pct: percent a year for borrowed shares.
        hard_to_borrow: symbols that cannot be borrowed.
        shortable_shares: shares of each symbol that can be borrowed; None for any number.
        check_ticks: whether a price that is no step of the market is refused.
        half_penny: symbols whose step is half a cent once the rule is in force.

    Raises:
        ModelError: a field is out of its range.
    """

    seed: int = 0
    latency_ms_min: Number = Decimal(50)
    latency_ms_max: Number = Decimal(250)
    participation_pct: Number = Decimal(10)
    participation_seconds: int = 60
    queue_power: int = 2
    traded_share_pct: Number = Decimal(0)
    refill_seconds: Number = Decimal(1)
    impact_coefficient: Number = Decimal(1)
    daily_volatility_pct: Number = Decimal(2)
    commission: CommissionPlan = CommissionPlan.FIXED
    month_shares: Number = Decimal(0)
    exchange_remove_fee: Number = Decimal("0.003")
    exchange_add_fee: Number = Decimal(0)
    regulatory_fees: bool = True
    audit_trail_fee: Number | None = None
    fee_rounding: FeeRounding = FeeRounding.EXACT
    account: AccountKind = AccountKind.MARGIN
    initial_margin_pct: Number = Decimal(50)
    maintenance_long_pct: Number = Decimal(25)
    maintenance_short_pct: Number = Decimal(30)
    borrow_rate_pct: Number = Decimal(1)
    hard_to_borrow: frozenset[str] = frozenset()
    shortable_shares: Number | None = None
    check_ticks: bool = True
    half_penny: frozenset[str] = frozenset()

    shortest: int = field(init=False, repr=False, compare=False)
    longest: int = field(init=False, repr=False, compare=False)
    participation: int = field(init=False, repr=False, compare=False)
    traded_share: int = field(init=False, repr=False, compare=False)
    refill: int = field(init=False, repr=False, compare=False)
    volatility: Decimal = field(init=False, repr=False, compare=False)
    extras: Extras = field(init=False, repr=False, compare=False)
    audit_trail: int | None = field(init=False, repr=False, compare=False)
    rates: Rates = field(init=False, repr=False, compare=False)
    borrow_rate: int = field(init=False, repr=False, compare=False)
    shortable: int | None = field(init=False, repr=False, compare=False)
    month: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check every field and derive the exact integers."""
        put = object.__setattr__
        for name, (low, high) in _RANGES.items():
            put(self, name, _between(getattr(self, name), name, low, high))
        for name, (least, most) in _WHOLE.items():
            _check_whole(getattr(self, name), name, least, most)
        put(self, "commission", _member(CommissionPlan, self.commission, "commission"))
        put(self, "fee_rounding", _member(FeeRounding, self.fee_rounding, "fee_rounding"))
        put(self, "account", _member(AccountKind, self.account, "account"))
        for name in ("hard_to_borrow", "half_penny"):
            put(self, name, _symbols(getattr(self, name)))
        _check_order(self, "latency_ms_min", "latency_ms_max")
        self._derive()

    def _derive(self) -> None:
        put = object.__setattr__
        put(self, "shortest", int(exact(self.latency_ms_min, "") * MILLISECOND))
        put(self, "longest", int(exact(self.latency_ms_max, "") * MILLISECOND))
        put(self, "participation", _percent(self.participation_pct))
        put(self, "traded_share", _percent(self.traded_share_pct))
        put(self, "refill", int(exact(self.refill_seconds, "") * NANOSECONDS))
        put(self, "volatility", exact(self.daily_volatility_pct, "").scaleb(-2))
        remove, add = exact(self.exchange_remove_fee, ""), exact(self.exchange_add_fee, "")
        put(self, "extras", Extras(remove=price_units(remove), add=price_units(add)))
        put(self, "audit_trail", _optional(self.audit_trail_fee, "audit_trail_fee", price_units))
        put(
            self,
            "rates",
            Rates(
                initial=_percent(self.initial_margin_pct),
                longs=_percent(self.maintenance_long_pct),
                shorts=_percent(self.maintenance_short_pct),
            ),
        )
        put(self, "borrow_rate", _percent(self.borrow_rate_pct))
        put(self, "shortable", _optional(self.shortable_shares, "shortable_shares", quantity_units))
        put(self, "month", quantity_units(exact(self.month_shares, "")))


def _percent(value: Number) -> int:
    return percent_units(exact(value, ""))


def _optional(value: Number | None, name: str, units: Any) -> int | None:
    if value is None:
        return None
    scaled: int = units(_between(value, name, "0", "1000000000"))
    return scaled


def _between(value: Number, name: str, low: str, high: str) -> Decimal:
    number = exact(value, name)
    if not Decimal(low) <= number <= Decimal(high):
        raise ModelError(f"{name} must be from {low} to {high}, got {value!r}")
    return number


def _check_whole(value: object, name: str, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise ModelError(f"{name} must be a whole number from {low} to {high}, got {value!r}")


def _check_order(policy: RealisticPolicy, low: str, high: str) -> None:
    least, most = getattr(policy, low), getattr(policy, high)
    if least > most:
        raise ModelError(f"{low} must be at most {high}, got {least} and {most}")


def _member(kind: type[StrEnum], value: object, name: str) -> StrEnum:
    found = next((member for member in kind if member == value), None)
    if found is None:
        raise ModelError(f"{name} must be one of {', '.join(kind)}, got {value!r}")
    return found


def _symbols(names: Any) -> frozenset[str]:
    known = frozenset(names)
    for name in known:
        check_symbol(name)
    return known


__all__ = ["AccountKind", "CommissionPlan", "FeeRounding", "RealisticPolicy"]
