"""How much of the volume a schedule takes, and a price that runs away from it (control A-04)."""

from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.participating import pace, price_moved
from fillpath.execution.desk.state import ParentState
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.testing.builders import a_view
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, price, shares

PARENT = "trend/sig-1"
VOLUME = 234_000
"""Shares a day, of which 600 are expected in a minute."""


def child(number: int) -> str:
    return f"{PARENT}#{number}"


def capped(percent: Any = None, **router: Any) -> Scene:
    """Return a desk that has decided to buy 3,000 shares in slices."""
    knobs = {"size_threshold_large_pct": "1", "participation_cap_pct": percent} | router
    scene = Scene(DeskPolicy(router=RouterPolicy(**knobs)))
    scene.show(adv=shares(VOLUME))
    scene.signal(quantity=3_000)
    return scene


def parent(scene: Scene) -> ParentState:
    return scene.desk.state.parents[PARENT]


def slices(answer: Answer) -> list[int]:
    return [ticket.quantity // shares(1) for ticket in answer.placed]


class TestTheCap:
    @pytest.mark.control("A-04", "passes")
    def test_without_a_cap_the_grid_is_the_specified_one(self) -> None:
        scene = capped()

        assert (scene.tickets[child(1)].interval_seconds, parent(scene).pace) == (60, 0)
        assert scene.all.alarms == ["PARTICIPATION"]

    @pytest.mark.control("A-04", "refuses")
    @pytest.mark.parametrize(
        ("percent", "seconds"),
        [
            pytest.param("100", 60, id="all of the volume: at the cap"),
            pytest.param("99.99", 61, id="a little less: a second more"),
            pytest.param("50", 120, id="half of it"),
            pytest.param("10", 600, id="a tenth"),
        ],
    )
    def test_slices_are_as_far_apart_as_the_cap_demands(self, percent: str, seconds: int) -> None:
        scene = capped(percent)
        ticket = scene.tickets[child(1)]
        scene.trade(child(1))

        assert (ticket.interval_seconds, ticket.quantity) == (seconds, shares(600))
        assert slices(scene.wait(seconds - 1)) == []
        assert slices(scene.wait(1)) == [600]

    @pytest.mark.control("A-04", "passes")
    def test_a_stretched_schedule_alarms_nobody(self) -> None:
        scene = capped("30")

        assert scene.all.decisions[0].participation == 30_000_000
        assert scene.all.alarms == []

    @pytest.mark.control("A-04", "refuses")
    def test_what_was_not_filled_is_not_bunched_beyond_the_cap(self) -> None:
        scene = capped("100")
        sent = []
        for number in range(1, 6):
            scene.accept(child(number))
            scene.wait(60)
            scene.cancelled(child(number))
            sent.append(scene.tickets[child(number)].quantity // shares(1))

        assert sent == [600] * 5
        assert scene.all.decisions[-1].reason == "UNFILLED"
        assert (
            "PARTICIPATION: 3000 shares would be more than the 600" in scene.all.decisions[-1].text
        )

    @pytest.mark.control("A-04", "passes")
    def test_without_a_cap_what_was_not_filled_is_carried(self) -> None:
        scene = capped()
        scene.accept(child(1))
        scene.wait(60)

        assert slices(scene.cancelled(child(1))) == [1_200]

    @pytest.mark.control("A-04", "passes")
    def test_the_volume_of_a_missed_slice_may_be_taken_by_the_next(self) -> None:
        scene = capped("100")
        scene.trade(child(1))
        scene.hold()
        scene.wait(60)
        scene.release()

        assert slices(scene.wait(60)) == [800]
        assert parent(scene).cut == ""

    def test_an_unknown_volume_stretches_nothing(self) -> None:
        scene = Scene(DeskPolicy(router=RouterPolicy(participation_cap_pct=10)))
        scene.show(adv=None)

        answer = scene.signal(quantity=3_000)

        assert slices(answer) == [3_000]
        assert "ADV_MISSING" in answer.decision.flags

    @pytest.mark.parametrize(
        ("lot", "expected"),
        [(1, 1), (100, 100)],
        ids=["a share", "a lot"],
    )
    def test_a_schedule_gets_on_however_little_trades(self, lot: int, expected: int) -> None:
        policy = RouterPolicy(participation_cap_pct="0.01", lot_size=lot)

        assert pace(policy, 1, NANOSECONDS) == shares(expected)


class TestThePrice:
    @pytest.mark.control("A-04", "refuses")
    @pytest.mark.control("A-04", "passes")
    @pytest.mark.parametrize(
        ("bid", "ask", "pauses"),
        [
            pytest.param("152.98", "153.00", False, id="a tick inside above"),
            pytest.param("152.99", "153.01", False, id="at it above"),
            pytest.param("153.00", "153.02", True, id="a tick outside above"),
            pytest.param("147.00", "147.02", False, id="a tick inside below"),
            pytest.param("146.99", "147.01", False, id="at it below"),
            pytest.param("146.98", "147.00", True, id="a tick outside below"),
        ],
    )
    def test_an_entry_waits_while_the_price_is_too_far_from_arrival(
        self, bid: str, ask: str, *, pauses: bool
    ) -> None:
        scene = capped()
        scene.trade(child(1))
        scene.show(bid, ask)

        answer = scene.wait(60)

        assert slices(answer) == ([] if pauses else [600])
        assert answer.outcomes == (["HELD PRICE_MOVED"] if pauses else ["ORDERED"])
        assert answer.alarms == (["PRICE_MOVED"] if pauses else [])

    @pytest.mark.control("A-04", "passes")
    def test_when_the_price_is_back_the_missed_slice_is_spread_over_the_rest(self) -> None:
        scene = capped()
        scene.trade(child(1))
        scene.show("160.00", "160.02")
        scene.wait(60)
        scene.show()

        assert slices(scene.wait(60)) == [800]
        assert scene.fingerprint_of_replay() == scene.desk.fingerprint()

    @pytest.mark.control("A-04", "refuses")
    def test_a_price_that_never_comes_back_leaves_the_rest_unfilled(self) -> None:
        scene = capped()
        scene.trade(child(1))
        scene.show("160.00", "160.02")
        scene.wait(240)

        last = scene.wait(60).decisions[-1]

        assert (last.outcome, last.quantity) == ("UNFILLED", shares(2_400))
        assert "PRICE_MOVED: the mid 160.01 of AAPL is more than 2 % away from 150" in last.text

    @pytest.mark.control("A-04", "passes")
    def test_an_exit_does_not_wait_for_the_price(self) -> None:
        scene = Scene(positions=(a_holding(3_000),))
        scene.show(adv=shares(VOLUME))
        scene.signal("FLAT")
        scene.trade(child(1))
        scene.show("120.00", "120.02")

        assert slices(scene.wait(60)) == [600]

    @pytest.mark.control("A-04", "refuses")
    @pytest.mark.parametrize("arrival", [None, 0, -1])
    def test_an_arrival_that_is_not_known_is_no_pass(self, arrival: int | None) -> None:
        scene = capped()
        ticket = parent(scene).ticket
        unknown = replace(ticket, signal_price=arrival)

        refusal = price_moved(RouterPolicy(), unknown, a_view())

        assert refusal is not None
        assert refusal.text == "the price of AAPL on arrival is unknown"

    @pytest.mark.control("A-04", "refuses")
    def test_how_far_is_a_setting(self) -> None:
        scene = capped(pause_move_pct="0.5")
        scene.trade(child(1))
        scene.show("150.80", "150.82")

        answer = scene.wait(60)

        assert answer.outcomes == ["HELD PRICE_MOVED"]
        assert answer.decision.text == (
            f"the mid 150.81 of AAPL is more than 0.5 % away from {price('150') // price(1)} "
            "on arrival"
        )
