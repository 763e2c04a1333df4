"""Prices stand on the tick that the broker told; only what no tick can hold is refused (C-35)."""

import pytest

from fillpath.core.events import FlattenAsked, ReferenceSeen
from fillpath.core.models import OrderSide
from fillpath.execution.desk.state import DeskState
from fillpath.execution.desk.ticking import stop_on_tick, told_tick
from fillpath.execution.pricing import to_step
from fillpath.risk.memory import SymbolFacts
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.guarded import Guarded, keeping
from tests.unit.execution.desk.scene import Scene, a_holding, price, shares

BUY, SELL = OrderSide.BUY, OrderSide.SELL


def told(scene: Scene, tick: str = "0.05") -> Scene:
    """Let the broker tell the tick of the contract."""
    scene.tell(ReferenceSeen(scene.at, SYMBOL, tick=price(tick)))
    return scene


@pytest.mark.parametrize(("told_of", "tick"), [(None, 0), (0, 0), (5, 5)])
def test_a_tick_that_nobody_told_is_none(told_of: int | None, tick: int) -> None:
    state = DeskState()
    if told_of is not None:
        state.risk.symbols[SYMBOL] = SymbolFacts(tick=told_of)

    assert told_tick(state, SYMBOL) == tick


@pytest.mark.control("C-35", "passes")
@pytest.mark.parametrize(
    ("direction", "strength", "limit"),
    [
        pytest.param("LONG", "0.5", "149.95", id="a buy down"),
        pytest.param("SHORT", "0.5", "150.05", id="a sell up"),
        pytest.param("LONG", "0.95", "150.15", id="an urgent buy"),
        pytest.param("SHORT", "0.95", "149.85", id="an urgent sell"),
    ],
)
def test_a_limit_is_rounded_to_its_passive_side(direction: str, strength: str, limit: str) -> None:
    scene = told(Scene())
    scene.show("149.99", "150.01")

    (ticket,) = scene.signal(direction, quantity=100, strength=strength).placed

    assert ticket.limit == price(limit)


@pytest.mark.control("C-35", "passes")
def test_where_no_tick_was_told_the_market_decides() -> None:
    scene = told(Scene(), "0")

    (ticket,) = scene.signal(quantity=100, strength="0.95").placed

    assert ticket.limit == price("150.16")


@pytest.mark.control("C-35", "refuses")
def test_a_price_that_no_tick_can_hold_is_refused() -> None:
    scene = told(Scene(), "200")

    answer = scene.signal(quantity=100)

    assert answer.outcomes == ["REFUSED INPUT"]


@pytest.mark.control("C-35", "passes")
def test_a_slice_stands_on_it_too() -> None:
    scene = told(Scene())
    scene.show("149.98", "150.02", adv=shares(50_000))

    (ticket,) = scene.signal(quantity=1_000).placed

    assert ticket.slice_number == 1
    assert ticket.limit == price("150.00")


@pytest.mark.control("C-35", "passes")
def test_an_exit_that_a_person_asked_for_stands_on_it_too() -> None:
    scene = told(Scene(positions=(a_holding(),)))
    scene.kill()
    scene.tell(FlattenAsked(scene.at, "ann", "account", "", "enough"))

    (ticket,) = scene.quote("149.99", "150.01").placed

    assert ticket.limit == price("149.85")


@pytest.mark.control("C-35", "passes")
def test_stop_and_target_stand_on_it() -> None:
    scene = Guarded(keeping(target_pct="1"))
    told(scene, "0.25")
    scene.enter(100, "150.10")

    assert (scene.guard.level, scene.guard.target) == (price("147.25"), price("151.75"))
    assert scene.stop.ticket.stop == price("147.25")
    assert scene.desk.state.book.holdings[SYMBOL].stop == price("147.25")


@pytest.mark.parametrize(
    ("level", "entry", "exits", "tick", "expected"),
    [
        pytest.param("147.10", "150", SELL, "0.25", "147.25", id="of a long up"),
        pytest.param("152.90", "150", BUY, "0.25", "152.75", id="of a short down"),
        pytest.param("147.25", "150", SELL, "0.25", "147.25", id="on it"),
        pytest.param("9.80", "9.90", SELL, "0.25", "9.75", id="never above the entry of a long"),
        pytest.param("10.20", "10.10", BUY, "0.25", "10.25", id="never below that of a short"),
        pytest.param("0.10", "0.11", SELL, "0.25", "0.10", id="where no tick is below the entry"),
        pytest.param("147.10", "150", SELL, "0", "147.10", id="no tick told"),
        pytest.param("151.10", "150", SELL, "0.25", "151.25", id="trailing above the entry"),
        pytest.param("148.90", "150", BUY, "0.25", "148.75", id="trailing below that of a short"),
    ],
)
def test_a_stop_is_rounded_towards_its_entry(
    level: str, entry: str, exits: OrderSide, tick: str, expected: str
) -> None:
    found = stop_on_tick(price(level), price(entry), exits, price(tick))

    assert found == price(expected)


@pytest.mark.parametrize(
    ("side", "step", "expected"),
    [(BUY, 5, 10), (SELL, 5, 15), (BUY, 0, 13), (SELL, 13, 13), (BUY, 100, 0)],
)
def test_a_step_is_taken_down_by_a_buy_and_up_by_a_sell(
    side: OrderSide, step: int, expected: int
) -> None:
    assert to_step(13, side, step) == expected
