"""How an order was executed: what is measured, and what raises an alarm."""

from typing import Final

import pytest
from msgspec.structs import replace

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import OrderAccepted
from fillpath.core.units import moment
from fillpath.execution.policy import DeskPolicy, QualityPolicy
from tests.unit.execution.desk.scene import Scene, a_holding, price, seconds, shares

ORDER: Final = "trend/sig-1"


def sent(quantity: int = 100, policy: DeskPolicy | None = None) -> Scene:
    """Return a desk that has just sent an order, of which it has heard nothing yet."""
    scene = Scene(policy)
    scene.show(adv=shares(50_000))
    scene.signal(quantity=quantity)
    return scene


def accepted(quantity: int = 100, policy: DeskPolicy | None = None) -> Scene:
    """Return a desk with an order at the broker."""
    scene = sent(quantity, policy)
    scene.accept(ORDER)
    return scene


def test_an_order_is_measured_against_all_its_prices() -> None:
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=100, metadata={"signal_price": "149.9"})
    scene.accept(ORDER)
    scene.sleep(1)
    scene.fill(ORDER, 60, "150")
    scene.sleep(1)

    (measured,) = scene.fill(ORDER, 40, "150.01").measured

    assert (measured.expected, measured.signal_price) == (price("150.01"), price("149.9"))
    assert measured.arrival_mid == price("149.99") + price("150.01")
    assert measured.decided_at == measured.signal_at == scene.at - seconds(2)
    assert measured.first_fill_at == scene.at - seconds(1)
    assert measured.at == scene.at


def test_a_fill_is_never_earlier_than_a_signal_whose_clock_runs_ahead() -> None:
    scene = Scene()
    scene.signal(quantity=100, timestamp=moment(scene.at + seconds(2)))
    scene.accept(ORDER)

    (measured,) = scene.fill(ORDER, 100).measured

    assert measured.signal_at == measured.first_fill_at == scene.at


def test_a_protected_order_is_measured_against_the_far_touch() -> None:
    scene = Scene()
    scene.signal(quantity=100, strength=1)

    (measured,) = scene.trade(ORDER).measured

    assert measured.expected == price("150.01")


@pytest.mark.parametrize(
    ("paid", "alarms"),
    [
        pytest.param("150.16001", [], id="exactly 10 bps"),
        pytest.param("150.16002", ["SLIPPAGE"], id="just above"),
        pytest.param("140", [], id="an improvement never"),
    ],
)
def test_slippage_alarms_strictly_above_the_threshold(paid: str, alarms: list[str]) -> None:
    """10 bps of 150.01 are 0.15001."""
    scene = accepted()

    assert scene.fill(ORDER, paid=paid).alarms == alarms


def test_slippage_of_a_sale_is_the_mirror_image() -> None:
    scene = Scene(positions=(a_holding(100),))
    scene.show(adv=shares(50_000))
    scene.signal("FLAT")
    scene.accept(ORDER)

    answer = scene.fill(ORDER, paid="149.84")

    assert answer.alarms == ["SLIPPAGE"]


@pytest.mark.parametrize(
    ("later", "alarms"),
    [
        pytest.param(5, [], id="exactly 5 s"),
        pytest.param(5.000001, ["LATENCY"], id="just above"),
    ],
)
def test_latency_alarms_strictly_above_the_threshold(later: float, alarms: list[str]) -> None:
    scene = accepted()
    scene.sleep(later)

    assert scene.fill(ORDER).alarms == alarms


def test_an_alarm_says_how_much_and_how_long() -> None:
    scene = accepted()
    scene.sleep(235)

    alarms = [one for one in scene.fill(ORDER, paid="150.30") if isinstance(one, RaiseAlarm)]

    assert [one.text for one in alarms] == [
        "cost is 19.33 bps, above 10 bps",
        "signal to fill took 235.00 s, more than 5 s",
    ]


def test_the_clock_of_a_slice_starts_at_its_release() -> None:
    scene = sent(1_000)
    scene.trade(f"{ORDER}#1")
    scene.wait(60)
    scene.accept(f"{ORDER}#2")
    scene.sleep(5)

    assert scene.fill(f"{ORDER}#2").alarms == []


def test_thresholds_are_the_policys() -> None:
    lax = DeskPolicy(quality=QualityPolicy(max_slippage_bps=100, max_latency_ms=60_000))
    scene = accepted(policy=lax)
    scene.sleep(60)

    assert scene.fill(ORDER, paid="151").alarms == []


def test_news_of_one_order_leaves_another_alone() -> None:
    scene = accepted()
    scene.signal(quantity=50)
    other = replace(scene.desk.state.orders["trend/sig-2"])

    scene.tell(OrderAccepted(scene.at, ORDER, "B1"))
    scene.fill(ORDER)

    assert scene.desk.state.orders["trend/sig-2"] == other
