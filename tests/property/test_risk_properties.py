"""What holds for every verdict, whatever the order and the account look like."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fillpath.core.models import OrderSide, RiskAction
from fillpath.core.units import MONEY_SCALE, PRICE_SCALE, QUANTITY_SCALE, RATIO_SCALE
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import ROWS, At
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from tests.unit.risk.builders import judge

signed_shares = st.integers(-500, 500).map(lambda shares: shares * QUANTITY_SCALE)
shares = st.integers(0, 500).map(lambda shares: shares * QUANTITY_SCALE)
money = st.integers(-(10**4) * MONEY_SCALE, 10**6 * MONEY_SCALE)
percents = st.integers(1, 10_000).map(lambda hundredths: Decimal(hundredths) / 100)


@st.composite
def orders(draw: st.DrawFn, *, sound: bool = False) -> Ask:
    least = 1 if sound else 0
    price = draw(st.integers(least, 500 * PRICE_SCALE))
    return Ask(
        symbol="AAPL",
        side=draw(st.sampled_from(OrderSide)),
        quantity=draw(st.integers(least, 500 * QUANTITY_SCALE)),
        price=price,
        worst_price=price + draw(st.integers(0, PRICE_SCALE)),
        account_held=draw(signed_shares),
        working_buy=draw(shares),
        working_sell=draw(shares),
        cash=draw(money),
        reserved=draw(st.integers(0, 10**5 * MONEY_SCALE)),
        equity=draw(money),
        open_symbols=draw(st.integers(0, 30)),
        symbol_is_open=draw(st.booleans()),
        reduces=draw(st.booleans()),
        killed=False if sound else draw(st.booleans()),
        lot=draw(st.sampled_from([1, 10])) * QUANTITY_SCALE,
    )


@st.composite
def limit_sets(draw: st.DrawFn) -> RiskLimits:
    return RiskLimits(
        max_position_pct=draw(percents),
        cash_reserve_pct=draw(percents),
        max_positions=draw(st.integers(1, 30)),
        price_floor=draw(st.integers(0, 100)),
        allow_short=draw(st.booleans()),
    )


@given(order=orders(), limits=limit_sets())
def test_a_verdict_never_sends_more_than_was_asked(order: Ask, limits: RiskLimits) -> None:
    verdict = judge(order, limits)

    match verdict.action:
        case RiskAction.APPROVE:
            assert verdict.quantity == order.quantity
            assert not verdict.objections
        case RiskAction.REDUCE_SIZE:
            assert 0 < verdict.quantity < order.quantity
            assert verdict.quantity % order.lot == 0
        case _:
            assert verdict.quantity == 0
            assert verdict.objections


@given(order=orders(), limits=limit_sets())
def test_a_reduced_order_is_approved_as_it_is(order: Ask, limits: RiskLimits) -> None:
    verdict = judge(order, limits)

    if verdict.quantity:
        again = judge(replace(order, quantity=verdict.quantity), limits)
        assert again.action is RiskAction.APPROVE


@given(order=orders(), limits=limit_sets())
def test_while_the_kill_switch_is_set_nothing_passes(order: Ask, limits: RiskLimits) -> None:
    verdict = judge(replace(order, killed=True), limits)

    assert verdict.action is RiskAction.REJECT
    assert verdict.objections[0].check == "KILL_SWITCH"


@given(order=orders(sound=True), limits=limit_sets())
def test_an_exit_of_what_is_held_always_passes(order: Ask, limits: RiskLimits) -> None:
    sells = order.side is OrderSide.SELL
    held = order.quantity + (order.working_sell if sells else order.working_buy)
    exit_order = replace(order, reduces=True, account_held=held if sells else -held)

    assert judge(exit_order, limits).action is RiskAction.APPROVE


@given(order=orders(), limits=limit_sets())
def test_no_verdict_on_an_exit_turns_the_position_over(order: Ask, limits: RiskLimits) -> None:
    exit_order = replace(order, reduces=True)

    verdict = judge(exit_order, limits)

    if verdict.quantity:
        sells = order.side is OrderSide.SELL
        working = order.working_sell if sells else order.working_buy
        assert verdict.quantity + working <= -order.side.sign * order.account_held


@given(order=orders(), limits=limit_sets())
def test_an_entry_that_passes_keeps_every_limit(order: Ask, limits: RiskLimits) -> None:
    verdict = judge(replace(order, reduces=False), limits)

    if verdict.quantity:
        buys = order.side is OrderSide.BUY
        working = order.working_buy if buys else order.working_sell
        exposure = order.side.sign * order.account_held + working + verdict.quantity
        assert exposure * order.price * RATIO_SCALE <= limits.cap * order.equity
        assert order.price >= limits.floor
        assert order.symbol_is_open or order.open_symbols < limits.max_positions
        if buys:
            left = order.cash - order.reserved - verdict.quantity * order.worst_price
            assert left * RATIO_SCALE >= limits.reserve * order.equity
        else:
            after = order.account_held - order.working_sell - verdict.quantity
            assert limits.allow_short or after >= 0


@given(
    order=orders(),
    limits=limit_sets(),
    tighter=limit_sets(),
)
def test_tightening_a_limit_never_turns_a_refusal_into_an_approval(
    order: Ask, limits: RiskLimits, tighter: RiskLimits
) -> None:
    tight = RiskLimits(
        max_position_pct=min(Decimal(limits.max_position_pct), Decimal(tighter.max_position_pct)),
        cash_reserve_pct=max(Decimal(limits.cash_reserve_pct), Decimal(tighter.cash_reserve_pct)),
        max_positions=min(limits.max_positions, tighter.max_positions),
        price_floor=max(Decimal(limits.price_floor), Decimal(tighter.price_floor)),
        allow_short=limits.allow_short and tighter.allow_short,
    )

    assert judge(order, tight).quantity <= judge(order, limits).quantity


@given(order=orders(), limits=limit_sets())
def test_every_verdict_is_the_sum_of_the_listed_checks(order: Ask, limits: RiskLimits) -> None:
    verdict = judge(order, limits)

    told = [objection.check for objection in verdict.objections]
    if "INPUT" not in told:
        rows = [row for row in ROWS if not row.off(limits) and At.MARKET not in row.at]
        answers = [
            row.check(order, RiskMemory(), limits)
            for row in rows
            if At.EXIT in row.at or not order.reduces
        ]
        assert told == [answer.check for answer in answers if answer is not None]


@given(order=orders(), limits=limit_sets())
def test_buys_and_sells_mirror_each_other(order: Ask, limits: RiskLimits) -> None:
    # Cash limits buys alone and leave to short concerns sells alone.
    fair = RiskLimits(
        max_position_pct=limits.max_position_pct,
        cash_reserve_pct=0,
        max_positions=limits.max_positions,
        price_floor=limits.price_floor,
        allow_short=True,
    )
    rich = replace(order, cash=10**9 * MONEY_SCALE, reserved=0)
    mirrored = replace(
        rich,
        side=rich.side.opposite,
        account_held=-rich.account_held,
        working_buy=rich.working_sell,
        working_sell=rich.working_buy,
    )

    verdict, mirror = judge(rich, fair), judge(mirrored, fair)

    assert (verdict.action, verdict.quantity) == (mirror.action, mirror.quantity)
