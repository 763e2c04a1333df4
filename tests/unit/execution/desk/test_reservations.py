"""What a schedule has still to send works already: nobody else may spend its cash or its room."""

from typing import Final

from fillpath.core.events import SessionOpened
from fillpath.core.models import OrderSide
from fillpath.execution.policy import DeskPolicy, RouterPolicy, SizingPolicy
from fillpath.risk.limits import RiskLimits
from tests.unit.execution.desk.scene import Scene, a_holding, money, price, shares

PARENT: Final = "trend/sig-1"
LARGE: Final = 50_000
NO_CAP: Final = DeskPolicy(
    sizing=SizingPolicy(max_position_pct=100, cash_reserve_pct=0),
    risk=RiskLimits(max_position_pct=100, cash_reserve_pct=0),
    router=RouterPolicy(max_quote_age_seconds=180),
)


def started(cash: int = 10_000_000, policy: DeskPolicy | None = None) -> Scene:
    """Return a desk that has just sent the first of five slices, 200 shares each."""
    scene = Scene(policy, cash=cash)
    scene.show(adv=shares(LARGE))
    scene.signal(quantity=1_000)
    return scene


def test_the_rest_of_a_schedule_reserves_its_cash() -> None:
    scene = started(151_000, NO_CAP)

    answer = scene.signal("LONG", strategy_name="other", quantity=500)

    assert answer.decision.sizing["CASH"] < shares(10)
    assert scene.desk.state.book.reserved > money(149_990)


def test_the_rest_of_a_schedule_takes_its_room_under_the_cap() -> None:
    scene = started(3_000_000)  # 5 % are 1,000 shares at 150

    answer = scene.signal("LONG", strategy_name="other", quantity=500)

    assert answer.outcomes == ["REFUSED POSITION_FULL"]


def test_what_was_reserved_is_free_again_at_the_end() -> None:
    scene = started()
    for number in range(1, 6):
        scene.trade(f"{PARENT}#{number}")
        scene.wait(60)

    book = scene.desk.state.book
    assert (book.reserved, book.buying) == (0, {})


def test_a_stopped_schedule_frees_its_rest_at_once() -> None:
    scene = started()
    scene.trade(f"{PARENT}#1")

    scene.kill()

    assert scene.desk.state.book.buying == {}


def test_every_slice_says_what_it_was_judged_by() -> None:
    scene = started()
    scene.trade(f"{PARENT}#1")

    record = scene.wait(60).decision

    assert record.cash == money(10_000_000) - money(30_002)
    assert record.equity > 0
    assert (record.risk, record.bound) == ("APPROVE", "EXPLICIT")
    assert record.route_reason


def test_a_slice_that_risk_made_smaller_says_why() -> None:
    policy = DeskPolicy(
        sizing=SizingPolicy(max_position_pct=100),
        risk=RiskLimits(max_position_pct=5),
        router=RouterPolicy(max_quote_age_seconds=180, pause_move_pct=100),
    )
    scene = Scene(policy, cash=3_000_100)
    scene.show(adv=shares(LARGE))
    scene.signal(quantity=1_000)
    for number in range(1, 4):
        scene.trade(f"{PARENT}#{number}")
        scene.wait(60)
    scene.trade(f"{PARENT}#4")
    scene.show("159.99", "160.01")

    record = scene.wait(60).decision

    assert record.outcome == "REDUCED"
    assert record.risk_reasons[0].startswith("POSITION_CAP: ")


def test_an_exit_is_not_held_back_by_what_others_hold() -> None:
    scene = Scene(positions=(a_holding(100), a_holding(-100, strategy="bear")))

    (ticket,) = scene.signal("FLAT").placed

    assert (ticket.side, ticket.quantity) == (OrderSide.SELL, shares(100))


def test_an_exit_is_not_held_back_by_a_wrong_belief_of_the_price() -> None:
    scene = Scene(positions=(a_holding(100),))

    answer = scene.signal("FLAT", metadata={"signal_price": 90})

    assert [ticket.quantity for ticket in answer.placed] == [shares(100)]


def test_a_signal_that_waited_is_measured_from_the_moment_it_came() -> None:
    scene = Scene()
    scene.show("149.99", "150.01")
    scene.signal(quantity=50, strength="0.5")
    scene.accept(PARENT)
    scene.fill(PARENT, 20)
    scene.signal("FLAT")
    scene.show("154.99", "155.01")

    (ticket,) = scene.cancelled(PARENT).placed

    assert ticket.signal_price == price(150)


def test_what_another_strategy_holds_the_other_way_gives_an_entry_no_room() -> None:
    scene = Scene(cash=100_000)  # 5 % are 33 shares at 150
    scene.signal("LONG", strategy_name="a", quantity=33)
    scene.trade("a/sig-1")
    scene.signal("SHORT", strategy_name="b", quantity=100)
    scene.trade("b/sig-2", "149.99")

    answer = scene.signal("LONG", strategy_name="a", quantity=100)

    assert scene.desk.state.book.by_strategy["b", "AAPL"] >= shares(-34)
    assert answer.placed == []


def test_after_the_close_nothing_is_sent_until_the_next_open() -> None:
    scene = Scene()
    scene.close()
    closed = scene.signal(quantity=10)
    scene.tell(SessionOpened(scene.at))

    opened = scene.signal(quantity=10)

    assert closed.outcomes == ["REFUSED SESSION_CLOSED"]
    assert len(opened.placed) == 1


def test_what_was_not_filled_says_what_the_account_was() -> None:
    scene = started()
    scene.trade(f"{PARENT}#1")

    record = scene.close().decisions[-1]

    assert record.outcome == "UNFILLED"
    assert record.cash == money(10_000_000) - money(30_002)
    assert record.equity > money(9_900_000)
