"""A record of few trades deserves less of its edge than one of many."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.execution.policy import SizingPolicy
from fillpath.execution.shrinking import shrinkage
from tests.unit.execution.sizing_builders import a_wish, refused, sized

POLICY = SizingPolicy(kelly_shrinkage=True, min_trades=0)


@pytest.mark.parametrize(
    ("win_rate", "payoff", "trades", "expected"),
    [
        # A hundred trades of a coin of 55 % deserve half of Kelly, to a quarter of a percent.
        ("0.55", 1, 100, 0.5025),
        ("0.55", 2, 100, 0.950),
        ("0.52", 1, 1_000, 0.616),
    ],
)
def test_the_published_figures_come_out(
    win_rate: str, payoff: int, trades: int, expected: float
) -> None:
    share = shrinkage(Fraction(win_rate), Fraction(payoff), trades)

    assert float(share) == pytest.approx(expected, abs=5e-4)


@given(
    st.fractions(Fraction(1, 100), Fraction(99, 100)),
    st.fractions(Fraction(1, 10), Fraction(10)),
    st.integers(1, 10_000),
)
def test_more_trades_never_deserve_less(win_rate: Fraction, payoff: Fraction, trades: int) -> None:
    fewer, more = (shrinkage(win_rate, payoff, count) for count in (trades, trades + 1))

    assert 0 <= fewer <= more < 1


def of(trades: object) -> dict[str, object]:
    return {"win_rate": "0.55", "avg_win_pct": 1, "avg_loss_pct": 1, "n_trades": trades}


def test_few_trades_get_a_smaller_position_and_many_never_more_than_half_kelly() -> None:
    def shares(trades: int, policy: SizingPolicy = POLICY) -> int:
        return sized(a_wish(price="10", metadata=of(trades)), policy).quantity // 10**6

    # k of 25 trades is 0.01 / (0.01 + 4 * 0.2475 / 25) = 0.2016 of f* = 0.1 on 50,000.
    assert shares(25) == 100
    assert shares(1_000) == shares(1_000, SizingPolicy()) == 250


def test_without_the_number_of_trades_nothing_is_deserved() -> None:
    wish = a_wish(metadata={"win_rate": "0.55", "avg_win_pct": 2, "avg_loss_pct": 1})

    refusal = refused(wish, POLICY)

    assert refusal.code == "MISSING_STATISTICS"
    assert "n_trades" in refusal.text


def test_a_record_of_no_trades_is_refused() -> None:
    assert refused(a_wish(metadata=of(0)), POLICY).code == "TOO_FEW_TRADES"
