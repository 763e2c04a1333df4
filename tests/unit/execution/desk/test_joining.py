"""An exit that reaches its group too late sells no share that the group has sold (control C-28)."""

import pytest

from fillpath.core.commands import AmendOrder
from tests.unit.execution.desk.guarded import ENTRY, Guarded, keeping
from tests.unit.execution.desk.scene import Answer, shares

EXIT = "trend/sig-2"
STOP = f"{ENTRY}#p1"


def leaving(*, amends: bool = True, target: str | None = None) -> Guarded:
    """Return a desk with 100 shares under a stop, whose exit is on its way."""
    scene = Guarded(keeping(amends_stops=amends, target_pct=target))
    scene.enter()
    if target is not None:
        scene.accept(scene.guard.goal)
    assert scene.signal("FLAT", strength="0.5").placed[0].order_id == EXIT
    return scene


def asked(answer: Answer) -> list[tuple[str, int]]:
    """Return whole shares of each change that is asked for, by order."""
    return [(one.order_id, one.quantity // shares(1)) for one in answer.of(AmendOrder)]


@pytest.mark.control("C-28", "refuses")
def test_an_exit_on_its_way_is_made_smaller_by_what_its_stop_has_sold() -> None:
    scene = leaving()
    scene.fill(STOP, 40, 147)

    answer = scene.accept(EXIT)

    assert asked(answer) == [(EXIT, 60)]
    assert answer.cancels == []


@pytest.mark.control("C-28", "refuses")
def test_every_part_that_it_missed_counts() -> None:
    scene = leaving()
    scene.fill(STOP, 40, 147)
    scene.fill(STOP, 25, 147)

    assert asked(scene.accept(EXIT)) == [(EXIT, 35)]
    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()


@pytest.mark.control("C-28", "refuses")
def test_the_target_counts_like_the_stop() -> None:
    scene = leaving(target="4")
    scene.fill(scene.guard.goal, 30, 156)

    assert (EXIT, 70) in asked(scene.accept(EXIT))


@pytest.mark.control("C-28", "refuses")
def test_an_exit_of_which_nothing_may_be_left_is_cancelled() -> None:
    scene = leaving()
    at_once = scene.fill(STOP, 100, 147)

    answer = scene.accept(EXIT)

    assert at_once.cancels == []  # nobody has a name for it yet
    assert answer.cancels == [EXIT]
    assert asked(answer) == []


@pytest.mark.control("C-28", "refuses")
def test_where_nothing_can_be_changed_it_is_cancelled() -> None:
    scene = leaving(amends=False)
    scene.fill(STOP, 40, 147)

    assert scene.accept(EXIT).cancels == [EXIT]


@pytest.mark.control("C-28", "refuses")
def test_on_a_link_in_doubt_it_is_cancelled() -> None:
    scene = leaving()
    scene.hold("RECONCILING")
    scene.fill(STOP, 40, 147)

    assert scene.accept(EXIT).cancels == [EXIT]


@pytest.mark.control("C-28", "refuses")
def test_a_change_that_fails_becomes_a_cancel() -> None:
    scene = leaving()
    scene.fill(STOP, 40, 147)
    scene.accept(EXIT)

    assert scene.amend_failed(EXIT).cancels == [EXIT]


@pytest.mark.control("C-28", "passes")
def test_once_it_is_smaller_it_works_on() -> None:
    scene = leaving()
    scene.fill(STOP, 40, 147)
    scene.confirm(scene.accept(EXIT))

    order = scene.desk.state.orders[EXIT]
    assert (order.remaining, order.asked, order.missed) == (shares(60), None, 0)
    assert scene.desk.state.book.selling == {"AAPL": shares(60)}
    assert scene.fill(EXIT, 60, 149).cancels == []


@pytest.mark.control("C-28", "passes")
def test_an_exit_that_was_there_is_reduced_by_its_group() -> None:
    scene = leaving()
    scene.accept(EXIT)

    answer = scene.fill(STOP, 40, 147)

    assert (asked(answer), answer.cancels) == ([], [])
    assert scene.desk.state.orders[EXIT].missed == 0


@pytest.mark.control("C-28", "passes")
def test_what_the_broker_has_taken_off_already_is_not_taken_twice() -> None:
    scene = leaving()
    scene.fill(STOP, 40, 147)
    scene.amended(EXIT, 60)

    assert asked(scene.accept(EXIT)) == []


@pytest.mark.control("C-28", "passes")
def test_its_own_fill_is_none_that_it_missed() -> None:
    scene = leaving()
    scene.fill(EXIT, 40, 149)

    answer = scene.accept(EXIT)

    assert EXIT not in dict(asked(answer))
    assert answer.cancels == []


def test_more_filled_than_it_may_still_sell_leaves_only_the_cancel() -> None:
    scene = leaving()
    scene.fill(STOP, 70, 147)
    scene.fill(EXIT, 30, 149)

    assert scene.accept(EXIT).cancels == [EXIT]


@pytest.mark.control("C-28", "refuses")
def test_a_target_that_came_after_a_part_of_its_stop_was_filled_is_made_smaller_at_once() -> None:
    scene = Guarded(keeping(target_pct="4"))
    entry = scene.signal(quantity=100).placed[0].order_id
    scene.accept(entry)
    stop, target = (t.order_id for t in scene.fill(entry, paid=150).placed)
    scene.accept(stop)
    scene.fill(stop, 20, 147)  # before the target was there
    scene.fill(stop, 20, 147)
    scene.amended(target, 80)  # of which the broker tells before it tells that it has the target

    assert asked(scene.accept(target)) == [(target, 60)]


@pytest.mark.control("C-28", "passes")
def test_a_target_that_was_made_smaller_before_its_fill_is_told_waits_for_the_fill() -> None:
    scene = Guarded(keeping(target_pct="4"))
    stop, target = (t.order_id for t in scene.enter().placed)
    scene.amended(target, 80)

    assert asked(scene.wait(1)) == asked(scene.fill(stop, 20, 147)) == []


@pytest.mark.control("C-28", "passes")
def test_a_stop_that_takes_the_place_of_another_joins_the_exit_that_works() -> None:
    scene = leaving()
    scene.accept(EXIT)

    (again,) = scene.cancelled(STOP).placed

    assert again.group == scene.tickets[EXIT].group != again.order_id
