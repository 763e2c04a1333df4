"""What the costs of an order promise for every price, fill and market."""

from decimal import Context, Decimal

from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.models import OrderSide
from fillpath.core.units import NANOSECONDS
from fillpath.execution.markouts import HORIZONS, Executed, markout_bps, spreads
from fillpath.execution.midline import Midline, midline
from fillpath.execution.shortfall import Trade, perold, wagner

EXACT = Context(prec=200)
sides = st.sampled_from(OrderSide)
prices = st.decimals(Decimal("0.0001"), 10**6, places=8)
shares = st.decimals(0, 10**9, places=6)
money = st.decimals(-(10**6), 10**6, places=4)
optional = st.none() | prices
units = st.integers(1, 10**12)
moments = st.integers(0, 400 * NANOSECONDS)
points = st.lists(st.tuples(moments, units, units), min_size=1, max_size=8)
fills = st.lists(
    st.builds(Executed, prices, st.decimals(Decimal("0.000001"), 10**6, places=6), moments),
    min_size=1,
    max_size=4,
)


@st.composite
def trades(draw: st.DrawFn) -> Trade:
    wanted = draw(shares)
    filled = min(draw(shares), wanted)
    return Trade(
        side=draw(sides),
        wanted=wanted,
        filled=filled,
        value=EXACT.multiply(filled, draw(prices)),
        decision=draw(optional),
        arrival=draw(optional),
        end=draw(optional),
        fees=draw(money),
    )


def turned(side: OrderSide) -> OrderSide:
    return OrderSide.SELL if side is OrderSide.BUY else OrderSide.BUY


@given(trades())
def test_the_parts_add_up_to_paper_less_real_exactly(trade: Trade) -> None:
    parts = perold(trade)
    if parts.total is None:
        return
    decision = trade.decision or Decimal(0)
    end = trade.end or decision if trade.end is not None else decision
    missed = EXACT.subtract(trade.wanted, trade.filled)
    spent = EXACT.subtract(trade.value, EXACT.multiply(trade.filled, decision))
    rest = EXACT.multiply(missed, EXACT.subtract(end, decision))
    moved = EXACT.add(spent, rest)
    if trade.side is OrderSide.SELL:
        moved = EXACT.minus(moved)
    assert parts.total == EXACT.add(moved, trade.fees) or not trade.filled or not missed


@given(trades())
def test_both_splits_have_one_total_wherever_both_know_it(trade: Trade) -> None:
    one, other = perold(trade).total, wagner(trade).total

    assert one == other or one is None or other is None


@given(trades())
def test_the_other_side_gains_what_this_one_loses(trade: Trade) -> None:
    mirrored = Trade(
        side=turned(trade.side),
        wanted=trade.wanted,
        filled=trade.filled,
        value=trade.value,
        decision=trade.decision,
        arrival=trade.arrival,
        end=trade.end,
        fees=EXACT.minus(trade.fees),
    )
    ours, theirs = perold(trade).total, perold(mirrored).total

    assert ours is theirs is None or (ours is not None and theirs == EXACT.minus(ours))


@given(sides, fills, points, st.sampled_from(HORIZONS))
def test_markouts_are_mirrored_by_the_side(
    side: OrderSide,
    done: list[Executed],
    seen: list[tuple[int, int, int]],
    horizon: tuple[str, int],
) -> None:
    line = midline(seen, until=10**12, longest_gap=10**12)

    ours, theirs = (markout_bps(one, done, line, horizon[1]) for one in (side, turned(side)))

    assert ours is theirs is None or (ours is not None and theirs == -ours)


@given(sides, fills, points, points, moments)
def test_no_figure_knows_what_comes_after_its_moment(
    side: OrderSide,
    done: list[Executed],
    seen: list[tuple[int, int, int]],
    later: list[tuple[int, int, int]],
    now: int,
) -> None:
    """Whatever the market does after now, what is said now is the same."""
    known = [point for point in seen if point[0] <= now]
    coming = [(now + 1 + at, bid, ask) for at, bid, ask in later]
    one = midline(known, until=now, longest_gap=10**12)
    other = midline([*known, *coming], until=now, longest_gap=10**12)

    assert _figures(side, done, one) == _figures(side, done, other)
    last = max(fill.at for fill in done)
    for name, after in HORIZONS:
        if last + after > now:
            assert markout_bps(side, done, other, after) is None, name


def _figures(side: OrderSide, done: list[Executed], line: Midline) -> list[object]:
    marks = [markout_bps(side, done, line, after) for _, after in HORIZONS]
    first = min(fill.at for fill in done)
    last = max(fill.at for fill in done)
    return [*marks, spreads(side, done, line, first), line.twap(first, last)]


@given(points, moments, moments)
def test_the_mean_over_time_lies_between_the_lowest_and_the_highest_mid(
    seen: list[tuple[int, int, int]], one: int, other: int
) -> None:
    line = midline(seen, until=10**12, longest_gap=10**12)

    mean = line.twap(min(one, other), max(one, other))

    mids = [line.mid_at(at) for at, _, _ in seen]
    usable = [mid for mid in mids if mid is not None]
    slack = Decimal("1e-15")
    assert mean is None or min(usable) - slack <= mean <= max(usable) + slack
