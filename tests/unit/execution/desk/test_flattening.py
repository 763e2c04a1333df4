"""Giving up every position beside a kill: after the cancels, once, and never more than is held."""

from typing import Any, Final

import pytest

from fillpath.core.commands import WatchQuote
from fillpath.core.events import FlattenAsked
from fillpath.core.models import OrderSide
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits
from fillpath.testing.builders import a_signal
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, shares

TREND: Final = {"scope": "strategy", "target": "trend"}
EXIT: Final = "trend/flatten#1"


def flatten(scene: Scene, **scope: Any) -> Answer:
    """Let a person give up every position of a scope."""
    return scene.tell(FlattenAsked(scene.at, "ann", **scope, reason="storm"))


def holding(quantity: int = 100) -> Scene:
    """Return a desk that holds shares and is killed."""
    scene = Scene(positions=(a_holding(quantity),))
    scene.kill()
    return scene


@pytest.mark.fault("F-112")
@pytest.mark.parametrize(("held", "side"), [(100, OrderSide.SELL), (-100, OrderSide.BUY)])
def test_what_is_held_leaves_though_trading_is_killed(held: int, side: OrderSide) -> None:
    scene = holding(held)

    asked = flatten(scene)
    answer = scene.quote()

    (ticket,) = answer.placed
    assert asked.of(WatchQuote) == [WatchQuote("AAPL")]
    assert asked.alarms == ["FLATTENING"]
    assert (ticket.order_id, ticket.side, ticket.quantity) == (EXIT, side, shares(100))
    assert (ticket.route, ticket.strength) == ("flatten", 0)
    assert (ticket.slice_number, ticket.slice_count, ticket.interval_seconds) == (0, 0, 0)
    assert scene.desk.state.orders[EXIT].reduces
    assert scene.desk.state.book.shorting == 0


@pytest.mark.fault("F-112")
def test_asking_twice_sells_once() -> None:
    scene = holding()
    flatten(scene)
    scene.quote()
    scene.accept(EXIT)

    again = flatten(scene)
    pressed = scene.kill()
    quoted = scene.quote()

    assert (again, pressed.cancels, quoted.placed) == ([], [], [])


@pytest.mark.fault("F-112")
def test_nothing_is_sold_while_a_cancel_is_under_way() -> None:
    scene = Scene(positions=(a_holding(100),))
    scene.signal("FLAT", quantity=None)
    scene.accept("trend/sig-1")
    scene.kill()
    flatten(scene)

    early = scene.quote()
    scene.fill("trend/sig-1", 40)
    scene.cancelled("trend/sig-1")
    answer = scene.quote()

    assert (early.placed, early.alarms) == ([], [])
    assert [ticket.quantity for ticket in answer.placed] == [shares(60)]


@pytest.mark.fault("F-112")
def test_what_an_exit_left_is_sold_by_the_next() -> None:
    scene = holding()
    flatten(scene)
    scene.quote()
    scene.accept(EXIT)
    scene.fill(EXIT, 70)
    ended = scene.expire(EXIT)

    (ticket,) = scene.quote().placed

    assert ended.watched == ["AAPL"]

    assert (ticket.order_id, ticket.quantity) == ("trend/flatten#2", shares(30))


def test_when_nothing_is_held_any_more_it_says_so_and_sends_nothing_else() -> None:
    scene = holding()
    flatten(scene)
    scene.quote()
    scene.accept(EXIT)

    answer = scene.fill(EXIT)

    assert "FLATTENED" in answer.alarms
    assert scene.quote() == []
    assert scene.signal(quantity=10).outcomes == ["REFUSED KILL_SWITCH"]


def test_only_the_positions_of_the_scope_are_given_up() -> None:
    other = a_holding(50, strategy="other")
    scene = Scene(positions=(a_holding(100), other))
    scene.kill(**TREND)
    flatten(scene, **TREND)

    answer = scene.quote()

    assert [(t.strategy_name, t.quantity) for t in answer.placed] == [("trend", shares(100))]


def test_what_works_beside_the_scope_keeps_nothing_back() -> None:
    """Another strategy buys the symbol, and the cancel of another symbol is not confirmed."""
    scene = Scene(positions=(a_holding(100),))
    scene.signal(quantity=10, strategy_name="other")
    other = scene.hear(a_signal(symbol="MSFT", signal_id="m", metadata={"quantity": 10}))
    scene.kill(**TREND)
    flatten(scene, **TREND)

    answer = scene.quote()

    assert other.decisions != []
    assert [ticket.order_id for ticket in answer.placed] == [EXIT]


def test_a_strategy_gives_up_its_own_whatever_others_hold() -> None:
    scene = Scene(positions=(a_holding(100), a_holding(-30, strategy="bear")))
    scene.kill(**TREND)
    flatten(scene, **TREND)

    (ticket,) = scene.quote().placed

    assert (ticket.side, ticket.quantity) == (OrderSide.SELL, shares(100))


def test_one_quote_is_waited_for_at_a_time() -> None:
    scene = holding()
    asked = flatten(scene)
    beside = scene.signal(quantity=10)
    blind = scene.quote(None, None)

    assert [answer.watched for answer in (asked, beside, blind)] == [["AAPL"], [], ["AAPL"]]


def test_what_is_not_killed_is_not_flattened() -> None:
    scene = Scene(positions=(a_holding(100),))

    answer = flatten(scene)

    assert answer.alarms == ["UNEXPECTED_FACT"]
    assert scene.quote().placed == []


def test_a_scope_that_nobody_knows_is_not_flattened() -> None:
    scene = holding()

    assert flatten(scene, scope="galaxy").alarms == ["UNEXPECTED_FACT"]


def test_it_waits_for_a_usable_quote_and_an_open_session() -> None:
    scene = holding()
    flatten(scene)

    blind = scene.quote(None, None)
    scene.close()
    closed = scene.quote()
    scene.open()
    answer = scene.quote()

    assert (blind.placed, closed.placed, len(answer.placed)) == ([], [], 1)


def test_a_hold_keeps_it_back() -> None:
    scene = holding()
    flatten(scene)
    scene.hold("RECONCILING")
    held = scene.quote()
    scene.release("RECONCILING")

    assert held.placed == []
    assert len(scene.quote().placed) == 1


@pytest.mark.fault("F-110")
def test_clearing_the_kill_takes_the_leave_back() -> None:
    scene = holding()
    flatten(scene)
    scene.quote()
    scene.accept(EXIT)

    answer = scene.clear()

    assert answer.cancels == [EXIT]
    scene.cancelled(EXIT)
    assert scene.quote().placed == []


def test_clearing_the_kill_cancels_no_exit_that_has_ended() -> None:
    scene = holding()
    flatten(scene)
    scene.quote()
    scene.accept(EXIT)
    scene.fill(EXIT, 70)
    scene.expire(EXIT)

    answer = scene.clear()

    assert answer.cancels == []
    assert scene.quote().placed == []


def test_an_exit_that_risk_refuses_is_told_once() -> None:
    autonomy = AutonomyLimits(mode=Autonomy.PAPER_ONLY)
    limits = RiskLimits(autonomy=autonomy, real_money=True)
    scene = Scene(DeskPolicy(risk=limits), positions=(a_holding(100),))
    scene.kill()
    flatten(scene)

    first = scene.quote()
    again = scene.quote()

    assert (first.placed, again.placed) == ([], [])
    assert (first.alarms, again.alarms) == (["FLATTEN_REFUSED"], [])


def test_a_wider_kill_takes_the_leave_back() -> None:
    scene = Scene(positions=(a_holding(100),))
    scene.kill(**TREND)
    flatten(scene, **TREND)

    scene.kill()

    assert scene.quote().placed == []


def test_a_kill_of_something_else_does_not() -> None:
    scene = Scene(positions=(a_holding(100),))
    scene.kill(**TREND)
    flatten(scene, **TREND)

    scene.kill(scope="symbol", target="MSFT")

    assert len(scene.quote().placed) == 1


def test_a_replay_comes_to_the_same() -> None:
    scene = holding()
    flatten(scene)
    scene.quote()

    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()
