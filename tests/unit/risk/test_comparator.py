"""The count at the door knows nothing of schedules, and stops a router that runs wild."""

import pytest
from msgspec.structs import replace

from fillpath.core.commands import Ticket
from fillpath.core.events import OrderCancelled, OrderExpired, OrderFilled, OrderRefused
from fillpath.core.translation import filled_by
from fillpath.core.units import QUANTITY_SCALE
from fillpath.risk.comparator import MOST_ORDERS, MOST_SCHEDULES, ROUTER_COMPARATOR, Comparator
from fillpath.testing.builders import START_NS, a_fill, a_ticket

PARENT = "trend/sig-1"


def a_slice(number: int, shares: int, parent: str = PARENT) -> Ticket:
    name = f"{parent}#{number}"
    return replace(
        a_ticket(),
        order_id=name,
        parent_id=parent,
        quantity=shares * QUANTITY_SCALE,
        slice_number=number,
    )


def one_unit_more(ticket: Ticket) -> Ticket:
    return replace(ticket, quantity=ticket.quantity + 1)


def a_whole(name: str) -> Ticket:
    return replace(a_ticket(), order_id=name, parent_id=name)


def a_trade(order_id: str, shares: int) -> OrderFilled:
    return filled_by(START_NS, a_fill(shares, order_id=order_id))


def a_count(shares: int = 100) -> Comparator:
    count = Comparator()
    count.allow(PARENT, shares * QUANTITY_SCALE)
    return count


def code(count: Comparator, ticket: Ticket) -> str:
    refusal = count.send(ticket)
    return "" if refusal is None else refusal.code


@pytest.mark.control("A-09", "passes")
def test_slices_may_leave_up_to_their_parent() -> None:
    count = a_count()

    assert [code(count, a_slice(n, 20)) for n in range(1, 6)] == [""] * 5


@pytest.mark.control("A-09", "refuses")
def test_one_share_more_is_kept_back_with_both_numbers() -> None:
    count = a_count()
    count.send(a_slice(1, 60))

    refusal = count.send(a_slice(2, 41))

    assert refusal is not None
    assert (refusal.code, refusal.text) == (
        ROUTER_COMPARATOR,
        f"101 of {PARENT} would have been sent, 100 were allowed",
    )
    assert code(count, a_slice(3, 40)) == ""


@pytest.mark.control("A-09", "refuses")
def test_a_schedule_that_nobody_allowed_sends_nothing() -> None:
    assert code(Comparator(), a_slice(1, 1)) == ROUTER_COMPARATOR


@pytest.mark.control("A-09", "refuses")
def test_nothing_leaves_twice() -> None:
    count = Comparator()
    whole = a_whole("trend/sig-2")

    assert code(count, whole) == ""
    assert code(count, whole) == ROUTER_COMPARATOR


@pytest.mark.parametrize(
    "end",
    [
        OrderCancelled(START_NS, f"{PARENT}#1"),
        OrderExpired(START_NS, f"{PARENT}#1"),
        OrderRefused(START_NS, f"{PARENT}#1", "NO", ""),
    ],
)
def test_what_ended_unfilled_may_be_sent_again_and_no_more(end: OrderCancelled) -> None:
    count = a_count()
    count.send(a_slice(1, 60))
    count.heard(a_trade(f"{PARENT}#1", 20))
    count.heard(end)
    count.heard(end)

    assert code(count, one_unit_more(a_slice(2, 80))) == ROUTER_COMPARATOR
    assert code(count, a_slice(3, 80)) == ""


def test_an_overfill_gives_nothing_back() -> None:
    count = a_count()
    count.send(a_slice(1, 60))
    count.heard(a_trade(f"{PARENT}#1", 70))
    count.heard(OrderCancelled(START_NS, f"{PARENT}#1"))

    assert code(count, one_unit_more(a_slice(2, 40))) == ROUTER_COMPARATOR


def test_the_first_word_on_a_schedule_stands() -> None:
    count = a_count(100)
    count.allow(PARENT, 1_000 * QUANTITY_SCALE)

    assert code(count, a_slice(1, 101)) == ROUTER_COMPARATOR


def test_what_never_left_is_taken_back() -> None:
    count = a_count()
    count.send(a_slice(1, 100))
    count.recall(f"{PARENT}#1")
    count.recall("trend/unknown")

    assert code(count, a_slice(1, 100)) == ""


def test_facts_of_orders_that_it_never_saw_change_nothing() -> None:
    count = a_count()
    count.heard(a_trade("external:1", 1))
    count.heard(OrderCancelled(START_NS, "external:1"))
    whole = a_whole("trend/sig-2")
    count.send(whole)
    count.heard(OrderCancelled(START_NS, whole.order_id))
    count.recall(whole.order_id)

    assert code(count, whole) == ""


def test_its_memory_is_bounded() -> None:
    count = Comparator()
    for number in range(MOST_ORDERS + 1):
        count.send(a_whole(f"o{number}"))

    assert code(count, a_whole("o0")) == ""
    assert code(count, a_whole("o2")) == ROUTER_COMPARATOR


def test_it_remembers_so_many_schedules_and_no_more() -> None:
    count = a_count()
    for number in range(MOST_SCHEDULES):
        count.allow(f"s{number}", QUANTITY_SCALE)

    assert code(count, a_slice(1, 1)) == ROUTER_COMPARATOR
    assert code(count, a_slice(1, 1, "s0")) == ""
