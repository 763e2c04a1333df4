"""Invariant 44: tightening any limit never lets through what was refused before."""

from collections import deque
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillpath.core.models import OrderSide, RiskAction
from fillpath.core.units import MONEY_SCALE, PRICE_SCALE, QUANTITY_SCALE
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Cascade, Walk, judge
from fillpath.risk.limits import Instruments, Permissions, RiskLimits
from fillpath.risk.limits.limit import Limit
from fillpath.risk.limits.tightening import LIMITS, loosened
from fillpath.risk.memory import AccountFacts, RiskMemory, Sent, SymbolFacts
from fillpath.risk.verdicts import Verdict

NOW = 10**18
SYMBOLS = ("AAPL", "IBM")
STRATEGIES = ("momentum", "momentum", "other", "")
AAPL = ("AAPL", "265598", "liquid", "USD", "NASDAQ")
ROW = ("momentum", "AAPL", "BUY,SELL", "LIMIT", "regular", "4000", "AAPL")
LISTS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"instruments": Instruments(rows=(AAPL,))},
    {"permissions": Permissions(everyone=False)},
    {"permissions": Permissions(everyone=False, rows=(ROW,))},
    {"permissions": Permissions(everyone=False, rows=(("momentum", *["*"] * 4, "", "*"),))},
)
OPEN = {RiskAction.APPROVE, RiskAction.REDUCE_SIZE}

# Mostly what passes nearly all checks: what fails many at once shows no single limit at work.
money = st.sampled_from([0, 100, 10_000, 100_000, 1_000_000]).map(lambda m: m * MONEY_SCALE)
wealth = st.sampled_from([100_000, 100_000, 1_000_000, 100]).map(lambda m: m * MONEY_SCALE)
shares = st.sampled_from([0, 0, 0, 10, 300]).map(lambda count: count * QUANTITY_SCALE)
prices = st.sampled_from([1, 3, 4, 6, 20, 100]).map(lambda price: price * PRICE_SCALE)


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    bid = draw(prices)
    ask = bid + draw(st.sampled_from([1, 1, PRICE_SCALE // 100, PRICE_SCALE]))
    worst = ask + draw(st.sampled_from([0, 0, ask // 100, ask // 20]))
    held = draw(shares) * draw(st.sampled_from([-1, 1]))
    return Ask(
        symbol=draw(st.sampled_from(SYMBOLS)),
        side=draw(st.sampled_from(OrderSide)),
        quantity=draw(st.sampled_from([1, 10, 20, 100, 1_000])) * QUANTITY_SCALE,
        price=(bid + ask) // 2,
        worst_price=worst,
        account_held=held,
        working_buy=draw(shares),
        working_sell=draw(shares),
        cash=draw(wealth),
        reserved=draw(st.sampled_from([0, 0, 10_000])) * MONEY_SCALE,
        equity=draw(wealth),
        open_symbols=draw(st.sampled_from([0, 5, 19, 20, 30])),
        symbol_is_open=draw(st.booleans()),
        reduces=False,
        killed=False,
        at=NOW,
        strategy=draw(st.sampled_from(STRATEGIES)),
        limit=draw(st.sampled_from([None, worst])),
        bid=bid,
        ask=ask,
        quote_at=NOW - draw(st.sampled_from([0, 0, 2, 4, 7, 40])) * 10**9,
        adv=draw(st.sampled_from([0, 500, 5_000, 10**6])) * QUANTITY_SCALE,
        signal_price=draw(st.sampled_from([0, bid, bid * 2])),
        long_value=draw(st.sampled_from([0, 0, 50_000, 100_000])) * MONEY_SCALE,
        short_value=draw(st.sampled_from([0, 0, 50_000])) * MONEY_SCALE,
        sector_value=draw(st.sampled_from([0, 0, 20_000, 30_000])) * MONEY_SCALE,
        child=draw(st.booleans()),
        order_id="momentum/1",
        parent_id="momentum/1",
        closes_at=NOW + draw(st.sampled_from([0, 60, 300, 10**4])) * 10**9,
    )


@st.composite
def memories(draw: st.DrawFn) -> RiskMemory:
    facts = SymbolFacts(
        con_id=draw(st.sampled_from([0, 265_598, 265_598, 1])),
        currency="USD",
        exchange="NASDAQ",
        prior_close=draw(st.sampled_from([0, 100 * PRICE_SCALE])),
        status=draw(st.sampled_from(["", "TRADING", "HALTED"])),
    )
    account = AccountFacts(at=NOW, equity=draw(money), day_trades_left=draw(st.integers(-1, 4)))
    value = draw(st.sampled_from([0, 10_000, 20_000, 100_000])) * MONEY_SCALE
    working = draw(st.sampled_from([1, 14, 15, 200]))
    return RiskMemory(
        symbols={"AAPL": facts},
        account=account,
        day_at=NOW,
        parents_today=draw(st.sampled_from([0, 1, 4, 49, 50, 500])),
        turnover_today=draw(st.sampled_from([0, 0, 200_000])) * MONEY_SCALE,
        baskets={"momentum": deque([Sent(NOW - 5 * 10**9, QUANTITY_SCALE, value)])},
        basket_value={"momentum": value},
        open_orders={("AAPL", "BUY"): dict.fromkeys(map(str, range(working)), 4 * PRICE_SCALE)},
        open_total=working,
    )


def values(limit: Limit) -> st.SearchStrategy[Any]:
    if limit.kind is bool:
        found: st.SearchStrategy[Any] = st.booleans()
    elif limit.kind is str:
        found = st.sampled_from(["", "AAPL", "AAPL,IBM", "IBM"])
    elif issubclass(limit.kind, StrEnum):
        found = st.sampled_from(list(limit.kind))
    else:
        # What trades is small beside the widest limits, so most values come from the lower end.
        ends = [limit.low, *(limit.low + step for step in (1, 2, 5, 20, 100)), limit.high]
        kind: Any = limit.kind
        inside = {kind(min(end, limit.high)) for end in ends} | {kind(limit.default or limit.low)}
        found = st.sampled_from(sorted(inside))
    return st.none() | found if limit.optional else found


def with_value(limits: RiskLimits, name: str, value: object) -> RiskLimits:
    group, _, key = name.rpartition(".")
    changed: dict[str, Any] = {key: value}
    if group:
        changed = {group: replace(getattr(limits, group), **changed)}
    return replace(limits, **changed)


@st.composite
def limit_sets(draw: st.DrawFn) -> RiskLimits:
    limits = RiskLimits(**draw(st.sampled_from(LISTS)))
    for name in draw(st.lists(st.sampled_from(sorted(LIMITS)), max_size=1)):
        limits = with_value(limits, name, draw(values(LIMITS[name])))
    return limits


def verdicts(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> list[Verdict]:
    """Return the verdict of every gate."""
    cascade = Cascade(limits)
    walks = [walk for walk in vars(cascade).values() if isinstance(walk, Walk)]
    return [judge(ask, memory, limits, walk) for walk in walks]


def check_no_looser(before: list[Verdict], after: list[Verdict]) -> None:
    assert before
    for old, new in zip(before, after, strict=True):
        assert new.quantity <= old.quantity
        assert old.action is not RiskAction.REJECT or new.action is RiskAction.REJECT
        assert old.action is not RiskAction.REQUIRE_HUMAN_APPROVAL or new.action not in OPEN


@pytest.mark.control("C-52", "refuses")
@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.no_cover
@settings(max_examples=40)
@given(data=st.data())
def test_tightening_a_limit_lets_nothing_through(name: str, data: st.DataObject) -> None:
    old = data.draw(limit_sets())
    new = with_value(old, name, data.draw(values(LIMITS[name])))
    ask, memory = data.draw(asks()), data.draw(memories())

    if loosened(old, new):
        old, new = new, old
    if not loosened(old, new):
        check_no_looser(verdicts(ask, memory, old), verdicts(ask, memory, new))


@given(ask=asks(), memory=memories(), lists=st.permutations(range(len(LISTS))))
def test_tighter_lists_let_nothing_through(ask: Ask, memory: RiskMemory, lists: list[int]) -> None:
    old, new = (RiskLimits(**LISTS[number]) for number in lists[:2])

    if not loosened(old, new):
        check_no_looser(verdicts(ask, memory, old), verdicts(ask, memory, new))
