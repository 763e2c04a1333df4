"""Fills, in whatever order they come: none is lost and none is counted twice."""

from typing import Final

import pytest

from fillpath.core.commands import RaiseAlarm
from fillpath.core.models import OrderSide, OrderStatus
from fillpath.execution.desk import facts
from fillpath.execution.desk.book import RECENT_ORDERS
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import RiskLimits
from tests.unit.execution.desk.scene import Scene, money, shares
from tests.unit.risk.builders import NO_RATE, NO_SIZE

ORDER: Final = "trend/sig-1"


def sent(quantity: int = 100) -> Scene:
    """Return a desk that has just sent an order, of which it has heard nothing yet."""
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=quantity)
    return scene


def accepted() -> Scene:
    """Return a desk with an order at the broker."""
    scene = sent()
    scene.accept(ORDER)
    return scene


# Fills.


@pytest.mark.control("A-06", "passes")
@pytest.mark.control("A-08", "passes")
def test_a_whole_fill_ends_the_order() -> None:
    scene = accepted()

    answer = scene.fill(ORDER, paid="149.995")

    assert [type(c).__name__ for c in answer] == ["FillBooked", "OrderClosed", "QualityMeasured"]
    (closed,) = answer.closed
    assert (closed.status, closed.filled, closed.value) == (
        OrderStatus.FILLED,
        shares(100),
        money("14999.5"),
    )
    assert (closed.broker_order_id, closed.sent_at, closed.reason) == (
        f"B:{ORDER}",
        scene.at,
        "",
    )


def test_a_part_leaves_the_rest_working() -> None:
    scene = accepted()

    answer = scene.fill(ORDER, 30, "150")

    order = scene.desk.state.orders[ORDER]
    assert [type(c).__name__ for c in answer] == ["FillBooked"]
    assert (order.status, order.remaining) == (OrderStatus.PARTIALLY_FILLED, shares(70))
    assert scene.desk.state.book.buying == {"AAPL": shares(70)}


def test_parts_add_up_to_the_whole() -> None:
    scene = accepted()
    scene.fill(ORDER, 30, "149.99")
    scene.fill(ORDER, 30, "150")

    answer = scene.fill(ORDER, 40, "150.01")

    (measured,) = answer.measured
    assert measured.filled == shares(100)
    assert measured.value == money("149.99") * 30 + money("150") * 30 + money("150.01") * 40
    assert scene.desk.state.book.buying == {}


@pytest.mark.fault("F-62")
def test_a_duplicate_fill_is_applied_once() -> None:
    scene = accepted()
    scene.fill(ORDER, 30, fill_id="e1")
    before = scene.desk.fingerprint()

    answer = scene.fill(ORDER, 30, fill_id="e1")

    assert answer == []
    assert scene.desk.fingerprint() == before


@pytest.mark.fault("F-62")
def test_a_duplicate_of_the_last_fill_is_applied_once() -> None:
    scene = accepted()
    scene.fill(ORDER, fill_id="e1")
    before = scene.desk.fingerprint()

    answer = scene.fill(ORDER, fill_id="e1")

    assert answer == []
    assert scene.desk.fingerprint() == before


@pytest.mark.fault("F-66")
@pytest.mark.parametrize(
    ("quantity", "status"),
    [(100, OrderStatus.FILLED), (40, OrderStatus.PARTIALLY_FILLED)],
)
def test_a_fill_before_the_acceptance_is_not_lost(quantity: int, status: OrderStatus) -> None:
    scene = sent()

    answer = scene.fill(ORDER, quantity)

    state = scene.desk.state
    order = state.orders.get(ORDER) or state.recent[ORDER]
    assert len(answer.booked) == 1
    assert order.status is status


@pytest.mark.fault("F-66")
def test_the_acceptance_may_come_after_the_first_fill() -> None:
    scene = sent()
    scene.fill(ORDER, 40)

    answer = scene.accept(ORDER)

    assert answer == []
    assert scene.desk.state.orders[ORDER].status is OrderStatus.PARTIALLY_FILLED


def test_the_commission_leaves_the_cash() -> None:
    scene = accepted()

    scene.fill(ORDER, 60, "150", commission="1.25")
    answer = scene.fill(ORDER, 40, "150", commission="-0.25")

    book = scene.desk.state.book
    assert book.commission == answer.closed[0].commission == money(1)
    assert book.cash == money(10_000_000) - money(15_000) - money(1)


@pytest.mark.fault("F-69")
@pytest.mark.control("A-06", "refuses")
def test_an_overfill_is_booked_and_alarmed() -> None:
    scene = accepted()

    answer = scene.fill(ORDER, 110, "150")

    assert answer.alarms == ["OVERFILL", "SYMBOL_QUARANTINED"]
    assert answer.of(RaiseAlarm)[0].text == "filled 110 of 100 shares"
    assert answer.closed[0].filled == shares(110)
    book = scene.desk.state.book
    assert book.holdings["AAPL"].quantity == shares(110)
    assert (book.reserved, book.buying) == (0, {})


def test_a_last_part_may_overfill_too() -> None:
    scene = accepted()
    scene.fill(ORDER, 90)

    answer = scene.fill(ORDER, 20)

    assert answer.alarms == ["OVERFILL", "SYMBOL_QUARANTINED"]
    assert scene.desk.state.book.buying == {}


def test_a_fill_beyond_a_filled_order_is_an_overfill() -> None:
    scene = accepted()
    scene.fill(ORDER)

    answer = scene.fill(ORDER, 10)

    assert "OVERFILL" in answer.alarms


def test_a_fill_beyond_a_filled_order_is_booked_all_the_same() -> None:
    scene = accepted()
    scene.fill(ORDER, paid="150")

    answer = scene.fill(ORDER, 10, "150")

    assert len(answer.booked) == 1
    assert answer.alarms
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(110)
    assert scene.desk.state.book.cash == money(10_000_000) - money(16_500)


# Late fills.


@pytest.mark.fault("F-67")
@pytest.mark.parametrize("end", ["cancelled", "expire", "refuse"])
@pytest.mark.parametrize("quantity", [100, 40])
def test_a_late_fill_is_never_lost(end: str, quantity: int) -> None:
    scene = accepted()
    getattr(scene, end)(ORDER)

    answer = scene.fill(ORDER, quantity, "150")

    book = scene.desk.state.book
    assert "LATE_FILL" in answer.alarms
    assert book.holdings["AAPL"].quantity == shares(quantity)
    assert book.cash == money(10_000_000) - money(150) * quantity
    assert (book.reserved, book.buying) == (0, {})


@pytest.mark.fault("F-67")
@pytest.mark.parametrize(
    ("quantity", "status"),
    [
        pytest.param(100, OrderStatus.FILLED, id="filled after all"),
        pytest.param(40, OrderStatus.CANCELLED, id="the rest is still cancelled"),
    ],
)
def test_a_late_fill_closes_the_order_again(quantity: int, status: OrderStatus) -> None:
    scene = accepted()
    scene.cancelled(ORDER)

    (closed,) = scene.fill(ORDER, quantity).closed

    assert (closed.status, closed.filled) == (status, shares(quantity))
    assert closed.reason == "late fill"


def test_a_late_fill_told_twice_is_applied_once() -> None:
    scene = accepted()
    scene.cancelled(ORDER)
    scene.fill(ORDER, 40, fill_id="e1")
    before = scene.desk.fingerprint()

    answer = scene.fill(ORDER, 40, fill_id="e1")

    assert answer == []
    assert scene.desk.fingerprint() == before


def test_a_late_fill_is_measured_like_any_other() -> None:
    scene = accepted()
    scene.cancelled(ORDER)

    answer = scene.fill(ORDER, 40)

    assert [m.filled for m in answer.measured] == [shares(40)]


def test_a_late_fill_of_a_slice_counts_for_its_parent() -> None:
    scene = sent(1_000)
    scene.accept(f"{ORDER}#1")
    scene.wait(60)
    scene.cancelled(f"{ORDER}#1")

    scene.fill(f"{ORDER}#1", 200)

    assert scene.desk.state.parents[ORDER].filled == shares(200)


def test_only_recent_orders_are_remembered() -> None:
    """Beyond 16,384 ended orders a late fill is booked as that of a stranger."""
    busy = RiskLimits(max_trades_per_day=10**7, max_turnover_pct=10**8, size=NO_SIZE, rates=NO_RATE)
    scene = Scene(DeskPolicy(risk=busy))
    for number in range(RECENT_ORDERS + 1):
        scene.signal(quantity=1)
        scene.refuse(f"trend/sig-{number + 1}")

    answer = scene.fill(ORDER, 1)

    assert len(scene.desk.state.recent) == RECENT_ORDERS == 16_384
    assert answer.alarms == ["EXTERNAL_FILL", "SYMBOL_QUARANTINED"]


# Fills of orders that are not ours.


@pytest.mark.fault("F-59")
@pytest.mark.parametrize(("side", "held"), [(OrderSide.BUY, 100), (OrderSide.SELL, -100)])
def test_a_foreign_fill_moves_the_account(side: OrderSide, held: int) -> None:
    scene = Scene()

    answer = scene.fill("theirs", 100, "150", side=side, commission=1)

    book = scene.desk.state.book
    assert answer.alarms == ["EXTERNAL_FILL", "SYMBOL_QUARANTINED"]
    assert len(answer.booked) == 1
    assert book.holdings["AAPL"].quantity == shares(held)
    assert book.by_strategy == {("", "AAPL"): shares(held)}
    assert book.cash == money(10_000_000) - money(150) * held - money(1)
    assert book.commission == money(1)


def test_only_the_latest_foreign_fills_are_remembered() -> None:
    scene = Scene()
    for _ in range(4_097):
        scene.fill("theirs", 1)

    assert len(scene.desk.state.foreign) == 4_096


def test_the_names_of_older_ones_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "FOREIGN_FILLS", 1)
    monkeypatch.setattr(facts, "FORGOTTEN_FILLS", 2)
    scene = Scene()
    for _ in range(5):
        scene.fill("theirs", 1)

    again = scene.fill("theirs", 1, fill_id="x4")

    assert list(scene.desk.state.forgotten) == ["x3", "x4"]
    assert again == []


def test_a_foreign_fill_told_twice_is_applied_once() -> None:
    scene = Scene()
    scene.fill("theirs", 100, fill_id="e1")

    answer = scene.fill("theirs", 100, fill_id="e1")

    assert answer.booked == []
    assert scene.desk.state.book.holdings["AAPL"].quantity == shares(100)
