"""The knobs of sizing, routing and measuring, checked once and exact.

Field names are the keys of ``config/settings.yaml``: ``_pct`` is percent (0.05 = 5 bps), ``_bps``
basis points. Each policy also carries the same knobs as exact integers (see ``core/units.py``) for
the decisions; those cannot be set by hand.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Self

from fillpath.core.capabilities import BrokerCapabilities
from fillpath.core.errors import ModelError
from fillpath.core.models import OrderType
from fillpath.core.units import (
    NANOSECONDS,
    Number,
    exact,
    percent_units,
    quantity_units,
    ratio_units,
)
from fillpath.risk.cascade import Cascade
from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.account import StopKeeper


class SizingMethod(StrEnum):
    """How the size of an entry is found."""

    HALF_KELLY = "half_kelly"
    FIXED = "fixed"
    PERCENT_EQUITY = "percent_equity"


class LargeOrders(StrEnum):
    """What happens to a parent above the large-size threshold."""

    ALWAYS = "always"
    TABLE = "table"


def _between(value: Number | None, name: str, low: str, high: str) -> Decimal:
    number = exact(value, name)
    if not Decimal(low) <= number <= Decimal(high):
        raise ModelError(f"{name} must be from {low} to {high}, got {value}")
    return number


def _whole(value: object, name: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ModelError(f"{name} must be a whole number from {low} to {high}, got {value!r}")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingPolicy:
    """How much to trade.

    Args:
        position_sizing: ``half_kelly``, ``fixed`` or ``percent_equity``.
        default_order_type: MARKET or LIMIT of generated orders.
        limit_offset_pct: percent of the price that a generated LIMIT reaches to the far side.
        stop_loss_pct: percent of the entry price to the protective stop.
        max_position_pct: percent of total equity that one symbol may hold, working included.
        cash_reserve_pct: percent of total equity that stays in cash.
        risk_budget_pct: percent of total equity that one entry may lose at its stop; None is off.
        fixed_quantity: shares of each entry with ``fixed``.
        percent_equity: percent of total equity of each entry with ``percent_equity``.
        scale_by_strength: whether strength scales the Kelly size.
        kelly_shrinkage: whether a record of few trades gets less than half of Kelly; the multiplier
            is then the smaller of a half and ``shrinking.shrinkage``.
        min_trades: trades that the win statistics need where ``n_trades`` is given.
        lot_size: shares of one lot; every size is a whole number of lots.

    Raises:
        ModelError: a field is out of its range.
    """

    position_sizing: SizingMethod = SizingMethod.HALF_KELLY
    default_order_type: OrderType = OrderType.LIMIT
    limit_offset_pct: Number = Decimal("0.05")
    stop_loss_pct: Number = Decimal(2)
    max_position_pct: Number = Decimal(5)
    cash_reserve_pct: Number = Decimal(10)
    risk_budget_pct: Number | None = None
    fixed_quantity: Number = Decimal(100)
    percent_equity: Number = Decimal(2)
    scale_by_strength: bool = False
    kelly_shrinkage: bool = False
    min_trades: int = 30
    lot_size: int = 1

    offset: int = field(init=False, repr=False, compare=False)
    stop_distance: int = field(init=False, repr=False, compare=False)
    cap: int = field(init=False, repr=False, compare=False)
    reserve: int = field(init=False, repr=False, compare=False)
    risk_budget: int | None = field(init=False, repr=False, compare=False)
    fixed: int = field(init=False, repr=False, compare=False)
    equity_part: int = field(init=False, repr=False, compare=False)
    lot: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check every knob and derive the exact integers."""
        put = object.__setattr__
        put(self, "position_sizing", SizingMethod(self.position_sizing))
        put(self, "default_order_type", OrderType(self.default_order_type))
        if self.default_order_type not in {OrderType.MARKET, OrderType.LIMIT}:
            raise ModelError(
                f"default_order_type must be MARKET or LIMIT, got {self.default_order_type}"
            )
        for name, low, high, derived in (
            ("limit_offset_pct", "0", "1", "offset"),
            ("stop_loss_pct", "0.01", "50", "stop_distance"),
            ("max_position_pct", "0.01", "100", "cap"),
            ("cash_reserve_pct", "0", "100", "reserve"),
            ("percent_equity", "0.01", "100", "equity_part"),
        ):
            number = _between(getattr(self, name), name, low, high)
            put(self, name, number)
            put(self, derived, percent_units(number))
        self._derive_sizes()

    def _derive_sizes(self) -> None:
        put = object.__setattr__
        budget = self.risk_budget_pct
        if budget is not None:
            budget = _between(budget, "risk_budget_pct", "0.01", "100")
            put(self, "risk_budget_pct", budget)
        put(self, "risk_budget", None if budget is None else percent_units(budget))
        put(self, "fixed_quantity", _between(self.fixed_quantity, "fixed_quantity", "1", "1e9"))
        put(self, "fixed", quantity_units(exact(self.fixed_quantity, "fixed_quantity")))
        _whole(self.min_trades, "min_trades", 0, 1_000_000)
        put(self, "lot", quantity_units(Decimal(_whole(self.lot_size, "lot_size", 1, 1_000_000))))


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterPolicy:
    """Which way to trade, and in which pieces.

    Args:
        size_threshold_small_pct: percent of ADV below which an order rests at its own touch.
        size_threshold_large_pct: percent of ADV above which an order is sliced.
        twap_num_slices: slices of a large order.
        twap_interval_seconds: seconds between slices.
        wide_spread_threshold_bps: spread above which an order works around the mid.
        urgent_strength: signal strength above which an order crosses the spread.
        limit_offset_pct: percent of mid added (buy) or subtracted (sell).
        max_slippage_pct: percent beyond the far touch that a protected market order may pay.
        max_quote_age_seconds: a quote older than this is not usable.
        protect_market: send MARKET as a marketable limit at the collar.
        slice_large: ``always`` slices every large order in its row's style, ``table`` is the
            literal first-match table.
        max_participation_pct: percent of the expected volume above which an alarm is raised.
        participation_cap_pct: the most of the expected volume that a schedule takes, which stretches
            its intervals; None is off.
        pause_move_pct: slices of an entry wait while the mid is further than this from where it was
            when the signal came.
        lot_size: shares of one lot; every slice is a whole number of lots.

    Raises:
        ModelError: a field is out of its range.
    """

    size_threshold_small_pct: Number = Decimal("0.1")
    size_threshold_large_pct: Number = Decimal("1.0")
    twap_num_slices: int = 5
    twap_interval_seconds: int = 60
    wide_spread_threshold_bps: Number = Decimal("20.0")
    urgent_strength: Number = Decimal("0.9")
    limit_offset_pct: Number = Decimal("0.05")
    max_slippage_pct: Number = Decimal("0.10")
    max_quote_age_seconds: Number = Decimal(5)
    protect_market: bool = True
    slice_large: LargeOrders = LargeOrders.ALWAYS
    max_participation_pct: Number = Decimal(30)
    participation_cap_pct: Number | None = None
    pause_move_pct: Number = Decimal(2)
    lot_size: int = 1

    small: int = field(init=False, repr=False, compare=False)
    large: int = field(init=False, repr=False, compare=False)
    wide: int = field(init=False, repr=False, compare=False)
    urgent: int = field(init=False, repr=False, compare=False)
    offset: int = field(init=False, repr=False, compare=False)
    collar: int = field(init=False, repr=False, compare=False)
    participation: int = field(init=False, repr=False, compare=False)
    participation_cap: int | None = field(init=False, repr=False, compare=False)
    pause_move: int = field(init=False, repr=False, compare=False)
    max_age_ns: int = field(init=False, repr=False, compare=False)
    interval_ns: int = field(init=False, repr=False, compare=False)
    lot: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check every knob and derive the exact integers."""
        put = object.__setattr__
        for name, low, high, derived in (
            ("size_threshold_small_pct", "0", "100", "small"),
            ("size_threshold_large_pct", "0.001", "1000", "large"),
            ("limit_offset_pct", "0", "1", "offset"),
            ("max_slippage_pct", "0", "5", "collar"),
            ("max_participation_pct", "0.01", "100", "participation"),
            ("pause_move_pct", "0.01", "1000", "pause_move"),
        ):
            number = _between(getattr(self, name), name, low, high)
            put(self, name, number)
            put(self, derived, percent_units(number))
        if self.small > self.large:
            raise ModelError(
                "size_threshold_small_pct must not be above size_threshold_large_pct, got "
                f"{self.size_threshold_small_pct} and {self.size_threshold_large_pct}"
            )
        self._derive_rest()

    def _derive_rest(self) -> None:
        put = object.__setattr__
        wide = _between(self.wide_spread_threshold_bps, "wide_spread_threshold_bps", "0", "10000")
        put(self, "wide_spread_threshold_bps", wide)
        put(self, "wide", ratio_units(wide.scaleb(-4)))
        cap = self.participation_cap_pct
        if cap is not None:
            cap = _between(cap, "participation_cap_pct", "0.01", "100")
            put(self, "participation_cap_pct", cap)
        put(self, "participation_cap", None if cap is None else percent_units(cap))
        urgent = _between(self.urgent_strength, "urgent_strength", "0", "1")
        put(self, "urgent_strength", urgent)
        put(self, "urgent", ratio_units(urgent))
        age = _between(self.max_quote_age_seconds, "max_quote_age_seconds", "0.001", "86400")
        put(self, "max_quote_age_seconds", age)
        put(self, "max_age_ns", int(age * NANOSECONDS))
        _whole(self.twap_num_slices, "twap_num_slices", 2, 1_000)
        interval = _whole(self.twap_interval_seconds, "twap_interval_seconds", 1, 86_400)
        put(self, "interval_ns", interval * NANOSECONDS)
        put(self, "slice_large", LargeOrders(self.slice_large))
        put(self, "lot", quantity_units(Decimal(_whole(self.lot_size, "lot_size", 1, 1_000_000))))


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPolicy:
    """When execution quality deserves an alert; an improvement never does.

    Args:
        max_slippage_bps: alert strictly above this cost in basis points.
        max_latency_ms: alert strictly above this signal-to-fill time in milliseconds.

    Raises:
        ModelError: a field is out of its range.
    """

    max_slippage_bps: Number = Decimal(10)
    max_latency_ms: Number = Decimal(5_000)

    slippage: int = field(init=False, repr=False, compare=False)
    latency_ns: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check every knob and derive the exact integers."""
        put = object.__setattr__
        slippage = _between(self.max_slippage_bps, "max_slippage_bps", "0", "10000")
        put(self, "max_slippage_bps", slippage)
        put(self, "slippage", ratio_units(slippage.scaleb(-4)))
        latency = _between(self.max_latency_ms, "max_latency_ms", "0", "1000000000")
        put(self, "max_latency_ms", latency)
        put(self, "latency_ns", int(latency * 1_000_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPolicy:
    """Every rule that the desk decides by.

    Args:
        sizing: how much.
        router: which way and in which pieces.
        quality: when to alert.
        risk: what may not be exceeded.
        max_signal_age_seconds: a signal older than this when it arrives is refused.
        adv_required: refuse orders whose ADV is unknown (live); otherwise flag them.
        stop_keeper: who keeps the protective stops; NONE places none.
        amends_stops: whether the broker changes a working stop in one step; otherwise it is
            cancelled, and the new one is placed when that is confirmed.
        late_commissions: whether the broker tells commissions after the executions, so that one may
            be missed.
        destinations: names of the algorithms and auctions that the broker takes.

    Raises:
        ModelError: a field is out of its range.
    """

    sizing: SizingPolicy = field(default_factory=SizingPolicy)
    router: RouterPolicy = field(default_factory=RouterPolicy)
    quality: QualityPolicy = field(default_factory=QualityPolicy)
    risk: RiskLimits = field(default_factory=RiskLimits)
    max_signal_age_seconds: Number = Decimal(30)
    adv_required: bool = False
    stop_keeper: StopKeeper = StopKeeper.NONE
    amends_stops: bool = True
    late_commissions: bool = False
    destinations: frozenset[str] = frozenset()

    signal_age_ns: int = field(init=False, repr=False, compare=False)
    quote_age_ns: int = field(init=False, repr=False, compare=False)
    urgent_age_ns: int = field(init=False, repr=False, compare=False)
    slice_age_ns: int = field(init=False, repr=False, compare=False)
    cascade: Cascade = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check every knob and derive the exact integers."""
        put = object.__setattr__
        name = "max_signal_age_seconds"
        age = _between(self.max_signal_age_seconds, name, "0.001", "86400")
        put(self, name, age)
        put(self, "signal_age_ns", int(age * NANOSECONDS))
        put(self, "stop_keeper", StopKeeper(self.stop_keeper))
        put(self, "destinations", frozenset(self.destinations))
        put(self, "cascade", Cascade(self.risk))
        # What risk would refuse waits for a better quote instead: the strictest age counts.
        price, usable = self.risk.price, self.router.max_age_ns
        put(self, "quote_age_ns", min(usable, price.limit_quote_age_ns))
        put(self, "urgent_age_ns", min(usable, price.market_quote_age_ns))
        put(self, "slice_age_ns", min(self.quote_age_ns, price.pause_quote_age_ns))

    def for_broker(self, can: BrokerCapabilities) -> Self:
        """Return the rules as this broker lets them be.

        The engine keeps the stops that the broker cannot keep; where fills move no position there
        is nothing to protect.
        """
        keeper = self.stop_keeper
        if not can.live_portfolio:
            keeper = StopKeeper.NONE
        elif keeper is StopKeeper.BROKER and not (can.stops and can.oca and can.cancel):
            keeper = StopKeeper.ENGINE
        return replace(
            self,
            stop_keeper=keeper,
            amends_stops=can.amend,
            late_commissions=can.late_commissions,
            destinations=can.destinations,
        )

    def at_quote_age(self, seconds: Number) -> Self:
        """Return the rules where a quote stays usable for so many seconds."""
        before = self.router.max_quote_age_seconds
        return replace(
            self,
            router=replace(self.router, max_quote_age_seconds=seconds),
            risk=self.risk.at_quote_age(before, seconds),
        )
