"""A courier tells every alert at least once, tells it again until somebody answers, and waits."""

from collections.abc import Iterator
from datetime import time
from itertools import pairwise
from pathlib import Path

import pytest

from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.courier import Courier
from fillpath.monitoring.kinds import Severity
from fillpath.monitoring.timing import LONGEST_WAIT_NS, QuietHours, Rules, pause
from tests.unit.monitoring.desk_of_alerts import MINUTE, SECOND, T0, Ear, Hand, a_fact


class Office:
    """A book with couriers on it."""

    def __init__(self, folder: Path, rules: Rules | None = None) -> None:
        self.clock = Hand()
        self.book = AlertBook(folder, rules)
        self.book.register({"phone": Severity.INFO, "mail": Severity.INFO})
        self.phone, self.mail = Ear(), Ear()
        self.couriers = {
            "phone": self._courier("phone", self.phone),
            "mail": self._courier("mail", self.mail),
        }

    def _courier(self, name: str, ear: Ear) -> Courier:
        return Courier(name, ear, self.book, self.clock.now)

    def deliver(self, *names: str) -> None:
        for name in names or self.couriers:
            while self.couriers[name].step():
                pass

    def happens(self, code: str = "KILL_SWITCH", text: str = "ann: losing") -> None:
        self.book.take([a_fact(code, text, at=self.clock.at)])

    def wait(self, seconds: int, step: int = 1) -> None:
        for _ in range(0, seconds, step):
            self.clock.pass_by(step)
            self.deliver()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.book.close()


def test_every_channel_is_told_at_once(office: Office) -> None:
    office.happens()
    office.deliver()

    assert office.phone.texts == office.mail.texts == ["ann: losing"]


@pytest.mark.control("A-14", "refuses")
def test_what_is_critical_is_told_each_minute_until_somebody_acknowledges(office: Office) -> None:
    office.happens()
    office.deliver()
    office.wait(185)
    office.book.acknowledge("all", "ann", office.clock.at)
    office.wait(600, 10)

    assert [message.times for message in office.phone.messages] == [(1,), (2,), (3,), (4,)]


def test_a_warning_is_told_again_after_a_quarter_of_an_hour(office: Office) -> None:
    office.happens("SLIPPAGE", "12 bps")
    office.deliver()
    office.wait(890, 10)
    before = len(office.phone.messages)
    office.wait(20, 10)

    assert (before, len(office.phone.messages)) == (1, 2)


def test_what_is_good_to_know_is_told_once(office: Office) -> None:
    office.happens("FLATTENED", "flat")
    office.deliver()
    office.wait(7_200, 60)

    assert len(office.phone.messages) == 1


def test_a_dead_channel_is_tried_again_after_growing_waits(office: Office) -> None:
    tries: list[int] = []

    def fails() -> bool:
        tries.append(office.clock.at)
        return True

    office.phone.fails = fails
    office.happens()
    office.deliver("phone")
    office.wait(130)

    gaps = [(later - earlier) // SECOND for earlier, later in pairwise(tries)]
    assert gaps[:5] == [1, 2, 4, 8, 16]


def test_the_longest_wait_has_an_end() -> None:
    assert pause(1) == SECOND
    assert pause(10) == pause(100) == LONGEST_WAIT_NS


def test_a_dead_channel_delays_no_other(office: Office) -> None:
    office.phone.fails = lambda: True
    office.happens()
    office.deliver()

    assert office.mail.texts == ["ann: losing"]


def test_that_a_channel_fails_is_told_over_the_others_once_and_its_end_too(office: Office) -> None:
    office.phone.fails = lambda: True
    office.happens("FLATTENED", "flat")
    office.deliver()
    office.wait(90)
    office.phone.fails = lambda: False
    office.wait(300)

    failing = [text for text in office.mail.texts if text.startswith("phone")]
    assert failing[0] == "phone: nobody is there"
    assert failing[-1] == "phone: messages are taken again"
    assert "flat" in office.phone.texts
    assert office.book.channels()[1].problem == ""


def test_a_lost_answer_tells_again_under_the_same_id(office: Office) -> None:
    answers = iter([True, False])
    office.phone.then_fails = lambda: next(answers)
    office.happens("FLATTENED", "flat")
    office.deliver("phone")
    office.wait(5)

    first, second = office.phone.ids
    assert first == second


def test_many_come_as_one_message_the_worst_first(office: Office) -> None:
    office.happens("SLIPPAGE", "12 bps")
    office.happens("FLATTENED", "flat")
    office.happens()
    office.deliver("phone")

    (message,) = office.phone.messages
    assert [alert.severity for alert in message.alerts] == ["CRITICAL", "WARNING", "INFO"]
    assert message.title == "CRITICAL SIM: Trading is stopped and 2 more"


def test_more_than_one_message_holds_follow_at_once(office: Office) -> None:
    for n in range(60):
        office.happens("SYMBOL_QUARANTINED", f"{chr(65 + n % 26)}{chr(65 + n // 26)}: odd")
    office.deliver("phone")

    assert [len(message.alerts) for message in office.phone.messages] == [50, 10]


def test_quiet_hours_hold_back_what_can_wait_and_nothing_else(tmp_path: Path) -> None:
    # T0 is 2026-11-18 11:06:40 UTC
    office = Office(tmp_path, Rules(quiet=QuietHours(time(11), time(12), "UTC")))
    office.happens("SLIPPAGE", "12 bps")
    office.happens()
    office.deliver("phone")
    during = list(office.phone.texts)
    office.wait(54 * 60, 60)
    office.book.close()

    assert during == ["ann: losing"]
    assert "12 bps" in office.phone.texts


@pytest.mark.parametrize(
    ("start", "end", "zone", "quiet"),
    [
        (time(22), time(7), "UTC", False),
        (time(11), time(12), "UTC", True),
        (time(22), time(7), "America/New_York", True),
        (time(5), time(6), "America/New_York", False),
        (time(0), time(23), "UTC", True),
    ],
)
def test_quiet_hours_are_of_their_zone_and_may_pass_midnight(
    *, start: time, end: time, zone: str, quiet: bool
) -> None:
    assert QuietHours(start, end, zone).holds(T0) is quiet


def test_a_clock_that_went_back_puts_nothing_off(office: Office) -> None:
    office.happens()
    office.deliver("phone")
    office.clock.at -= 60 * MINUTE
    office.deliver("phone")

    assert len(office.phone.messages) == 2


def test_a_message_says_everything_that_a_person_needs(office: Office) -> None:
    office.book.take([a_fact("IN_DOUBT", "no answer", order_id="trend/s1", at=office.clock.at)] * 2)
    office.deliver("phone")

    (message,) = office.phone.messages
    assert message.title == "CRITICAL SIM: Nobody knows what became of an order"
    for words in ("IN_DOUBT: no answer", "order trend/s1", "What to do", "acknowledge 1"):
        assert words in message.body
