"""Tighter limits on sizes, exposure and rates never let an order pass that wider ones refuse."""

from collections import deque
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fillpath.core.models import OrderSide, RiskAction
from fillpath.core.units import MONEY_SCALE, NANOSECONDS, PRICE_SCALE, QUANTITY_SCALE
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import ROWS, Cascade, judge
from fillpath.risk.limits import RateLimits, RiskLimits, Sectors, SizeLimits
from fillpath.risk.memory import AccountFacts, RiskMemory, Sent, Tokens

OURS = frozenset(
    {"C-05", "C-13", "C-14", "C-15", "C-16", "C-17", "C-18", "C-19", "C-20", "C-21", "C-22", "C-26"}
    | {"C-27", "C-32"}
)
ROWS_OF_OURS = tuple(row for row in ROWS if row.control in OURS)
SECTORS = Sectors(rows=(("AAPL", "Technology"),))
NOW = 1_000 * NANOSECONDS
BUYS = ("AAPL", OrderSide.BUY)
SELLS = ("AAPL", OrderSide.SELL)

money = st.integers(0, 10**5).map(lambda value: value * MONEY_SCALE)
moments = st.integers(NOW - 120 * NANOSECONDS, NOW)
shares = st.integers(1, 500).map(lambda value: value * QUANTITY_SCALE)
percents = st.integers(1, 2_000).map(lambda tenths: Decimal(tenths) / 10)
counts = st.integers(1, 12)
parents = st.builds(Sent, moments, shares, money)
windows = st.lists(parents, max_size=5).map(lambda sent: sorted(sent, key=lambda one: one.at))
prices = st.integers(PRICE_SCALE, 300 * PRICE_SCALE)


@st.composite
def orders(draw: st.DrawFn) -> Ask:
    """Return an entry into a market with a spread of two units."""
    bid = draw(prices)
    limit = draw(st.none() | prices)
    return Ask(
        symbol="AAPL",
        side=draw(st.sampled_from(OrderSide)),
        quantity=draw(shares),
        price=bid + 1,
        worst_price=bid if limit is None else limit,
        account_held=draw(st.integers(-100, 100)) * QUANTITY_SCALE,
        working_buy=draw(shares),
        working_sell=draw(shares),
        cash=draw(money),
        reserved=draw(money),
        equity=draw(money) + MONEY_SCALE,
        open_symbols=draw(st.integers(0, 30)),
        symbol_is_open=draw(st.booleans()),
        reduces=False,
        killed=False,
        at=NOW,
        strategy="trend",
        limit=limit,
        bid=bid,
        ask=bid + 2,
        quote_at=NOW,
        adv=draw(st.sampled_from([-1, 0, 10_000 * QUANTITY_SCALE])),
        long_value=draw(money),
        short_value=draw(money),
        sector_value=draw(money),
        shorting=draw(money),
    )


@st.composite
def memories(draw: st.DrawFn) -> RiskMemory:
    """Return what risk may remember at that moment."""
    basket = draw(windows)
    resting = draw(st.dictionaries(st.sampled_from("abcde"), prices, min_size=1))
    account = AccountFacts(
        kind=draw(st.sampled_from(["", "cash", "margin"])),
        settled_cash=draw(st.none() | money),
    )
    tokens = st.builds(Tokens, moments, st.integers(0, 3 * NANOSECONDS))
    return RiskMemory(
        account=account,
        day_at=NOW - draw(st.sampled_from([0, 86_400])) * NANOSECONDS,
        parents_today=draw(st.integers(0, 12)),
        turnover_today=draw(money),
        alike={BUYS: deque(draw(windows))},
        baskets={"trend": deque(basket)},
        basket_value={"trend": sum(sent.value for sent in basket)},
        tokens=draw(st.dictionaries(st.sampled_from(["s:trend", "y:AAPL", "a:"]), tokens)),
        open_orders={draw(st.sampled_from([BUYS, SELLS])): resting},
        open_total=len(resting) + draw(st.integers(0, 8)),
    )


LOOSER_WHEN_LARGER: dict[str, st.SearchStrategy[Any]] = {
    "max_position_pct": percents.filter(lambda value: value <= 100),
    "max_sector_pct": percents.filter(lambda value: value <= 100),
    "max_leverage": st.integers(1, 10),
    "max_net_pct": percents,
    "max_positions": st.integers(1, 30),
    "max_trades_per_day": st.integers(0, 12),
    "max_turnover_pct": percents,
    "size.max_quantity_liquid": st.integers(0, 500),
    "size.max_quantity_other": st.integers(0, 500),
    "size.max_notional_pct": percents,
    "size.max_parent_adv_pct": percents,
    "size.max_child_adv_pct": percents,
    "size.basket_pct": percents,
    "rates.strategy_per_second": counts,
    "rates.symbol_per_second": counts,
    "rates.account_per_second": counts,
    "rates.open_orders_symbol": counts,
    "rates.open_orders_total": counts,
}
TIGHTER_WHEN_LARGER: dict[str, st.SearchStrategy[Any]] = {
    "cash_reserve_pct": percents.filter(lambda value: value <= 100),
    "size.basket_seconds": st.integers(1, 120),
    "rates.duplicate_seconds": st.integers(0, 120),
    "rates.duplicate_tolerance_pct": percents.filter(lambda value: value <= 100),
}


def limits_of(values: dict[str, Any]) -> RiskLimits:
    """Return limits by the names of their keys."""
    groups: dict[str, dict[str, Any]] = {"": {}, "size": {}, "rates": {}}
    for name, value in values.items():
        group, _, key = name.rpartition(".")
        groups[group][key] = value
    size, rates = SizeLimits(**groups["size"]), RateLimits(**groups["rates"])
    return RiskLimits(**groups[""], size=size, rates=rates, sectors=SECTORS)


@st.composite
def wide_and_tight(draw: st.DrawFn) -> tuple[RiskLimits, RiskLimits]:
    """Return two sets of limits; each limit of the second is as tight or tighter."""
    wide: dict[str, Any] = {}
    tight: dict[str, Any] = {}
    for names, tighter_when_larger in ((LOOSER_WHEN_LARGER, False), (TIGHTER_WHEN_LARGER, True)):
        for name, values in names.items():
            low, high = sorted((draw(values), draw(values)))
            wide[name], tight[name] = (low, high) if tighter_when_larger else (high, low)
    return limits_of(wide), limits_of(tight)


@given(order=orders(), memory=memories(), limits=wide_and_tight())
def test_tightening_never_lets_more_pass(
    order: Ask, memory: RiskMemory, limits: tuple[RiskLimits, RiskLimits]
) -> None:
    wide, tight = limits

    for gate in ("parent", "child", "whole", "sending"):
        allowed = [
            judge(order, memory, one, getattr(Cascade(one, ROWS_OF_OURS), gate)).quantity
            for one in (wide, tight)
        ]
        assert allowed[1] <= allowed[0]


@given(order=orders(), memory=memories(), limits=wide_and_tight())
def test_what_was_cut_passes_as_it_is(
    order: Ask, memory: RiskMemory, limits: tuple[RiskLimits, RiskLimits]
) -> None:
    cascade = Cascade(limits[0], ROWS_OF_OURS)
    first = judge(order, memory, limits[0], cascade.child)

    if first.action is RiskAction.REDUCE_SIZE:
        again = judge(replace(order, quantity=first.quantity), memory, limits[0], cascade.child)
        assert again.action is RiskAction.APPROVE
