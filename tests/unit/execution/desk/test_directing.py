"""Orders that ask for a destination: worked by the broker, by our own slices, or not at all."""

from typing import Any

import pytest

from fillpath.core.capabilities import BrokerCapabilities
from fillpath.core.destinations import Vwap, as_metadata
from fillpath.core.events import OrderRefused
from fillpath.core.models import OrderSide, OrderStatus, OrderType
from fillpath.core.translation import order_from, ticket_metadata
from fillpath.execution.desk.state import OrderState
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.execution.rules import rules_hash, rules_read, written_rules
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, price, seconds, shares

ALL = BrokerCapabilities(destinations=frozenset({"vwap", "adaptive", "at_close"}))
ORDER = "trend/sig-1"


def at_the_broker(**router: Any) -> Scene:
    """Return a scene whose broker takes VWAP, Adaptive and the close."""
    policy = DeskPolicy(router=RouterPolicy(**router)).for_broker(ALL)
    return Scene(policy)


def ask(scene: Scene, told: object, quantity: int = 100, **changes: Any) -> Answer:
    return scene.signal("LONG", quantity, metadata={"destination": told}, **changes)


def refuse(scene: Scene, code: str = "DESTINATION_NOT_TAKEN") -> Answer:
    return scene.tell(OrderRefused(scene.at, ORDER, code, "443 unknown parameter"))


class TestTaken:
    def test_an_algorithm_gets_the_order_whole_however_large_it_is(self) -> None:
        told = {"name": "vwap", "max_share": "0.1"}
        scene = at_the_broker(size_threshold_small_pct="0.01", size_threshold_large_pct="0.02")

        (ticket,) = ask(scene, told, 300).placed
        (sliced,) = scene.signal("LONG", 300).placed

        assert ticket.quantity == shares(300)
        assert sliced.quantity == shares(60)
        assert ticket.destination == '{"name":"vwap","max_share":"0.1"}'
        assert (ticket.route, ticket.route_reason) == ("broker", "destination vwap")

    def test_it_carries_a_limit_at_the_collar(self) -> None:
        (ticket,) = ask(at_the_broker(), "vwap").placed

        assert (ticket.order_type, ticket.protected) == (OrderType.LIMIT, True)
        assert ticket.limit == price("150.16")

    def test_without_protection_it_is_a_market_order(self) -> None:
        (ticket,) = ask(at_the_broker(protect_market=False), "adaptive").placed

        assert (ticket.order_type, ticket.limit) == (OrderType.MARKET, None)

    def test_the_public_order_says_it_in_its_metadata(self) -> None:
        scene = at_the_broker()
        (ticket,) = ask(scene, as_metadata(Vwap(max_share="0.2", never_take=True))).placed

        assert order_from(ticket, scene.at).metadata["destination"] == {
            "name": "vwap",
            "max_share": "0.2",
            "never_take": True,
        }

    def test_an_order_without_a_destination_says_nothing(self) -> None:
        (ticket,) = at_the_broker().signal("LONG", 100).placed

        assert ticket.destination == ""
        assert "destination" not in ticket_metadata(ticket)

    def test_an_exit_may_ask_too(self) -> None:
        scene = Scene(DeskPolicy().for_broker(ALL), positions=(a_holding(),))

        (ticket,) = scene.signal("FLAT", metadata={"destination": "adaptive"}).placed

        assert (ticket.side, ticket.destination) == (OrderSide.SELL, '{"name":"adaptive"}')


class TestAuctions:
    def test_the_close_is_asked_for_in_time(self) -> None:
        scene = at_the_broker()
        scene.open(closes_in=3_600)

        (ticket,) = ask(scene, "at_close").placed

        assert ticket.destination == '{"name":"at_close"}'

    def test_too_late_is_refused_with_the_time(self) -> None:
        scene = at_the_broker()
        scene.open(closes_in=600)

        answer = ask(scene, "at_close")

        assert answer.outcomes == ["REFUSED AUCTION_TOO_LATE"]
        assert "an order for the close must be sent by " in answer.decision.text

    def test_a_close_that_nobody_knows_is_refused(self) -> None:
        assert ask(at_the_broker(), "at_close").outcomes == ["REFUSED AUCTION_UNKNOWN"]

    def test_an_auction_that_the_broker_does_not_take_is_refused(self) -> None:
        assert ask(Scene(), "at_close").outcomes == ["REFUSED DESTINATION_NOT_TAKEN"]
        assert ask(at_the_broker(), "at_open").outcomes == ["REFUSED DESTINATION_NOT_TAKEN"]


def test_a_destination_that_cannot_be_is_refused_by_name() -> None:
    answer = ask(at_the_broker(), {"name": "vwap", "max_share": 2})

    assert answer.outcomes == ["REFUSED INVALID_DESTINATION"]
    assert answer.decision.text == "max_share must be from 0.01 to 0.5, got 2"


class TestOurOwnSlices:
    def test_an_algorithm_that_the_broker_does_not_take_is_sliced_here(self) -> None:
        answer = ask(Scene(), "vwap")

        (ticket,) = answer.placed
        assert (ticket.quantity, ticket.slice_count) == (shares(20), 5)
        assert ticket.destination == ""
        assert ticket.route_reason == (
            "destination vwap: the broker does not take it, our own slices instead"
        )
        assert "DESTINATION_LOCAL_TWAP" in answer.decisions[0].flags

    def test_it_does_so_without_an_average_volume_too(self) -> None:
        scene = Scene()
        scene.show(adv=None)

        answer = ask(scene, "twap")

        (ticket,) = answer.placed
        assert ticket.slice_count == 5
        assert "ADV_MISSING" in answer.decisions[0].flags

    def test_a_small_order_makes_as_many_slices_as_it_has_shares(self) -> None:
        (ticket,) = ask(Scene(), "vwap", 2).placed

        assert (ticket.quantity, ticket.slice_count) == (shares(1), 2)


class TestRefusedByTheBroker:
    def begun(self) -> Scene:
        scene = at_the_broker()
        ask(scene, "vwap")
        return scene

    def test_our_own_slices_take_over_at_the_next_quote(self) -> None:
        scene = self.begun()

        told = refuse(scene)
        (ticket,) = scene.quote().placed

        assert "DESTINATION_LOCAL_TWAP" in told.alarms
        assert told.watched == ["AAPL"]
        assert told.placed == []
        assert (ticket.order_id, ticket.quantity) == (f"{ORDER}#1", shares(20))
        assert (ticket.destination, ticket.route) == ("", "twap")

    def test_all_of_it_is_sent_once(self) -> None:
        scene = self.begun()
        refuse(scene)
        scene.quote()

        for number in range(1, 6):
            scene.trade(f"{ORDER}#{number}")
            scene.wait(60)

        slices = [t for t in scene.tickets.values() if t.slice_number]
        assert sum(ticket.quantity for ticket in slices) == shares(100)
        assert scene.desk.state.parents == {}
        assert scene.desk.state.book.buying == {}

    def test_what_is_still_to_come_counts_as_working(self) -> None:
        scene = self.begun()

        refuse(scene)

        assert scene.desk.state.book.buying == {"AAPL": shares(100)}
        assert scene.desk.state.recent[ORDER].status is OrderStatus.REJECTED

    def test_no_quote_in_time_misses_the_first_slice_only(self) -> None:
        scene = self.begun()
        refuse(scene)

        answer = scene.wait(60)

        (ticket,) = answer.placed
        assert (ticket.order_id, ticket.slice_number) == (f"{ORDER}#1", 2)

    def test_a_late_fill_of_the_refused_order_is_not_bought_again(self) -> None:
        scene = self.begun()
        refuse(scene)
        scene.fill(ORDER, 100)

        assert scene.quote().placed == []
        assert scene.desk.state.book.holdings["AAPL"].quantity == shares(100)

    @pytest.mark.parametrize("code", ["201", "439", "NEVER_REACHED_BROKER"])
    def test_every_other_refusal_ends_the_order(self, code: str) -> None:
        scene = self.begun()

        answer = refuse(scene, code)

        assert scene.desk.state.parents == {}
        assert "DESTINATION_LOCAL_TWAP" not in answer.alarms

    def test_what_has_traded_is_not_begun_again(self) -> None:
        scene = self.begun()
        scene.accept(ORDER)
        scene.fill(ORDER, 10)

        refuse(scene)

        assert scene.desk.state.parents == {}
        order: OrderState = scene.desk.state.recent[ORDER]
        assert order.status is OrderStatus.CANCELLED

    def test_after_the_close_nothing_is_begun(self) -> None:
        scene = self.begun()
        scene.close()

        refuse(scene)

        assert scene.desk.state.parents == {}

    def test_an_auction_that_is_refused_is_not_replaced(self) -> None:
        scene = at_the_broker()
        scene.open(closes_in=7_200)
        ask(scene, "at_close")

        refuse(scene)

        assert scene.desk.state.parents == {}

    def test_an_order_that_is_not_known_begins_nothing(self) -> None:
        scene = at_the_broker()

        assert refuse(scene).placed == []
        assert scene.desk.state.parents == {}

    def test_a_stopped_account_begins_nothing_that_leaves(self) -> None:
        scene = self.begun()
        scene.kill()
        refuse(scene)

        assert scene.quote().placed == []


class TestRules:
    def test_what_a_broker_takes_belongs_to_the_rules(self) -> None:
        policy = DeskPolicy().for_broker(ALL)

        assert written_rules(policy)["destinations"] == ["adaptive", "at_close", "vwap"]
        assert rules_read(written_rules(policy)) == policy
        assert rules_hash(policy) != rules_hash(DeskPolicy())

    def test_a_broker_without_any_keeps_the_rules_as_they_were(self) -> None:
        assert "destinations" not in written_rules(DeskPolicy())


def test_the_schedule_keeps_its_grid_from_the_refusal_on() -> None:
    scene = at_the_broker()
    ask(scene, "vwap")
    refuse(scene)

    due = scene.timers[f"slice:{ORDER}"].due

    assert due == scene.at + seconds(60)
