"""The life of a connection, step by step: what each piece of news leads to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.beating import Heartbeat
from fillpath.ibkr.heard import DataKind, Dropped, Greeted, Opened, Said, ServerTime
from fillpath.ibkr.news import (
    Asked,
    AskTime,
    Broken,
    Compare,
    Connect,
    Enter,
    Failed,
    HangUp,
    News,
    Passed,
    Reconciled,
    Started,
    Stopped,
    Unanswered,
    Unreconciled,
)
from fillpath.ibkr.standing import VERIFIED
from fillpath.ibkr.states import State
from tests.unit.ibkr.life import GREETED, LOST, POLICY, START, Life, kinds


def test_a_connection_goes_through_every_state_in_order() -> None:
    life = Life().until_trading()

    assert [one.state for one in life.wanted if isinstance(one, Enter)] == [
        State.TCP,
        State.HANDSHAKE,
        State.READY,
        State.VERIFY,
        State.RECONCILE,
        State.CLEAN,
        State.TRADING,
    ]
    assert life.standing.account == "DU1"
    assert life.standing.verified
    assert life.standing.reason == ""
    assert life.alarms() == []


def test_starting_twice_connects_once() -> None:
    life = Life()

    life.hear(Started(), Started())

    assert kinds(life.wanted).count(Connect) == 1


@pytest.mark.parametrize(
    "news",
    [Opened(), GREETED, Reconciled(), Unreconciled("x"), Unanswered("x"), LOST, Dropped("x")],
)
def test_news_that_does_not_fit_the_state_changes_nothing(news: News) -> None:
    life = Life()

    assert life.hear(news) == []
    assert life.at() is State.DISCONNECTED


def test_news_of_no_meaning_for_the_connection_changes_nothing() -> None:
    life = Life().until_trading()

    assert life.hear(DataKind(1, 3), Said(-1, 2104, "farm OK")) == []


def test_the_waits_between_attempts_grow_to_a_bound() -> None:
    life = Life(policy=replace(POLICY, page_seconds=3600))
    life.hear(Started())
    waits = []
    for _ in range(9):
        life.hear(Failed("refused"))
        due = life.standing.wake_at()
        assert due is not None
        waits.append((due - life.now) / NANOSECONDS)
        life.now = due
        life.hear(Passed())

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_after_trading_the_waits_begin_anew() -> None:
    life = Life()
    life.hear(Started(), Failed("x"))
    life.hear(Passed(), after=1)
    life.hear(Failed("x"))
    life.hear(Passed(), after=2)
    life.hear(Opened(), GREETED, Asked())
    life.hear(life.clock())
    life.hear(Reconciled())

    life.hear(Dropped("cable"))

    assert life.standing.wake_at() == life.now + NANOSECONDS


def test_nothing_is_done_before_its_time() -> None:
    life = Life()
    life.hear(Started(), Failed("x"))

    assert life.hear(Passed(), after=0.5) == []


@pytest.mark.parametrize(
    ("greeted", "code"),
    [
        (Greeted(178, ("U1",), 1), "WRONG_MODE"),
        (Greeted(178, ("DU1", "DU2"), 1), "WRONG_ACCOUNT"),
    ],
)
@pytest.mark.fault("F-58")
def test_the_wrong_account_ends_it_for_good(greeted: Greeted, code: str) -> None:
    life = Life()
    life.hear(Started(), Opened(), greeted)

    life.hear(Dropped("closed by us"), Failed("x"))
    life.hear(Passed(), after=3600)

    assert life.at() is State.REFUSED
    assert life.alarms() == [(code, True)]
    assert kinds(life.wanted).count(Connect) == 1
    assert HangUp in kinds(life.wanted)
    assert life.standing.wake_at() is None


def test_another_login_after_an_outage_is_not_the_account_that_was_verified() -> None:
    life = Life().until_trading()
    life.hear(Dropped("restart"))
    life.hear(Passed(), after=1)

    life.hear(Opened(), Greeted(178, ("DU2",), 1))

    assert life.at() is State.REFUSED
    assert ("WRONG_ACCOUNT", True) in life.alarms()
    assert life.standing.account == "DU1"


@pytest.mark.parametrize(
    ("said", "code"),
    [(Said(-1, 326, "in use"), "CLIENT_ID_IN_USE"), (Said(-1, 503, "old"), "GATEWAY_TOO_OLD")],
)
@pytest.mark.fault("F-53")
def test_what_only_a_person_can_mend_ends_it_for_good(said: Said, code: str) -> None:
    life = Life()
    life.hear(Started(), Opened(), said, Failed("closed"))

    life.hear(Passed(), after=3600)

    assert life.at() is State.REFUSED
    assert life.alarms() == [(code, True)]
    assert kinds(life.wanted).count(Connect) == 1


def test_a_clock_that_is_off_ends_it_before_anything_is_compared() -> None:
    life = Life()
    life.hear(Started(), Opened(), GREETED, Asked())

    life.hear(life.clock(off=60))

    assert life.at() is State.REFUSED
    assert life.alarms() == [("CLOCK_OFF", True)]
    assert Compare not in kinds(life.wanted)


def test_a_clock_that_goes_off_later_is_told_once_and_is_over_when_it_is_right() -> None:
    life = Life().until_trading()
    for off in (60, 60, 0):
        life.hear(Passed(), Asked(), after=2)
        life.hear(life.clock(off))

    assert life.at() is State.TRADING
    assert life.alarms() == [("CLOCK_OFF", True)]
    assert life.over() == ["CLOCK_OFF"]


def test_a_person_can_start_again_after_a_refusal() -> None:
    life = Life()
    life.hear(Started(), Opened(), Said(-1, 326, "in use"), Failed("x"), Stopped())

    assert Connect in kinds(life.hear(Started()))
    assert life.at() is State.TCP


def test_our_own_client_id_may_linger_after_our_own_loss_and_only_then() -> None:
    life = Life().until_trading()
    life.hear(Dropped("cable"))
    life.hear(Passed(), after=1)

    life.hear(Opened(), Said(-1, 326, "in use"), Failed("closed"))
    assert life.at() is State.DISCONNECTED
    life.hear(Passed(), after=95)
    life.hear(Opened(), Said(-1, 326, "in use"), Failed("closed"))

    assert life.at() is State.REFUSED
    assert ("CLIENT_ID_LINGERS", False) in life.alarms()
    assert ("CLIENT_ID_IN_USE", True) in life.alarms()


@pytest.mark.fault("F-51")
def test_silence_after_a_question_ends_the_connection_within_five_seconds() -> None:
    life = Life().until_trading()
    began = life.now
    while life.at() is State.TRADING:
        due = life.standing.wake_at()
        assert due is not None
        life.now = due
        if AskTime in kinds(life.hear(Passed())):
            life.hear(Asked())

    assert life.now - began <= 5 * NANOSECONDS
    assert life.standing.reason == "the gateway no longer answers"


def test_other_words_are_no_answer_for_ever() -> None:
    life = Life().until_trading()
    life.hear(Passed(), Asked(), after=2)
    for _ in range(14):
        life.hear(DataKind(1, 1), Passed(), after=2)
    assert life.at() is State.TRADING

    life.hear(DataKind(1, 1), Passed(), after=2)

    assert life.at() is State.DISCONNECTED


def test_a_question_that_still_waits_for_its_turn_is_not_held_against_the_gateway() -> None:
    life = Life().until_trading()
    life.hear(Passed(), after=2)

    life.hear(Passed(), after=20)

    assert life.at() is State.TRADING
    assert life.hear(Asked()) == []


def test_a_question_that_nobody_asked_is_no_answer() -> None:
    heart = Heartbeat(POLICY)

    heart.asked(5)

    assert heart.answered(6) is None
    assert heart.end(patient=False) is None
    assert heart.wake_at(patient=False) is None


NEWS = st.sampled_from(
    [
        Started(),
        Stopped(),
        Opened(),
        GREETED,
        Greeted(178, ("U1",), 1),
        Asked(),
        Reconciled(),
        Unreconciled("x"),
        Unanswered("positions"),
        Failed("x"),
        Dropped("x"),
        Passed(),
        Broken("x"),
        DataKind(1, 1),
        *(Said(-1, code, "x") for code in (100, 326, 503, 507, 1100, 1101, 1102, 1300, 2110)),
        ServerTime(START),
        ServerTime(0),
    ]
)


@given(st.lists(st.tuples(NEWS, st.integers(0, 120)), max_size=60))
def test_whatever_happens_orders_leave_only_after_a_comparison_of_this_connection(
    story: list[tuple[News, int]],
) -> None:
    life = Life()
    compared = False
    for news, seconds in story:
        if isinstance(news, ServerTime) and news.at:
            news = life.clock()  # noqa: PLW2901  # the time of this moment
        before = life.at()
        actions = life.hear(news, after=seconds)
        if life.at() not in VERIFIED or Compare in kinds(actions) or life.at() is State.DEGRADED:
            compared = False
        if isinstance(news, Reconciled) and before is State.RECONCILE:
            compared = True
        assert life.at() is not State.TRADING or compared
        assert life.at() is not State.TRADING or life.standing.verified
        if life.at() is State.REFUSED:
            assert life.standing.wake_at() is None
