"""Limits of the account: day trades, circuit breakers, autonomy, protection of positions."""

from dataclasses import dataclass
from enum import StrEnum

from fillpath.core.units import Number
from fillpath.risk.limits.limit import (
    LimitGroup,
    bps,
    choice,
    derived,
    hours,
    level,
    minutes,
    money,
    percent,
    seconds,
    whole,
)


class DayTradeRegime(StrEnum):
    """Which day-trade rule holds."""

    BROKER = "broker"
    LEGACY = "legacy"
    INTRADAY_MARGIN = "intraday_margin"
    OFF = "off"


class DayTradeCounting(StrEnum):
    """What makes one day trade.

    ``direction_changes`` is FINRA's interpretation 4210(f)(8)(B)/02 (Regulatory Notice 21-13): each
    turn from opening to closing is one. ``opening_orders`` is /01: each opening order of which
    anything was closed on the same day is one.
    """

    DIRECTION_CHANGES = "direction_changes"
    OPENING_ORDERS = "opening_orders"


class Autonomy(StrEnum):
    """How much may be sent without a person."""

    PAPER_ONLY = "PAPER_ONLY"
    MANUAL_APPROVAL = "MANUAL_APPROVAL"
    BOUNDED_AUTONOMOUS = "BOUNDED_AUTONOMOUS"
    FULL_AUTONOMOUS = "FULL_AUTONOMOUS"


class StopKeeper(StrEnum):
    """Who keeps the protective stop of a position."""

    BROKER = "broker"
    ENGINE = "engine"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTradeLimits(LimitGroup):
    """The guard against day trades that the account may not make; exits always pass."""

    regime: DayTradeRegime = choice(
        DayTradeRegime.BROKER,
        "broker follows what the broker reports, legacy counts day trades, intraday_margin watches "
        "the margin, off watches nothing",
    )
    min_equity: Number = money(
        "25000", ("0", "1000000000"), "min_equity_units", "from this equity on day trades are free"
    )
    max_day_trades: int = whole(
        3, (0, 1_000), "day trades", "allowed within window_sessions below min_equity"
    )
    window_sessions: int = whole(5, (1, 20), "sessions", "the time that max_day_trades looks back")
    counting: DayTradeCounting = choice(
        DayTradeCounting.DIRECTION_CHANGES,
        "direction_changes counts each turn from opening to closing, opening_orders each order "
        "whose shares were closed the same day",
    )
    report_seconds: Number = seconds(
        "300", ("1", "86400"), "report_ns", "how long what the broker reported counts"
    )

    min_equity_units: int = derived()
    report_ns: int = derived()


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerLimits(LimitGroup):
    """When the engine stops by itself."""

    volatility_index: Number = level(
        "35", ("1", "1000"), "volatility_index_units", "above this no entries", "points"
    )
    volatility_clear: Number = level(
        "33",
        ("1", "1000"),
        "volatility_clear_units",
        "entries that volatility_index stopped go on at this",
        "points",
    )
    volatility_seconds: Number = seconds(
        "900", ("1", "86400"), "volatility_ns", "how old the index may be"
    )
    volatility_required: bool = choice(
        default=False,
        meaning="whether there are no entries while the index is not known; null: true live, else "
        "false",
        live=True,
    )
    stale_data_seconds: Number = seconds(
        "300", ("1", "86400"), "stale_data_ns", "no entries when no quote came for this long"
    )
    reconciliation_drift_cycles: int = whole(
        2, (1, 1_000), "comparisons", "with the broker that may differ in a row"
    )
    operator_heartbeat_hours: Number = hours(
        "0",
        ("0", "8760"),
        "operator_heartbeat_ns",
        "no entries when no person was heard of for this long; 0: off; null: 48 live, else 0",
        live="48",
    )
    pnl_shock_pct: Number = percent(
        "1",
        ("0.01", "100"),
        "pnl_shock",
        "a loss of more than this within pnl_shock_seconds stops the account",
        of="equity",
    )
    pnl_shock_seconds: Number = seconds(
        "60", ("1", "86400"), "pnl_shock_ns", "the time that pnl_shock_pct looks back"
    )
    slippage_bps: Number = bps(
        "10",
        ("0", "10000"),
        "slippage",
        "a strategy pauses when its last slippage_fills fills cost more than this in the mean",
    )
    slippage_fills: int = whole(
        20, (0, 100_000), "fills", "that slippage_bps looks back on; 0: off"
    )

    volatility_index_units: int = derived()
    volatility_clear_units: int = derived()
    volatility_ns: int = derived()
    stale_data_ns: int = derived()
    operator_heartbeat_ns: int = derived()
    pnl_shock: int = derived()
    pnl_shock_ns: int = derived()
    slippage: int = derived()


@dataclass(frozen=True, slots=True, kw_only=True)
class AutonomyLimits(LimitGroup):
    """What may be sent without a person, and how a person says yes."""

    mode: Autonomy = choice(
        Autonomy.PAPER_ONLY,
        "PAPER_ONLY never reaches a live account, MANUAL_APPROVAL asks a person for every entry, "
        "BOUNDED_AUTONOMOUS for those beyond the bounds, FULL_AUTONOMOUS for none",
    )
    approval_minutes: Number = minutes(
        "15", ("0.1", "1440"), "approval_ns", "an unanswered question ends as a refusal"
    )
    bounded_notional_pct: Number = percent(
        "2",
        ("0", "100"),
        "bounded_notional",
        "the most one parent may be worth without a person; 0: every one is asked for",
        of="equity",
    )
    bounded_orders_per_day: int = whole(
        20, (0, 100_000), "parents", "of a day without a person; 0: every one is asked for"
    )
    cooling_off_minutes: Number = minutes(
        "10",
        ("0", "1440"),
        "cooling_off_ns",
        "how long live trading waits after one person armed it alone; 0: not at all",
    )
    arming_hours: Number = hours(
        "12", ("0.1", "168"), "arming_ns", "live trading that was armed ends after this time"
    )

    approval_ns: int = derived()
    bounded_notional: int = derived()
    cooling_off_ns: int = derived()
    arming_ns: int = derived()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits(LimitGroup):
    """What the end of the session forbids, and what must be known of a symbol in it."""

    close_buffer_seconds: Number = seconds(
        "120",
        ("0", "86400"),
        "close_buffer_ns",
        "no entry for the day is sent later than this before the close; 0: off",
    )
    facts_required: bool = choice(
        default=False,
        meaning="whether an entry needs to know the close before and the trading status of its "
        "symbol, and a short sale the shares to borrow; null: true live, else false",
        live=True,
    )

    close_buffer_ns: int = derived()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchdogLimits(LimitGroup):
    """The process that cancels everything when the engine hangs."""

    seconds: Number = seconds(
        "15", ("1", "3600"), "silence_ns", "without a sign of life of the engine"
    )

    silence_ns: int = derived()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionLimits(LimitGroup):
    """How a position is protected."""

    protective_stop: StopKeeper = choice(
        StopKeeper.BROKER,
        "broker: a stop order rests there, engine: the engine watches the price, none: no stop",
    )
    target_pct: Number | None = percent(
        None, ("0.01", "1000"), "target", "distance to an exit with a profit; null: off",
        optional=True, of="the average fill",
    )  # fmt: skip
    trailing_pct: Number | None = percent(
        None, ("0.01", "50"), "trailing", "distance at which the stop follows the best price; "
        "null: off", optional=True, of="the best price",
    )  # fmt: skip

    target: int | None = derived()
    trailing: int | None = derived()
