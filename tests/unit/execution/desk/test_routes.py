"""Every route from a quote to an order, as the desk sends it."""

from typing import Any, NamedTuple

import pytest

from fillpath.core.models import OrderType
from fillpath.execution.policy import DeskPolicy, LargeOrders, RouterPolicy
from fillpath.risk.limits import RiskLimits
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, price, shares
from tests.unit.risk.builders import NO_SIZE

NARROW = ("149.99", "150.01")
WIDE = ("149.80", "150.20")


class Case(NamedTuple):
    """A signal on a market, and the order that follows."""

    quote: tuple[str, str]
    adv: int
    strength: str
    route: str
    limits: tuple[str, str]
    protected: bool = False


CASES = [
    pytest.param(
        Case(NARROW, 1_000_000, "0.91", "urgent", ("150.16", "149.85"), protected=True),
        id="urgent: at the collar",
    ),
    pytest.param(
        Case(WIDE, 1_000_000, "0.9", "wide", ("150.07", "149.93")), id="wide: mid and 5 bps"
    ),
    pytest.param(
        Case(NARROW, 1_000_000, "0.9", "passive", ("149.99", "150.01")), id="small: own touch"
    ),
    pytest.param(
        Case(NARROW, 50_000, "0.9", "default", ("150.01", "149.99")),
        id="default: own touch and 5 bps, inside the quote",
    ),
]


def market(case: Case) -> Scene:
    scene = Scene(positions=(a_holding(100, strategy="seller"),))
    scene.show(*case.quote, adv=shares(case.adv))
    return scene


@pytest.mark.parametrize("case", CASES)
def test_a_buy_takes_its_route(case: Case) -> None:
    answer = market(case).signal("LONG", quantity=100, strength=case.strength)

    (ticket,) = answer.placed
    assert (ticket.route, ticket.order_type) == (case.route, OrderType.LIMIT)
    assert (ticket.limit, ticket.protected) == (price(case.limits[0]), case.protected)
    assert answer.decision.route_reason == ticket.route_reason != ""


@pytest.mark.parametrize("case", CASES)
def test_a_sell_takes_the_same_route_mirrored(case: Case) -> None:
    scene = market(case)

    (ticket,) = scene.signal("FLAT", strategy_name="seller", strength=case.strength).placed

    assert (ticket.route, ticket.side) == (case.route, "SELL")
    assert (ticket.limit, ticket.protected) == (price(case.limits[1]), case.protected)


def test_a_market_order_is_bare_only_where_protection_is_off() -> None:
    scene = Scene(DeskPolicy(router=RouterPolicy(protect_market=False)))

    answer = scene.signal(quantity=100, strength="0.91")

    (ticket,) = answer.placed
    assert (ticket.order_type, ticket.limit, ticket.protected) == (OrderType.MARKET, None, False)
    assert (answer.decision.order_type, answer.decision.limit) == ("MARKET", None)


# Large orders: 1000 shares of an ADV of 50,000 are 2 %.


def large(policy: DeskPolicy | None = None, **changes: Any) -> Answer:
    """Return what follows from a signal for 2 % of the ADV."""
    scene = Scene(policy)
    scene.show(*changes.pop("quote", NARROW), adv=shares(50_000))
    return scene.signal(quantity=1_000, **changes)


def test_a_large_order_goes_out_in_five_slices() -> None:
    answer = large()

    (ticket,) = answer.placed
    assert (ticket.order_id, ticket.parent_id) == ("trend/sig-1#1", "trend/sig-1")
    assert (ticket.route, ticket.quantity) == ("twap", shares(200))
    assert (ticket.slice_number, ticket.slice_count, ticket.interval_seconds) == (1, 5, 60)
    assert answer.outcomes == ["ORDERED", "ORDERED"]
    assert [decision.stage for decision in answer.decisions] == ["SIGNAL", "SLICE"]


def test_the_parent_is_recorded_whole_and_the_slice_by_itself() -> None:
    whole, piece = large().decisions

    assert (whole.order_id, whole.quantity, whole.limit) == ("trend/sig-1", shares(1_000), None)
    assert (piece.order_id, piece.quantity) == ("trend/sig-1#1", shares(200))
    assert piece.limit == price("150.01")


@pytest.mark.parametrize(
    ("changes", "route", "limit"),
    [
        pytest.param({"strength": "0.91"}, "urgent", "150.16", id="urgent and large"),
        pytest.param({"quote": WIDE}, "wide", "150.07", id="wide and large"),
    ],
)
def test_size_slices_whatever_row_matched(changes: dict[str, Any], route: str, limit: str) -> None:
    (ticket,) = large(**changes).placed

    assert (ticket.route, ticket.limit) == (route, price(limit))
    assert (ticket.slice_count, ticket.quantity) == (5, shares(200))


def test_the_literal_table_sends_an_urgent_large_order_whole() -> None:
    table = DeskPolicy(
        router=RouterPolicy(slice_large=LargeOrders.TABLE), risk=RiskLimits(size=NO_SIZE)
    )

    (ticket,) = large(table, strength="0.91").placed

    assert (ticket.route, ticket.slice_count, ticket.quantity) == ("urgent", 0, shares(1_000))


def test_every_row_slices_at_the_own_price_of_its_style() -> None:
    scene = Scene()
    scene.show(*WIDE, adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.trade("trend/sig-1#1", "150.07")
    scene.show("151.80", "152.20")

    (ticket,) = scene.wait(60).placed

    assert ticket.limit == price("152.07")


def test_the_expected_participation_is_recorded_and_alarmed() -> None:
    """1,000 shares in 300 s of 23,400 s with 50,000 expected: 1.56 of the volume."""
    answer = large()

    assert answer.decisions[0].participation == 156_000_000
    assert answer.alarms == ["PARTICIPATION"]


def test_a_participation_at_the_threshold_alarms_nobody() -> None:
    """With an interval of 12 minutes the schedule takes 1,000 of 13,000 shares and less."""
    slow = DeskPolicy(
        router=RouterPolicy(twap_interval_seconds=312, max_participation_pct=30),
    )

    answer = large(slow)

    assert answer.decisions[0].participation == 30_000_000
    assert answer.alarms == []


def test_an_odd_size_is_sliced_to_the_last_share() -> None:
    scene = Scene()
    scene.show(adv=shares(50_000))

    answer = scene.signal(quantity=1_003)

    assert answer.placed[0].quantity == shares(201)
    assert sum(scene.desk.state.parents["trend/sig-1"].schedule.sizes) == shares(1_003)


def test_there_are_never_more_slices_than_lots() -> None:
    scene = Scene()
    scene.show(adv=shares(100))

    (ticket,) = scene.signal(quantity=3).placed

    assert (ticket.quantity, ticket.slice_count) == (shares(1), 3)
