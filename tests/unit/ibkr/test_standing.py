"""The life of a connection, step by step: what each piece of news leads to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.units import NANOSECONDS, nanoseconds
from fillpath.ibkr.beating import Heartbeat
from fillpath.ibkr.heard import DataKind, Dropped, Greeted, Opened, Said, ServerTime
from fillpath.ibkr.news import (
    Action,
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
    Pause,
    Reconciled,
    Started,
    Stopped,
    Tell,
    Unanswered,
    Unreconciled,
)
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.standing import VERIFIED, Standing
from fillpath.ibkr.states import Because, State

# A Tuesday, 15:00 in New York, and a Sunday, 01:05.
START = nanoseconds(datetime(2026, 6, 2, 19, tzinfo=UTC))
SUNDAY = nanoseconds(datetime(2026, 6, 7, 5, 5, tzinfo=UTC))
POLICY = ConnectionPolicy(client_id=10)
GREETED = Greeted(178, ("DU1",), 1)
LOST = Said(-1, 1100, "lost")


class Life:
    """A standing, and everything that it wanted."""

    def __init__(self, start: int = START, policy: ConnectionPolicy = POLICY) -> None:
        self.standing = Standing(policy)
        self.now = start
        self.wanted: list[Action] = []

    def at(self) -> State:
        """Return the state; a call, because nobody may believe that it stays."""
        return self.standing.state

    def hear(self, *news: News, after: float = 0) -> list[Action]:
        """Let news come, and return what the last one led to."""
        self.now += round(after * NANOSECONDS)
        found: list[Action] = []
        for one in news:
            found = self.standing.step(one, self.now)
            self.wanted += found
        return found

    def clock(self, off: float = 0) -> ServerTime:
        """Return the gateway's time."""
        return ServerTime((self.now // NANOSECONDS + round(off)) * NANOSECONDS)

    def until_verified(self) -> "Life":
        self.hear(Started(), Opened(), GREETED, Asked())
        self.hear(self.clock())
        return self

    def until_trading(self) -> "Life":
        self.until_verified().hear(Reconciled())
        assert self.at() is State.TRADING
        return self

    def alarms(self) -> list[tuple[str, bool]]:
        """Return code of every alarm, and whether it wakes a person."""
        told = [one.alarm for one in self.wanted if isinstance(one, Tell)]
        return [(alarm.code, alarm.page) for alarm in told if not alarm.over]

    def over(self) -> list[str]:
        return [one.alarm.code for one in self.wanted if isinstance(one, Tell) and one.alarm.over]


def kinds(actions: list[Action]) -> list[type]:
    return [type(one) for one in actions]


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
