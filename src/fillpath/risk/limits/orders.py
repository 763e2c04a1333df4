"""Limits of single orders: their price, their size, how many and how fast."""

from dataclasses import dataclass

from fillpath.core.units import Number
from fillpath.risk.limits.limit import LimitGroup, choice, derived, percent, seconds, shares, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLimits(LimitGroup):
    """How far a price may be from the market, and how old the market may be."""

    collar_liquid_pct: Number = percent(
        "1", ("0.01", "50"), "collar_liquid", "the most an order in a liquid symbol reaches beyond "
        "the far side of the quote",
    )  # fmt: skip
    collar_other_pct: Number = percent(
        "3", ("0.01", "50"), "collar_other", "the same for every other symbol"
    )
    period_collar_pct: Number = percent(
        "3",
        ("0.01", "100"),
        "period_collar",
        "how far the mean price of own fills and working orders may be from the mid before them",
    )
    period_seconds: Number = seconds(
        "300", ("1", "86400"), "period_ns", "the time that period_collar_pct looks back"
    )
    band_liquid_pct: Number = percent(
        "5",
        ("0.01", "100"),
        "band_liquid",
        "where the exchange's band is not told, how far the price of an order in a liquid symbol may "
        "be from the mean of five minutes",
    )
    band_other_pct: Number = percent(
        "10", ("0.01", "100"), "band_other", "the same for every other symbol"
    )
    signal_deviation_pct: Number = percent(
        "5",
        ("0.01", "100"),
        "signal_deviation",
        "how far the price of a signal may be from the mid",
    )
    close_band_pct: Number = percent(
        "20",
        ("0.01", "1000"),
        "close_band",
        "how far the mid may be from the close before, where that is known",
    )
    corporate_action_pct: Number = percent(
        "25",
        ("0.01", "1000"),
        "corporate_action",
        "a symbol that opens further than this from its close before is quarantined",
    )
    market_quote_age_seconds: Number = seconds(
        "5",
        ("0.001", "86400"),
        "market_quote_age_ns",
        "an older quote prices no market order; null: 3 live, else router.max_quote_age_seconds",
        live="3",
        quote_ages=1,
    )
    limit_quote_age_seconds: Number = seconds(
        "5",
        ("0.001", "86400"),
        "limit_quote_age_ns",
        "an older quote prices no limit order; null: 10 live, else router.max_quote_age_seconds",
        live="10",
        quote_ages=1,
    )
    pause_quote_age_seconds: Number = seconds(
        "5",
        ("0.001", "86400"),
        "pause_quote_age_ns",
        "slices pause on an older quote; null: 10 live, else router.max_quote_age_seconds",
        live="10",
        quote_ages=1,
    )
    cancel_quote_age_seconds: Number = seconds(
        "30",
        ("0.001", "604800"),
        "cancel_quote_age_ns",
        "resting orders are cancelled on an older quote; null: 60 live, else 6 times "
        "router.max_quote_age_seconds",
        live="60",
        quote_ages=6,
    )

    collar_liquid: int = derived()
    collar_other: int = derived()
    period_collar: int = derived()
    period_ns: int = derived()
    band_liquid: int = derived()
    band_other: int = derived()
    signal_deviation: int = derived()
    close_band: int = derived()
    corporate_action: int = derived()
    market_quote_age_ns: int = derived()
    limit_quote_age_ns: int = derived()
    pause_quote_age_ns: int = derived()
    cancel_quote_age_ns: int = derived()


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLimits(LimitGroup):
    """How large one order, one parent and one basket may be."""

    max_quantity_liquid: Number = shares(
        "50000",
        ("0", "1000000000"),
        "max_quantity_liquid_units",
        "the most of one order in a liquid symbol; 0: none may be sent",
    )
    max_quantity_other: Number = shares(
        "5000",
        ("0", "1000000000"),
        "max_quantity_other_units",
        "the same for every other symbol, and where no class is known; 0: none may be sent",
    )
    max_notional_pct: Number = percent(
        "6",
        ("0.01", "1000"),
        "max_notional",
        "the most one order may be worth at its worst price",
        of="equity",
    )
    max_parent_adv_pct: Number = percent(
        "5", ("0.001", "1000"), "max_parent_adv", "the most of one parent", of="ADV"
    )
    max_child_adv_pct: Number = percent(
        "1", ("0.001", "1000"), "max_child_adv", "the most of one order of a parent", of="ADV"
    )
    basket_pct: Number = percent(
        "100",
        ("0.01", "10000"),
        "basket",
        "the most all parents of one strategy may be worth within basket_seconds; null: 20 live, "
        "else 100",
        of="equity",
        live="20",
    )
    basket_seconds: Number = seconds(
        "60", ("1", "86400"), "basket_ns", "the time that basket_pct looks back"
    )

    max_quantity_liquid_units: int = derived()
    max_quantity_other_units: int = derived()
    max_notional: int = derived()
    max_parent_adv: int = derived()
    max_child_adv: int = derived()
    basket: int = derived()
    basket_ns: int = derived()


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits(LimitGroup):
    """How many orders and messages may leave, and how fast."""

    strategy_per_second: int = whole(
        1_000, (1, 100_000), "orders a second", "of one strategy; null: 5 live, else 1000", live=5
    )
    symbol_per_second: int = whole(
        1_000, (1, 100_000), "orders a second", "in one symbol; null: 1 live, else 1000", live=1
    )
    account_per_second: int = whole(
        1_000, (1, 100_000), "orders a second", "of the account; null: 10 live, else 1000", live=10
    )
    messages_per_second: int = whole(
        40, (1, 1_000), "messages a second", "to the broker, all kinds together"
    )
    cancel_reserve_per_second: int = whole(
        10, (0, 1_000), "messages a second", "of these, kept free for cancels"
    )
    duplicate_seconds: Number = seconds(
        "0",
        ("0", "86400"),
        "duplicate_ns",
        "within this time a second signal for the same side and size is refused; 0: off; null: 10 "
        "live, else 0",
        live="10",
    )
    duplicate_tolerance_pct: Number = percent(
        "1", ("0", "100"), "duplicate_tolerance", "sizes this close count as the same"
    )
    repeated_count: int = whole(
        20,
        (0, 100_000),
        "orders",
        "more of one strategy in one symbol within repeated_seconds stop the strategy; 0: off",
    )
    repeated_seconds: Number = seconds(
        "3600", ("1", "86400"), "repeated_ns", "the time that repeated_count looks back"
    )
    repeated_ends_with_day: bool = choice(
        default=True,
        meaning="whether that stop ends with the session; null: false live, where a person ends it, "
        "else true",
        live=False,
    )
    open_orders_symbol: int = whole(
        10_000,
        (1, 100_000),
        "orders",
        "working on one side of a symbol; null: 15 live, else 10000",
        live=15,
    )
    open_orders_total: int = whole(
        10_000, (1, 100_000), "orders", "working in all; null: 200 live, else 10000", live=200
    )
    order_to_trade: int = whole(
        50,
        (0, 100_000),
        "orders",
        "sent and cancelled for each fill within order_to_trade_seconds before the strategy "
        "pauses; 0: off",
    )
    order_to_trade_seconds: Number = seconds(
        "300", ("1", "86400"), "order_to_trade_ns", "the time that order_to_trade looks back"
    )

    duplicate_ns: int = derived()
    duplicate_tolerance: int = derived()
    repeated_ns: int = derived()
    order_to_trade_ns: int = derived()
