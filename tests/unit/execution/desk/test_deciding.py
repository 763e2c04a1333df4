"""From a signal to an order: price, size, risk, route, and what is held until a quote comes."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.events import OpeningPosition
from fillpath.core.models import OrderType, TimeInForce
from fillpath.execution.policy import DeskPolicy, RouterPolicy, SizingPolicy
from fillpath.risk.limits import RiskLimits
from tests.unit.execution.desk.scene import Scene, a_holding, money, price, seconds, shares
from tests.unit.risk.builders import NO_SIZE

# What an order is.


def test_the_specifications_signal_buys_33_shares() -> None:
    scene = Scene(cash=100_000)

    (ticket,) = scene.signal(metadata={"signal_price": 150}).placed

    assert ticket.quantity == shares(33)
    assert ticket.sizing == "POSITION_CAP"
    assert ticket.kelly == 32_500_000


def test_an_order_is_named_after_its_signal() -> None:
    (ticket,) = Scene().signal(quantity=10).placed

    assert ticket.order_id == ticket.parent_id == "trend/sig-1"
    assert (ticket.strategy_name, ticket.signal_id) == ("trend", "sig-1")


def test_an_order_carries_what_it_was_made_from() -> None:
    scene = Scene()

    (ticket,) = scene.signal(quantity=10, metadata={"signal_price": "150.5"}).placed

    assert ticket.signal_price == price("150.5")
    assert ticket.signal_at == scene.at
    assert ticket.strength == 75_000_000
    assert ticket.time_in_force is TimeInForce.DAY
    assert (ticket.slice_number, ticket.slice_count, ticket.interval_seconds) == (0, 0, 0)


def test_a_signal_without_a_price_is_sized_at_the_mid() -> None:
    scene = Scene()
    scene.show("149.98", "150.01")

    (ticket,) = scene.signal(quantity=10).placed

    assert ticket.signal_price == price("149.995")


@pytest.mark.parametrize(
    ("direction", "stop"),
    [
        pytest.param("LONG", "147", id="2 % below for a long"),
        pytest.param("SHORT", "153", id="2 % above for a short"),
    ],
)
def test_an_entry_carries_its_protective_stop(direction: str, stop: str) -> None:
    (ticket,) = Scene().signal(direction, quantity=10).placed

    assert ticket.stop == price(stop)


def test_an_exit_carries_no_stop() -> None:
    scene = Scene(positions=(a_holding(100),))

    (ticket,) = scene.signal("FLAT").placed

    assert (ticket.side, ticket.quantity, ticket.stop) == ("SELL", shares(100), None)


def test_an_opposite_signal_only_closes() -> None:
    scene = Scene(positions=(a_holding(100),))

    (ticket,) = scene.signal("SHORT", quantity=500).placed

    assert (ticket.side, ticket.quantity) == ("SELL", shares(100))


def test_the_record_says_why() -> None:
    scene = Scene(cash=100_000)

    decision = scene.signal().decision

    assert (decision.outcome, decision.risk, decision.bound) == (
        "ORDERED",
        "APPROVE",
        "POSITION_CAP",
    )
    assert set(decision.sizing) == {"KELLY", "POSITION_CAP", "CASH"}
    assert decision.route == "passive"
    assert decision.route_reason == "size 0.0033 % of ADV < 0.1"
    assert (decision.order_type, decision.limit) == ("LIMIT", price("149.99"))
    assert decision.stop == price("147")
    assert decision.kelly == 32_500_000
    assert decision.equity == money(100_000)
    assert decision.flags == ("SAMPLE_SIZE_UNKNOWN",)
    assert decision.participation is None
    assert decision.market == scene.view()


def test_a_position_counts_in_equity() -> None:
    scene = Scene(cash=100_000, positions=(a_holding(100, symbol="AAPL"),))

    assert scene.signal().decision.equity == money(115_000)


# Refusals.


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"metadata": {"win_rate": "0.2"}}, "NO_EDGE", id="nothing to win"),
        pytest.param({"metadata": {"win_rate": None}}, "MISSING_STATISTICS", id="no statistics"),
        pytest.param({"metadata": {"win_rate": "NaN"}}, "INVALID_INPUT", id="not a number"),
        pytest.param({"metadata": {"signal_price": 0}}, "INVALID_PRICE", id="price of nothing"),
        pytest.param(
            {"metadata": {"signal_price": "0.01"}},
            "SIGNAL_PRICE_OFF_MARKET",
            id="a price far from the market",
        ),
        pytest.param({"direction": "FLAT"}, "NOTHING_TO_CLOSE", id="nothing is held"),
    ],
)
def test_a_signal_that_cannot_be_sized_is_refused(changes: dict[str, Any], reason: str) -> None:
    scene = Scene()

    answer = scene.signal(**changes)

    assert answer.placed == []
    assert answer.outcomes == [f"REFUSED {reason}"]
    assert answer.decision.text


def test_a_price_that_is_none_is_refused_in_the_words_of_its_field() -> None:
    answer = Scene().signal(quantity=10, metadata={"signal_price": "dear"})

    assert answer.decision.text == "signal_price must be a number, got 'dear'"


@pytest.mark.parametrize("signal_price", ["142.5", "157.5"])
def test_a_signal_price_may_be_five_percent_away(signal_price: str) -> None:
    answer = Scene().signal(quantity=10, metadata={"signal_price": signal_price})

    assert answer.outcomes == ["ORDERED"]


@pytest.mark.parametrize("direction", ["LONG", "SHORT"])
def test_what_works_in_another_symbol_takes_no_room_in_this_one(direction: str) -> None:
    alone = Scene()
    beside = Scene()
    beside.desk.state.book.buying["MSFT"] = beside.desk.state.book.selling["MSFT"] = shares(1)

    caps = [scene.signal(direction).decision.sizing["POSITION_CAP"] for scene in (alone, beside)]

    assert caps[0] == caps[1]


def test_an_entry_below_the_price_floor_is_refused_by_risk() -> None:
    scene = Scene()
    scene.show("3.99", "4.01")

    answer = scene.signal(quantity=10)

    assert answer.outcomes == ["REFUSED PRICE_FLOOR"]
    assert answer.decision.risk == "REJECT"
    assert answer.decision.risk_reasons == ("PRICE_FLOOR: AAPL at 4 is below the price floor 5",)


def test_every_objection_of_risk_is_recorded() -> None:
    scene = Scene(DeskPolicy(risk=RiskLimits(max_positions=1)), positions=(a_holding(symbol="X"),))
    scene.show("3.99", "4.01")

    decision = scene.signal(quantity=10).decision

    assert decision.reason == "PRICE_FLOOR"
    assert [text.partition(":")[0] for text in decision.risk_reasons] == [
        "PRICE_FLOOR",
        "MAX_POSITIONS",
    ]


def test_risk_may_reduce_the_size() -> None:
    # Sizing asks no more of the cash than the reserve; risk asks it at the worst price.
    policy = DeskPolicy(
        sizing=SizingPolicy(max_position_pct=100, cash_reserve_pct=0),
        risk=RiskLimits(max_position_pct=100, cash_reserve_pct=0, size=NO_SIZE),
    )
    scene = Scene(policy, cash=15_000)

    answer = scene.signal(quantity=100, strength="0.95")

    (ticket,) = answer.placed
    assert ticket.quantity == shares(99)
    assert answer.outcomes == ["REDUCED"]
    assert answer.decision.quantity == shares(99)
    assert answer.decision.risk == "REDUCE_SIZE"
    assert answer.decision.risk_reasons[0].startswith("CASH: 15016")


def test_a_reduced_order_is_routed_again() -> None:
    """Risk cuts 200 shares, which the size rows would slice, to 100, which they would not."""
    policy = DeskPolicy(
        sizing=SizingPolicy(max_position_pct=100, cash_reserve_pct=0),
        risk=RiskLimits(max_position_pct=50, cash_reserve_pct=0, size=NO_SIZE),
    )
    scene = Scene(policy, cash=30_000)
    scene.show(adv=shares(15_000))

    answer = scene.signal(quantity=200)

    (ticket,) = answer.placed
    assert (ticket.quantity, ticket.route) == (shares(100), "default")
    assert answer.outcomes == ["REDUCED"]


def test_without_an_adv_the_order_is_flagged() -> None:
    scene = Scene()
    scene.show(adv=None)

    answer = scene.signal(quantity=10)

    assert answer.outcomes == ["ORDERED"]
    assert answer.decision.flags == ("ADV_MISSING",)


@pytest.mark.parametrize("adv", [None, 0])
def test_where_the_adv_is_required_its_absence_refuses(adv: int | None) -> None:
    scene = Scene(DeskPolicy(adv_required=True))
    scene.show(adv=adv)

    answer = scene.signal(quantity=10)

    assert answer.placed == []
    assert answer.outcomes == ["REFUSED ADV_MISSING"]


def test_where_the_adv_is_required_and_known_the_order_goes() -> None:
    scene = Scene(DeskPolicy(adv_required=True))

    assert scene.signal(quantity=10).outcomes == ["ORDERED"]


def test_risk_counts_positions_in_equity() -> None:
    """2 % of cash, plus longs, less shorts: 2 % of 100,000 are 13 shares."""
    risk = DeskPolicy(risk=RiskLimits(max_position_pct=2))
    held = (a_holding(400, symbol="MSFT"), a_holding(-200, symbol="IBM"))
    scene = Scene(risk, cash=70_000, positions=held)

    answer = scene.signal(quantity=20)

    assert [ticket.quantity for ticket in answer.placed] == [shares(13)]
    assert answer.outcomes == ["REDUCED"]


def test_risk_spends_no_proceeds_of_short_sales() -> None:
    """Half of 100,000 stays in cash, and 15,000 of the cash are not spendable."""
    policy = DeskPolicy(
        sizing=SizingPolicy(max_position_pct=100),
        risk=RiskLimits(max_position_pct=100, cash_reserve_pct=50, size=NO_SIZE),
    )
    scene = Scene(policy, cash=115_000, positions=(a_holding(-100, symbol="IBM"),))

    answer = scene.signal(quantity=400)

    assert [ticket.quantity for ticket in answer.placed] == [shares(333)]


@pytest.mark.parametrize("held", [(), (a_holding(1),)], ids=["worked", "held"])
def test_a_symbol_that_is_open_is_not_one_more(held: tuple[OpeningPosition, ...]) -> None:
    scene = Scene(DeskPolicy(risk=RiskLimits(max_positions=1)), positions=held)
    if not held:
        scene.signal(quantity=10)

    answer = scene.signal(quantity=10)

    assert answer.outcomes == ["ORDERED"]


# Reserving.


def test_a_buy_reserves_its_worst_price() -> None:
    scene = Scene()

    (ticket,) = scene.signal(quantity=100, strength=1).placed

    assert ticket.limit == price("150.16")
    book = scene.desk.state.book
    assert (book.reserved, book.buying, book.selling) == (
        money("15016"),
        {"AAPL": shares(100)},
        {},
    )


def test_an_unprotected_market_order_reserves_the_far_touch() -> None:
    scene = Scene(DeskPolicy(router=RouterPolicy(protect_market=False)))

    (ticket,) = scene.signal(quantity=100, strength=1).placed

    assert (ticket.order_type, ticket.limit, ticket.protected) == (OrderType.MARKET, None, False)
    assert scene.desk.state.book.reserved == money("15001")


def test_a_sell_reserves_shares_and_no_cash() -> None:
    scene = Scene(positions=(a_holding(100),))

    scene.signal("FLAT")

    book = scene.desk.state.book
    assert (book.reserved, book.buying, book.selling) == (0, {}, {"AAPL": shares(100)})


def test_working_orders_leave_less_for_the_next_signal() -> None:
    scene = Scene(cash=100_000)
    scene.signal()

    answer = scene.signal()

    assert answer.outcomes == ["REFUSED POSITION_FULL"]


def test_shares_being_sold_cannot_be_sold_again() -> None:
    scene = Scene(positions=(a_holding(100),))
    scene.signal("FLAT")

    answer = scene.signal("FLAT")

    assert answer.placed == []
    assert answer.outcomes == ["REFUSED NOTHING_TO_CLOSE"]


def test_what_a_short_sale_brings_in_buys_nothing() -> None:
    scene = Scene(cash=100_000)
    before = scene.signal("LONG").decision.sizing["CASH"]
    other = Scene(cash=100_000)
    other.signal("SHORT", symbol="AAPL", strategy_name="bear", quantity=30)
    other.trade("bear/sig-1", "149.99")

    after = other.signal("LONG").decision.sizing

    assert after["CASH"] - before < shares(1)  # the reserve moved with the equity, nothing more


def test_an_exit_needs_no_adv() -> None:
    """Exits that reduce risk are always allowed."""
    scene = Scene(DeskPolicy(adv_required=True), positions=(a_holding(100),))
    scene.show(adv=None)

    answer = scene.signal("FLAT")

    assert [ticket.quantity for ticket in answer.placed] == [shares(100)]


def test_numbers_are_exact_to_the_last_digit() -> None:
    scene = Scene(cash="100000.00000000000001")

    decision = scene.signal(quantity=10, strength=Decimal("0.900000001")).decision

    assert decision.cash == money("100000.00000000000001")
    assert decision.route == "urgent"


def test_time_passes_only_through_events() -> None:
    scene = Scene()
    scene.sleep(7)
    scene.signal(quantity=10)

    assert scene.desk.state.last_at == scene.at == scene.events[0].at + seconds(7)
