"""Replaying the journal: the same desk, the same intents, and the list of what was interrupted."""

from decimal import Decimal
from typing import Final

import pytest
from msgspec.structs import replace

from fillpath.core.commands import (
    CancelOrder,
    Command,
    Intent,
    PlaceOrder,
    SetTimer,
    WatchQuote,
)
from fillpath.core.errors import JournalDiverged
from fillpath.core.events import Event
from fillpath.core.models import ZERO, OrderStatus
from fillpath.core.units import money_decimal
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.execution.recovery import (
    Recovery,
    account_cash,
    account_positions,
    recover,
    working_order,
    working_orders,
)
from tests.unit.execution.desk.scene import Scene, a_holding, money, shares

ORDER: Final = "trend/sig-1"


def journal_of(scene: Scene) -> list[Event | Intent]:
    """Return what the engine would have written: each fact, and the intents right behind it."""
    twin = Desk(scene.desk.policy)
    records: list[Event | Intent] = []
    for event in scene.events:
        records.append(event)
        records.extend(c for c in twin.step(event) if isinstance(c, Intent))
    return records


def recovered(records: list[Event | Intent], policy: DeskPolicy | None = None) -> Recovery:
    return recover(records, Desk(policy or DeskPolicy()), lambda _command: None)


def outstanding(scene: Scene) -> list[Intent]:
    return recovered(journal_of(scene)).outstanding


def busy() -> Scene:
    """Return a desk with a running schedule and an order of another strategy."""
    scene = Scene(positions=(a_holding(100, 140, "other"),))
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.accept(f"{ORDER}#1")
    scene.fill(f"{ORDER}#1", 50)
    scene.signal("FLAT", strategy_name="other")
    return scene


# The same desk.


def test_an_empty_journal_recovers_nothing() -> None:
    assert recovered([]) == Recovery(0, 0, [])


def test_the_desk_comes_back_as_it_was() -> None:
    scene = busy()
    again = Desk(DeskPolicy())

    found = recover(journal_of(scene), again, lambda _command: None)

    assert again.fingerprint() == scene.desk.fingerprint()
    assert (found.records, found.last_at) == (len(journal_of(scene)), scene.at)


def test_what_stays_inside_is_followed_again() -> None:
    scene = busy()
    scene.show(None, None)
    scene.signal(quantity=5, strategy_name="north")
    followed: list[Command] = []

    recover(journal_of(scene), Desk(DeskPolicy()), followed.append)

    assert followed == [c for c in scene.all if not isinstance(c, Intent)]
    kinds = {type(command) for command in followed}
    assert {SetTimer, WatchQuote} <= kinds


@pytest.mark.fault("F-17")
def test_replaying_a_replay_changes_nothing() -> None:
    """A crash during recovery: the next one starts from the same records."""
    records = journal_of(busy())

    assert recovered(records) == recovered(records)


# The same intents.


def test_an_intent_that_is_decided_otherwise_is_an_error() -> None:
    records = journal_of(busy())
    other = DeskPolicy(router=RouterPolicy(twap_num_slices=4))

    with pytest.raises(JournalDiverged, match=r"record 3: the journal holds PlaceOrder\("):
        recovered(records, other)


def test_an_intent_that_nobody_decided_is_an_error() -> None:
    records = journal_of(busy())
    stranger = CancelOrder(1, "o1", "B1", "why")

    with pytest.raises(JournalDiverged, match="the desk now decides None"):
        recovered([records[0], stranger, *records[1:]])


def test_an_intent_that_is_missing_is_an_error() -> None:
    records = journal_of(busy())
    place = next(r for r in records if isinstance(r, PlaceOrder))
    records.remove(place)

    with pytest.raises(JournalDiverged, match="record 3: the journal lacks PlaceOrder"):
        recovered(records)


def test_an_intent_that_is_missing_at_the_end_is_an_error() -> None:
    scene = Scene()
    scene.signal(quantity=10)

    with pytest.raises(JournalDiverged, match="the end of the journal lacks PlaceOrder"):
        recovered(journal_of(scene)[:-1])


def test_an_intent_that_was_changed_is_an_error() -> None:
    records = journal_of(busy())
    place = next(r for r in records if isinstance(r, PlaceOrder))
    more = PlaceOrder(place.at, replace(place.ticket, quantity=place.ticket.quantity + 1))

    with pytest.raises(JournalDiverged):
        recovered([more if r is place else r for r in records])


# What was interrupted.


def test_an_order_without_an_answer_is_outstanding() -> None:
    scene = Scene()
    scene.signal(quantity=10)

    assert outstanding(scene) == scene.all.of(PlaceOrder)[:1]


def test_an_order_with_an_answer_is_not() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.accept(ORDER)

    assert outstanding(scene) == []


@pytest.mark.parametrize("end", ["fill", "refuse", "cancelled", "expire"])
def test_an_ended_order_is_not(end: str) -> None:
    scene = Scene()
    scene.signal(quantity=10)
    getattr(scene, end)(ORDER)

    assert outstanding(scene) == []


@pytest.mark.fault("F-12")
def test_a_cancel_without_an_answer_is_outstanding() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.accept(ORDER, "B1")
    scene.kill()

    assert outstanding(scene) == [CancelOrder(scene.at, ORDER, "B1", "asked before")]


def test_a_cancel_that_failed_is_not() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.accept(ORDER)
    scene.kill()
    scene.cancel_failed(ORDER)

    assert outstanding(scene) == []


def test_an_order_whose_cancel_waits_for_it_is_outstanding_once() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.kill()

    assert outstanding(scene) == scene.all.of(PlaceOrder)[:1]


def test_what_is_outstanding_comes_oldest_first() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.accept(ORDER)
    scene.signal(quantity=20, strategy_name="other")
    scene.signal("FLAT")

    kinds = [type(intent).__name__ for intent in outstanding(scene)]

    assert kinds == ["CancelOrder", "PlaceOrder"]


@pytest.mark.fault("F-05", "F-72")
def test_an_order_in_doubt_is_never_sent_again() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.doubt(ORDER)

    assert outstanding(scene) == []


def test_a_cancel_needs_the_brokers_name() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.fill(ORDER, 5)
    scene.kill()

    names = [i.broker_order_id for i in outstanding(scene) if isinstance(i, CancelOrder)]

    assert "" not in names


# The pictures for the broker.


def test_accepted_orders_are_shown_as_they_stand() -> None:
    scene = busy()
    scene.kill()

    (order,) = working_orders(scene.desk.state)

    assert (order.order_id, order.broker_order_id) == (f"{ORDER}#1", f"B:{ORDER}#1")
    assert (order.status, order.cancel_requested) == (OrderStatus.PARTIALLY_FILLED, True)
    assert (str(order.filled_quantity), str(order.average_fill_price)) == ("50", "150.01")
    assert order.parent_order_id == ORDER


def test_an_order_that_never_traded_has_no_average() -> None:
    scene = Scene()
    scene.signal(quantity=10)
    scene.accept(ORDER)

    order = working_order(scene.desk.state.orders[ORDER])

    assert (order.filled_quantity, order.average_fill_price) == (ZERO, None)


def test_the_account_is_shown_in_decimals() -> None:
    scene = busy()

    cash = account_cash(scene.desk.state)
    (position,) = account_positions(scene.desk.state)

    assert cash == money_decimal(money(10_000_000) - money("150.01") * 50)
    assert (position.symbol, position.quantity) == ("AAPL", Decimal(150))
    assert str(position.average_price) == "143.33666666"


def test_positions_come_in_the_order_of_their_symbols() -> None:
    scene = Scene(positions=(a_holding(1, symbol="MSFT"), a_holding(-2, symbol="AAPL")))

    positions = account_positions(scene.desk.state)

    assert [(p.symbol, p.quantity) for p in positions] == [
        ("AAPL", Decimal(-2)),
        ("MSFT", Decimal(1)),
    ]


def test_the_profit_of_a_position_is_shown() -> None:
    scene = Scene(positions=(a_holding(100, 140),))
    scene.signal("FLAT", quantity=40)
    scene.trade(ORDER, "150")

    (position,) = account_positions(scene.desk.state)

    assert position.realized_pnl == 400


def test_a_position_of_unknown_cost_is_shown_without_a_price() -> None:
    scene = Scene(positions=(replace(a_holding(100), cost=0),))

    (position,) = account_positions(scene.desk.state)

    assert position.average_price is None
