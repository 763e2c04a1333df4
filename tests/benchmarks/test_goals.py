"""A verdict is a ratio of two medians of one run, or the reason why there is none."""

import pytest

from benchmarks.figures import Figure, Sample
from benchmarks.goals import GOALS, Alone, Goal, Growth, Place, Ratio, Slope, judge
from benchmarks.works import FILLPATH, NAUTILUS_PRE, WORKS
from tests.benchmarks.builders import a_sample

OVER_PEER = Goal(
    key="S1",
    title="orders/s",
    measure=Ratio(Figure.ORDERS_PER_SECOND, "held", NAUTILUS_PRE),
    floor=2.5,
    goal=5.0,
)
SMALL = Goal(
    key="S7",
    title="import",
    measure=Alone(Figure.SECONDS, "import"),
    floor=0.25,
    goal=0.15,
    more_is_better=False,
)
FLAT = Goal(
    key="S9",
    title="cost of an order",
    measure=Growth(Slope("orders", "c", "d"), Slope("orders", "a", "b")),
    floor=1.2,
    goal=1.2,
    more_is_better=False,
)


def both(ours: list[float], theirs: list[float]) -> dict[Place, list[Sample]]:
    return {
        ("held", FILLPATH): [a_sample(seconds=seconds) for seconds in ours],
        ("held", NAUTILUS_PRE): [a_sample(seconds=seconds) for seconds in theirs],
    }


@pytest.mark.parametrize(
    ("ours", "value", "words"),
    [
        pytest.param(1.0, 5.0, "goal met", id="exactly the goal"),
        pytest.param(1.001, 4.995, "floor met, goal not met", id="just below the goal"),
        pytest.param(2.0, 2.5, "floor met, goal not met", id="exactly the floor"),
        pytest.param(2.5, 2.0, "FLOOR NOT MET", id="below the floor"),
    ],
)
def test_the_verdict_follows_the_ratio_of_medians(ours: float, value: float, words: str) -> None:
    samples = both([99.0, ours, ours], [5.0, 0.1, 5.0])

    verdict = judge(OVER_PEER, samples, {})

    assert verdict.value == pytest.approx(value, abs=1e-3)
    assert verdict.words == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.15, "goal met"), (0.2, "floor met, goal not met"), (0.26, "FLOOR NOT MET")],
)
def test_less_is_better_for_seconds(seconds: float, words: str) -> None:
    samples = {("import", FILLPATH): [a_sample(seconds=seconds)]}

    assert judge(SMALL, samples, {}).words == words


@pytest.mark.parametrize("missing", [FILLPATH, NAUTILUS_PRE])
def test_a_missing_side_gives_the_reason_and_no_number(missing: str) -> None:
    samples = both([1.0], [5.0])
    del samples["held", missing]

    verdict = judge(OVER_PEER, samples, {("held", missing): "no wheel for this Python"})

    assert verdict.value is None
    assert verdict.words == f"not measured here: {missing} on held: no wheel for this Python"


def test_growth_compares_what_one_more_unit_costs() -> None:
    samples = {
        ("a", FILLPATH): [a_sample(orders=1_000, seconds=1.1)],
        ("b", FILLPATH): [a_sample(orders=11_000, seconds=2.1)],
        ("c", FILLPATH): [a_sample(orders=100_000, seconds=11.0)],
        ("d", FILLPATH): [a_sample(orders=200_000, seconds=22.0)],
    }

    verdict = judge(FLAT, samples, {})

    assert verdict.value == pytest.approx(1.1)
    assert verdict.words == "goal met"


def test_growth_says_when_noise_swallowed_the_difference() -> None:
    samples = {(work, FILLPATH): [a_sample(seconds=1.0)] for work in "abcd"}

    verdict = judge(FLAT, samples, {})

    assert verdict.value is None
    assert verdict.words == "not measured here: d took no longer than c"


def test_every_goal_asks_for_works_that_exist_and_have_its_systems() -> None:
    systems = {work.name: work.systems for work in WORKS}

    for goal in GOALS:
        assert all(FILLPATH in systems[name] for name in goal.works())
        if isinstance(goal.measure, Ratio):
            assert goal.measure.peer in systems[goal.measure.work]


def test_no_goal_is_softer_than_its_floor() -> None:
    for goal in GOALS:
        assert goal.reached(goal.goal, goal.floor)


def test_every_goal_of_the_speed_issue_is_judged() -> None:
    assert {goal.key for goal in GOALS} == {"S1", "S2", "S3", "S6", "S7", "S8", "S9", "S10"}
