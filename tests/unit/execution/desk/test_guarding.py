"""What is to be protected, and at which level."""

import pytest
from msgspec.structs import replace

from fillpath.core.events import OrderFilled, SplitApplied
from fillpath.core.holdings import Holding
from fillpath.core.models import OrderSide
from fillpath.execution.desk.guard import Guard
from fillpath.execution.desk.guarding import (
    anchor,
    exit_side,
    fit,
    follow_fills,
    next_ratchet,
    ratchet,
    split,
    to_protect,
    traded,
)
from fillpath.execution.desk.state import Book, DeskState, OrderState
from tests.unit.execution.desk.guarded import Guarded, keeping
from tests.unit.execution.desk.scene import price

A = "AAPL"
NORTH, SOUTH, NOBODY = ("north", A), ("south", A), ("", A)


def guard(quantity: int = 0, cost: int = 0, **changes: int) -> Guard:
    return Guard(paid=Holding(quantity, cost), **changes)  # type: ignore[arg-type]  # all are ints


@pytest.mark.parametrize(
    ("shares", "key", "own", "wanted"),
    [
        pytest.param({NORTH: 7}, NORTH, 0, 7, id="a long"),
        pytest.param({NORTH: -7}, NORTH, 0, -7, id="a short"),
        pytest.param({}, NORTH, 7, 0, id="nothing is held any more"),
        pytest.param({NORTH: 7, NOBODY: 5}, NORTH, 0, 7, id="unclaimed on the same side"),
        pytest.param({NORTH: 7, NOBODY: -5}, NORTH, 0, 2, id="sold by hand in part"),
        pytest.param({NORTH: 7, NOBODY: -7}, NORTH, 0, 0, id="sold by hand whole"),
        pytest.param({NORTH: 7, NOBODY: -9}, NORTH, 0, 0, id="sold by hand and more"),
        pytest.param({NORTH: -7, NOBODY: 5}, NORTH, 0, -2, id="a short bought by hand"),
        pytest.param({NORTH: 7, SOUTH: 6, NOBODY: -9}, NORTH, 0, 0, id="the first loses first"),
        pytest.param({NORTH: 7, SOUTH: 6, NOBODY: -9}, SOUTH, 0, 4, id="the second loses the rest"),
        pytest.param({NORTH: 7, SOUTH: 6, NOBODY: -5}, SOUTH, 0, 6, id="the second loses nothing"),
        pytest.param({NORTH: -7, SOUTH: 6, NOBODY: -5}, SOUTH, 0, 1, id="others are short"),
        pytest.param({NORTH: 1, SOUTH: 6, NOBODY: -5}, SOUTH, 0, 2, id="a single unit"),
        pytest.param({NOBODY: 7}, NOBODY, 0, 0, id="never bought by us"),
        pytest.param({NOBODY: 7}, NOBODY, 5, 5, id="bought by us in part"),
        pytest.param({NOBODY: 5}, NOBODY, 7, 5, id="sold by others in part"),
        pytest.param({NOBODY: -5}, NOBODY, 7, 0, id="turned over by others"),
        pytest.param({NOBODY: -5}, NOBODY, -7, -5, id="a nameless short"),
        pytest.param({NOBODY: -7}, NOBODY, -5, -5, id="a nameless short of ours in part"),
        pytest.param({NOBODY: 1}, NOBODY, 1, 1, id="a single unit of ours"),
    ],
)
def test_what_needs_a_stop(
    shares: dict[tuple[str, str], int], key: tuple[str, str], own: int, wanted: int
) -> None:
    other = {("north", "MSFT"): 3}
    book = Book(by_strategy={**other, **shares})

    assert to_protect(book, key, guard(own)) == wanted
    assert to_protect(book, ("nobody", A), None) == 0


def test_a_nameless_position_without_a_guard_needs_none() -> None:
    assert to_protect(Book(by_strategy={NOBODY: 7}), NOBODY, None) == 0


@pytest.mark.parametrize(
    ("held", "cost", "wanted", "cost_after", "anew"),
    [
        pytest.param(10, 1_000, 10, 1_000, False, id="as it was"),
        pytest.param(10, 1_000, 5, 500, False, id="less at the same price"),
        pytest.param(10, 1_000, 15, 1_500, False, id="more at the same price"),
        pytest.param(-10, -1_000, -5, -500, False, id="less of a short"),
        pytest.param(1, 100, 2, 200, False, id="from a single unit"),
        pytest.param(0, 0, 5, 450, True, id="at the price of the account"),
        pytest.param(-10, -1_000, 5, 450, True, id="turned over"),
        pytest.param(10, 1_000, -5, 0, True, id="turned where the account is long"),
        pytest.param(10, 1_000, 0, 0, True, id="gone"),
    ],
)
def test_a_guard_is_fitted_to_what_is_held(
    held: int, cost: int, wanted: int, cost_after: int, *, anew: bool
) -> None:
    book = Book(holdings={A: Holding(20, 1_800)})
    seen = guard(held, cost, level=9, target=8, best=7)
    seen.fired = "stop"

    moved = fit(seen, book, NORTH, wanted)

    assert (seen.paid.quantity, seen.paid.cost, moved) == (wanted, cost_after, anew)
    kept = (9, 8, 7, "stop")
    assert (seen.level, seen.target, seen.best, seen.fired) == ((0, 0, 0, "") if anew else kept)


def test_what_came_from_nowhere_has_no_cost() -> None:
    seen = guard()

    fit(seen, Book(), NORTH, 5)

    assert (seen.held, seen.paid.cost) == (5, 0)


@pytest.mark.parametrize(
    ("held", "signed", "moved", "kept"),
    [
        pytest.param(0, 5, True, False, id="opened"),
        pytest.param(5, 5, True, True, id="added"),
        pytest.param(5, -2, False, True, id="reduced"),
        pytest.param(5, -4, False, True, id="reduced to one unit"),
        pytest.param(5, -5, False, False, id="closed"),
        pytest.param(5, -8, True, False, id="turned over"),
        pytest.param(-5, -5, True, True, id="a short added"),
        pytest.param(-5, 2, False, True, id="a short reduced"),
        pytest.param(-5, 6, True, False, id="a short turned over"),
    ],
)
def test_an_execution_moves_the_average_or_not(
    held: int, signed: int, *, moved: bool, kept: bool
) -> None:
    seen = guard(held, held * 100, level=9, best=7)
    seen.fired = "stop"

    assert traded(seen, signed, 120) is moved
    assert seen.held == held + signed
    assert (seen.level, seen.best, seen.fired) == ((9, 7, "stop") if kept else (0, 0, ""))


def anchored(held: int, average: str, **limits: object) -> tuple[DeskState, Guard]:
    state = DeskState()
    cost = held * price(average)
    state.book.holdings[A] = Holding(held, cost)
    seen = guard(held, cost)
    anchor(state, keeping(**limits), NORTH, seen)  # type: ignore[arg-type]  # limits by name
    return state, seen


@pytest.mark.parametrize(
    ("held", "average", "level", "target"),
    [
        (100, "150", "147", "156"),
        (-100, "150", "153", "144"),
        (1, "150", "147", "156"),
        (-1, "33.33", "33.99", "31.99"),
        (100, "33.33", "32.67", "34.67"),
    ],
)
def test_both_levels_are_anchored_to_the_average(
    held: int, average: str, level: str, target: str
) -> None:
    state, seen = anchored(held, average, target_pct=4)

    assert (seen.level, seen.target) == (price(level), price(target))
    assert state.book.holdings[A].stop == price(level)
    assert next_ratchet(keeping(), seen) is None


def test_the_level_of_one_of_several_strategies_is_not_shown_as_the_accounts() -> None:
    state = DeskState()
    state.book.holdings[A] = Holding(200, 200 * price(150))
    seen = guard(100, 100 * price(150))

    anchor(state, keeping(), NORTH, seen)
    state.book.holdings.clear()
    anchor(state, keeping(), NORTH, seen)

    assert seen.level == price(147)


def test_the_accounts_stop_is_left_alone_where_others_hold_too() -> None:
    state = DeskState()
    state.book.holdings[A] = Holding(200, 200 * price(150), stop=5)

    anchor(state, keeping(), NORTH, guard(100, 100 * price(150)))

    assert state.book.holdings[A].stop == 5


def filled(order_id: str, at: int, quantity: int, cost: int) -> OrderState:
    """Return an order with one execution; a sale has a negative quantity."""
    side = OrderSide.BUY if quantity > 0 else OrderSide.SELL
    news = OrderFilled(at, order_id, f"{order_id}:1", A, side, abs(quantity), cost, at, 0)
    ticket = replace(
        Guarded().signal(quantity=1).placed[0], order_id=order_id, strategy_name="north"
    )
    order = OrderState(ticket, at, cost, cost, None, reduces=False)
    order.fills[news.fill_id] = news
    return order


def test_what_is_held_cost_what_the_own_fills_since_it_was_flat_cost() -> None:
    state = DeskState()
    for order in (filled("c", 3, 10, 120), filled("a", 1, 20, 100), filled("b", 2, -20, 130)):
        state.orders[order.ticket.order_id] = order
    seen, other = guard(10, 999), guard(11, 999)

    follow_fills(state, seen, NORTH)
    follow_fills(state, other, NORTH)

    assert (seen.paid.cost, other.paid.cost) == (1_200, 999)  # more is held than is remembered


@pytest.mark.parametrize(
    ("held", "seen_price", "best", "following", "level"),
    [
        (100, "160", "160", "160.16", "158.4"),
        (100, "149", "150", "150.15", "148.5"),
        (-100, "140", "140", "139.86", "141.4"),
        (-100, "151", "150", "149.85", "151.5"),
    ],
)
def test_a_trailing_level_follows_the_best_price_only(
    held: int, seen_price: str, best: str, following: str, level: str
) -> None:
    state, seen = anchored(held, "150", trailing_pct=1)
    policy = keeping(trailing_pct=1)

    ratchet(seen, price(seen_price))
    anchor(state, policy, NORTH, seen)

    assert (seen.best, seen.level) == (price(best), price(level))
    assert next_ratchet(policy, seen) == price(following)


def test_a_cheap_share_trails_tick_by_tick() -> None:
    _, seen = anchored(100, "1.00", trailing_pct="0.5")

    assert next_ratchet(keeping(trailing_pct="0.5"), seen) == price("1.01")


def test_nothing_is_followed_where_nothing_trails() -> None:
    seen = guard(100, 100 * price(150))

    ratchet(seen, price(170))

    assert seen.best == 0
    assert next_ratchet(keeping(trailing_pct=1), seen) is None


@pytest.mark.parametrize(
    ("held", "level", "after"), [(100, "147.01", "49.01"), (-100, "153.01", "51")]
)
def test_a_split_keeps_the_level_on_the_tick(held: int, level: str, after: str) -> None:
    seen = guard(held, held * price(150), level=price(level), best=price(159))

    split(seen, SplitApplied(1, A, 3, 1))

    assert (seen.held, seen.level, seen.best) == (held * 3, price(after), price(53))
    assert seen.paid.cost == held * price(150)


def test_a_position_is_closed_on_its_other_side() -> None:
    assert [exit_side(1), exit_side(-1)] == ["SELL", "BUY"]


@pytest.mark.parametrize(
    ("new", "old", "best", "level"),
    [(2, 1, "100", "70"), (1, 2, "400", "280"), (3, 2, "133.33333333", "93.34")],
)
def test_a_split_restates_the_best_price_and_the_level(
    new: int, old: int, best: str, level: str
) -> None:
    held = guard(300, 300 * price(150), best=price(200), level=price(140))

    split(held, SplitApplied(0, A, new, old))

    assert (held.best, held.level, held.held) == (price(best), price(level), 300 * new // old)


def test_one_unit_that_somebody_else_has_sold_needs_no_stop() -> None:
    book = Book(by_strategy={NORTH: 1, NOBODY: -1})

    assert to_protect(book, NORTH, None) == 0


@pytest.mark.parametrize(("held", "share", "least"), [(1, 5, 1), (5, 1, 1), (-1, -5, -1)])
def test_of_what_nobody_claims_no_more_than_our_own_orders_brought(
    held: int, share: int, least: int
) -> None:
    assert to_protect(Book(by_strategy={NOBODY: share}), NOBODY, guard(held)) == least


def test_one_unit_that_is_there_already_costs_what_it_has_cost() -> None:
    book = Book(holdings={A: Holding(1, price(150))})
    held = guard()

    assert fit(held, book, NORTH, 1)
    assert held.paid.cost == price(150)


def test_the_best_price_of_one_unit_is_the_highest() -> None:
    held = guard(1, price(150), best=price(150))

    ratchet(held, price(160))

    assert held.best == price(160)
