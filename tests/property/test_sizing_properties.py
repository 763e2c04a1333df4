"""What holds for every size, whatever the account looks like."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fillpath.core.models import OrderSide, Refusal, SignalDirection
from fillpath.core.units import MONEY_SCALE, PRICE_SCALE, QUANTITY_SCALE, RATIO_SCALE
from fillpath.execution.policy import SizingMethod, SizingPolicy
from fillpath.execution.sizing import Sized, SizingInput, kelly_fraction, size

LONG, SHORT, FLAT = SignalDirection.LONG, SignalDirection.SHORT, SignalDirection.FLAT
OTHER_WAY = {LONG: SHORT, SHORT: LONG, FLAT: FLAT}

signed_shares = st.integers(-2_000 * QUANTITY_SCALE, 2_000 * QUANTITY_SCALE)
shares = st.integers(0, 2_000 * QUANTITY_SCALE)
money = st.integers(-(10**4) * MONEY_SCALE, 10**6 * MONEY_SCALE)
statistics = st.fixed_dictionaries(
    {
        "win_rate": st.floats(0.01, 0.99),
        "avg_win_pct": st.floats(0.01, 50),
        "avg_loss_pct": st.floats(0.01, 50),
    },
    optional={"n_trades": st.integers(0, 100)},
)
told = st.one_of(
    st.fixed_dictionaries({"quantity": st.integers(1, 3_000)}),
    st.fixed_dictionaries({"target_quantity": st.integers(0, 3_000)}),
)
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
)


@st.composite
def wishes(draw: st.DrawFn, metadata: st.SearchStrategy[Any] | None = None) -> SizingInput:
    return SizingInput(
        direction=draw(st.sampled_from(SignalDirection)),
        strength=draw(st.integers(0, RATIO_SCALE)),
        price=draw(st.integers(PRICE_SCALE // 10_000, 5_000 * PRICE_SCALE)),
        cash=draw(money),
        reserved=draw(st.integers(0, 10**5 * MONEY_SCALE)),
        equity=draw(money),
        held=draw(signed_shares),
        account_held=draw(signed_shares),
        working_buy=draw(shares),
        working_sell=draw(shares),
        metadata=draw(st.one_of(statistics, told) if metadata is None else metadata),
    )


@st.composite
def policies(draw: st.DrawFn) -> SizingPolicy:
    cents = st.integers(1, 10_000).map(lambda hundredths: Decimal(hundredths) / 100)
    return SizingPolicy(
        position_sizing=draw(st.sampled_from(SizingMethod)),
        max_position_pct=draw(cents),
        cash_reserve_pct=draw(cents),
        risk_budget_pct=draw(st.none() | cents),
        percent_equity=draw(cents),
        fixed_quantity=draw(st.integers(1, 1_000)),
        scale_by_strength=draw(st.booleans()),
        lot_size=draw(st.sampled_from([1, 10, 100])),
    )


@given(wish=wishes(), policy=policies())
def test_a_size_is_whole_lots_above_zero(wish: SizingInput, policy: SizingPolicy) -> None:
    answer = size(wish, policy)

    if isinstance(answer, Sized):
        assert answer.quantity > 0
        assert answer.quantity % policy.lot == 0


@given(wish=wishes(), policy=policies())
def test_a_size_is_within_every_limit_and_within_a_lot_of_the_one_that_bound(
    wish: SizingInput, policy: SizingPolicy
) -> None:
    answer = size(wish, policy)

    if isinstance(answer, Sized):
        smallest = min(answer.limits.values())
        assert answer.limits[answer.bound] == smallest
        assert smallest - policy.lot < answer.quantity <= smallest


@given(wish=wishes(), policy=policies())
def test_an_entry_keeps_the_cap_the_reserve_and_the_risk_budget(
    wish: SizingInput, policy: SizingPolicy
) -> None:
    answer = size(wish, policy)

    if isinstance(answer, Sized) and not answer.closes:
        buys = answer.side is OrderSide.BUY
        working = wish.working_buy if buys else wish.working_sell
        exposure = answer.side.sign * wish.account_held + working + answer.quantity
        assert exposure * wish.price * RATIO_SCALE <= policy.cap * wish.equity
        cost = answer.quantity * wish.price
        if buys:
            left = wish.cash - wish.reserved - cost
            assert left * RATIO_SCALE >= policy.reserve * wish.equity
        if policy.risk_budget is not None:
            assert cost * policy.stop_distance <= policy.risk_budget * wish.equity


@given(wish=wishes(), policy=policies())
def test_an_exit_never_takes_more_than_is_held_and_not_yet_closing(
    wish: SizingInput, policy: SizingPolicy
) -> None:
    answer = size(wish, policy)

    if isinstance(answer, Sized) and answer.closes:
        sells = answer.side is OrderSide.SELL
        sign, working = (1, wish.working_sell) if sells else (-1, wish.working_buy)
        assert answer.quantity + working <= sign * wish.held
        assert answer.quantity + working <= sign * wish.account_held


@given(wish=wishes(), policy=policies())
def test_a_signal_against_what_is_held_only_closes(wish: SizingInput, policy: SizingPolicy) -> None:
    answer = size(wish, policy)

    against = wish.held < 0 if wish.direction is LONG else wish.held > 0
    if isinstance(answer, Sized) and (wish.direction is FLAT or against):
        assert answer.closes


@given(wish=wishes(), policy=policies())
def test_longs_and_shorts_mirror_each_other(wish: SizingInput, policy: SizingPolicy) -> None:
    mirrored = replace(
        wish,
        direction=OTHER_WAY[wish.direction],
        held=-wish.held,
        account_held=-wish.account_held,
        working_buy=wish.working_sell,
        working_sell=wish.working_buy,
    )

    answer, mirror = size(wish, policy), size(mirrored, policy)

    # Cash limits buys alone, so only what it leaves alone is the same on both sides.
    if limited_by_cash(answer) or limited_by_cash(mirror):
        return
    if isinstance(answer, Sized):
        assert isinstance(mirror, Sized)
        assert mirror.side is answer.side.opposite
        assert mirror.quantity == answer.quantity
        assert mirror.bound == answer.bound
        assert mirror.closes == answer.closes
    else:
        assert isinstance(mirror, Refusal)
        assert mirror.code == answer.code


def limited_by_cash(answer: Sized | Refusal) -> bool:
    if isinstance(answer, Sized):
        return answer.bound == "CASH"
    return answer.code == "NO_CASH" or answer.text.startswith("CASH allows")


@given(
    wish=wishes(),
    policy=policies(),
    cap=st.integers(0, 100),
    reserve=st.integers(0, 100),
    budget=st.integers(1, 10_000),
)
def test_tightening_a_limit_never_makes_or_enlarges_an_order(
    wish: SizingInput, policy: SizingPolicy, cap: int, reserve: int, budget: int
) -> None:
    old_budget = policy.risk_budget_pct
    new_budget = Decimal(budget) / 100
    tighter = SizingPolicy(
        position_sizing=policy.position_sizing,
        max_position_pct=max(Decimal("0.01"), Decimal(policy.max_position_pct) * cap / 100),
        cash_reserve_pct=min(Decimal(100), Decimal(policy.cash_reserve_pct) + reserve),
        risk_budget_pct=new_budget if old_budget is None else min(new_budget, Decimal(old_budget)),
        percent_equity=policy.percent_equity,
        fixed_quantity=policy.fixed_quantity,
        scale_by_strength=policy.scale_by_strength,
        lot_size=policy.lot_size,
    )

    loose, tight = size(wish, policy), size(wish, tighter)

    if isinstance(loose, Refusal):
        assert isinstance(tight, Refusal)
    elif isinstance(tight, Sized):
        assert tight.quantity <= loose.quantity


@given(wish=wishes(), policy=policies(), less=st.integers(0, 10**6 * MONEY_SCALE))
def test_less_cash_never_makes_or_enlarges_an_order(
    wish: SizingInput, policy: SizingPolicy, less: int
) -> None:
    rich, poor = size(wish, policy), size(replace(wish, cash=wish.cash - less), policy)

    if isinstance(rich, Refusal):
        assert isinstance(poor, Refusal)
    elif isinstance(poor, Sized):
        assert poor.quantity <= rich.quantity


@given(
    rate=st.decimals("0.001", "0.999", places=3),
    win=st.decimals("0.01", "100", places=2),
    loss=st.decimals("0.01", "100", places=2),
)
def test_the_kelly_fraction_is_exact_and_never_above_the_win_rate(
    rate: Decimal, win: Decimal, loss: Decimal
) -> None:
    answer = kelly_fraction(rate, win, loss)

    p, b = Fraction(rate), Fraction(win) / Fraction(loss)
    expected = (p * b - (1 - p)) / b
    if isinstance(answer, Refusal):
        assert answer.code == "NO_EDGE"
        assert expected <= 0
    else:
        assert Fraction(*answer) == expected
        assert 0 < expected < p


@given(
    wish=wishes(
        st.dictionaries(
            st.sampled_from(
                [
                    "win_rate",
                    "avg_win_pct",
                    "avg_loss_pct",
                    "n_trades",
                    "quantity",
                    "target_quantity",
                ]
            ),
            anything,
        )
    ),
    policy=policies(),
)
def test_whatever_the_metadata_holds_the_answer_is_a_size_or_a_reason(
    wish: SizingInput, policy: SizingPolicy
) -> None:
    answer = size(wish, policy)

    assert isinstance(answer, Sized) or (answer.code and answer.text)
