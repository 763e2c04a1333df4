"""Links that are lost and restored, windows, refusals to answer: what the connection makes of them."""

import pytest

from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.heard import Dropped, Opened, Said
from fillpath.ibkr.news import (
    Asked,
    AskTime,
    Broken,
    Compare,
    Enter,
    Failed,
    HangUp,
    News,
    Passed,
    Pause,
    Reconciled,
    Started,
    Stopped,
    Unanswered,
    Unreconciled,
)
from fillpath.ibkr.states import Because, State
from tests.unit.ibkr.life import GREETED, LOST, SUNDAY, Life, kinds


@pytest.mark.parametrize("code", [1100, 2110])
@pytest.mark.fault("F-46")
def test_a_lost_link_degrades_and_a_restored_one_is_compared_again(code: int) -> None:
    life = Life().until_trading()

    life.hear(Said(-1, code, "lost"), Said(-1, code, "lost"))

    assert life.at() is State.DEGRADED
    assert life.standing.verified
    assert life.alarms() == [("CONNECTIVITY_LOST", False)]
    assert life.hear(Said(-1, 1102, "restored")) == [
        Compare(Because.DATA_KEPT),
        Enter(State.RECONCILE),
    ]
    life.hear(Reconciled())
    assert life.over() == ["CONNECTIVITY_LOST"]


def test_a_silent_gateway_is_borne_longer_while_the_link_is_lost() -> None:
    life = Life().until_trading()
    life.hear(LOST)
    life.hear(Passed(), Asked(), after=2)

    life.hear(Passed(), after=25)
    assert life.at() is State.DEGRADED
    life.hear(Passed(), after=6)

    assert life.at() is State.DISCONNECTED


def test_a_comparison_that_was_broken_off_is_owed_in_full() -> None:
    life = Life().until_verified()
    life.hear(LOST)

    assert life.hear(Said(-1, 1102, "restored"))[0] == Compare(Because.CONNECTED)
    life.hear(Reconciled())
    life.hear(LOST, Said(-1, 1101, "lost"), LOST)
    assert life.hear(Said(-1, 1102, "restored"))[0] == Compare(Because.DATA_LOST)


def test_a_link_lost_before_the_account_was_verified_is_verified_after_it_is_back() -> None:
    life = Life()
    life.hear(Started(), Opened(), LOST, GREETED, Asked())
    assert life.at() is State.DEGRADED
    assert not life.standing.verified

    life.hear(Said(-1, 1102, "restored"))
    assert life.at() is State.VERIFY
    life.hear(life.clock())

    assert life.at() is State.RECONCILE


def test_a_link_lost_in_the_middle_of_verifying_is_asked_anew_when_it_is_back() -> None:
    life = Life()
    life.hear(Started(), Opened(), GREETED, Asked(), LOST)
    life.hear(life.clock())
    assert not life.standing.verified

    found = life.hear(Said(-1, 1102, "restored"))

    assert AskTime in kinds(found)
    assert life.at() is State.VERIFY


def test_a_link_that_was_restored_in_the_handshake_is_no_trouble() -> None:
    life = Life()

    life.hear(Started(), Opened(), LOST, Said(-1, 1102, "restored"), GREETED)

    assert life.at() is State.VERIFY


@pytest.mark.fault("F-49")
@pytest.mark.parametrize("news", [Unreconciled("silence"), Unanswered("open_orders")])
def test_a_comparison_without_answers_begins_again_with_a_new_connection(news: News) -> None:
    life = Life().until_verified()

    found = life.hear(news)

    assert kinds(found)[0] is HangUp
    assert life.at() is State.DISCONNECTED
    assert life.hear(Reconciled()) == []


def test_an_unanswered_question_is_borne_while_the_link_is_lost() -> None:
    life = Life().until_trading()
    life.hear(LOST)

    assert life.hear(Unanswered("positions")) == []


@pytest.mark.parametrize("code", [505, 507, 508])
@pytest.mark.fault("F-52")
def test_a_gateway_that_did_not_understand_is_left_and_found_again(code: int) -> None:
    life = Life().until_trading()

    found = life.hear(Said(-1, code, "bad message"))

    assert kinds(found)[0] is HangUp
    assert life.at() is State.DISCONNECTED
    assert life.hear(Said(-1, code, "again")) == []


def test_too_many_messages_stop_everything_for_a_second_and_wake_a_person() -> None:
    life = Life().until_trading()

    found = life.hear(Said(-1, 100, "too many"))

    assert found[0] == Pause(life.now + NANOSECONDS)
    assert life.alarms() == [("MESSAGE_RATE", True)]


def test_a_new_port_is_told_and_not_followed() -> None:
    life = Life().until_trading()

    life.hear(Said(-1, 1300, "moved to 4003"))

    assert life.alarms() == [("PORT_CHANGED", True)]
    assert life.at() is State.TRADING


@pytest.mark.fault("F-54")
def test_an_outage_in_a_window_is_quiet_until_the_window_ends() -> None:
    life = Life(SUNDAY).until_trading()
    life.hear(Dropped("restart"))
    assert life.at() is State.EXPECTED_DOWN
    for _ in range(11):
        life.hear(Passed(), after=3600)
        life.hear(Failed("refused"))
    assert life.alarms() == []

    life.hear(Passed(), after=3600)

    assert life.alarms() == [("DOWN_TOO_LONG", True)]
    assert "since 2026-06-07 05:05:00 UTC" in str(life.wanted[-1])


@pytest.mark.fault("F-54")
def test_what_overruns_a_window_is_expected_no_more() -> None:
    life = Life(SUNDAY).until_trading()
    life.hear(Dropped("restart"))

    # Waits are an hour and more here, so that no attempt to connect comes between.
    life.now += 12 * 3600 * NANOSECONDS
    standing = life.standing
    standing._retry_at = None  # noqa: SLF001  # an attempt would leave the state that is tested
    life.hear(Passed())

    assert life.at() is State.DISCONNECTED


@pytest.mark.fault("F-54")
def test_a_lost_link_that_begins_in_a_window_wakes_a_person_when_it_outlasts_it() -> None:
    life = Life(SUNDAY).until_trading()
    life.hear(LOST)
    assert life.alarms() == []
    for _ in range(12 * 60):
        life.hear(Passed(), Asked(), after=59)
        life.hear(life.clock(), LOST, after=1)

    assert life.alarms() == [("DOWN_TOO_LONG", True)]
    assert life.at() is State.DEGRADED


def test_an_outage_outside_every_window_wakes_a_person_after_two_minutes_once() -> None:
    life = Life().until_trading()
    life.hear(Dropped("cable"))
    for _ in range(10):
        life.hear(Passed(), after=30)
        life.hear(Failed("refused"))

    assert life.alarms() == [("DISCONNECTED", False), ("DOWN_TOO_LONG", True)]


def test_stopping_is_no_outage() -> None:
    life = Life().until_trading()

    found = life.hear(Stopped())
    life.hear(Dropped("closed by us"))
    life.hear(Passed(), after=3600)

    assert kinds(found) == [Enter, HangUp]
    assert life.at() is State.DISCONNECTED
    assert life.alarms() == []
    assert life.standing.wake_at() is None


def test_a_part_of_ours_that_fails_ends_it_for_good() -> None:
    life = Life().until_trading()

    life.hear(Broken("a listener failed"))

    assert life.at() is State.REFUSED
    assert life.alarms() == [("CONNECTION_BROKEN", True)]
