"""What an engine remembers of its own decisions, for the status and the pager."""

from fillpath.core.commands import Decision, RaiseAlarm
from fillpath.core.events import TradingHeld
from fillpath.service.tally import KEPT_ALARMS, KEPT_DECISIONS, Tally
from fillpath.testing.builders import START_NS


def a_decision(number: int = 1, outcome: str = "ORDERED", reason: str = "") -> Decision:
    """Return what was decided about a signal."""
    return Decision(
        START_NS,
        "SIGNAL",
        outcome,
        "AAPL",
        reason=reason,
        strategy_name="trend",
        signal_id=f"sig-{number}",
    )


def an_alarm(number: int = 1) -> RaiseAlarm:
    """Return an alarm."""
    return RaiseAlarm(START_NS, "LATE_FILL", f"number {number}")


def test_refusals_are_counted_by_reason_and_the_rest_by_outcome() -> None:
    tally = Tally(lambda _: None)
    for decision in (a_decision(1), a_decision(2), a_decision(3, "REFUSED", "STALE_SIGNAL")):
        tally.record(decision)

    assert tally.outcomes == {"ORDERED": 2, "STALE_SIGNAL": 1}


def test_every_alarm_is_paged_and_the_last_ones_are_kept() -> None:
    paged: list[RaiseAlarm] = []
    tally = Tally(paged.append)
    for number in range(KEPT_ALARMS + 5):
        tally.record(an_alarm(number))

    assert len(paged) == KEPT_ALARMS + 5
    assert tally.alarms[0].text == "number 5"


def test_alarms_of_the_past_do_not_ring_again() -> None:
    paged: list[RaiseAlarm] = []
    tally = Tally(paged.append)
    tally.quiet = True

    tally.record(an_alarm())

    assert paged == []
    assert len(tally.alarms) == 1


def test_decisions_are_kept_for_a_while_only() -> None:
    tally = Tally(lambda _: None)
    for number in range(KEPT_DECISIONS + 1):
        tally.record(a_decision(number))

    assert ("trend", "sig-0") not in tally.decisions
    assert len(tally.decisions) == KEPT_DECISIONS


class Kept:
    """Takes the alarms of the journal."""

    def __init__(self) -> None:
        self.alarms: list[tuple[int, str]] = []

    def __call__(self, record: int, alarm: RaiseAlarm) -> None:
        self.alarms.append((record, alarm.text))


def test_an_alarm_is_passed_on_once_its_record_is_durable() -> None:
    kept, records = Kept(), 0
    tally = Tally(lambda _: None, kept)
    tally.records = lambda: records
    for number in (1, 2, 3):
        records = number
        tally.record(an_alarm(number))

    tally.hand_over(2)
    first = list(kept.alarms)
    tally.hand_over(9)
    tally.hand_over(9)

    assert first == [(0, "number 1"), (1, "number 2")]
    assert kept.alarms == [*first, (2, "number 3")]


def test_an_alarm_of_a_journal_that_is_read_carries_the_number_of_its_record() -> None:
    kept, paged = Kept(), list[RaiseAlarm]()
    tally = Tally(paged.append, kept)
    tally.quiet = True
    for number, _ in enumerate(tally.replayed([TradingHeld(1, "A"), TradingHeld(2, "B")])):
        tally.record(an_alarm(number))
    tally.quiet = False

    assert kept.alarms == [(0, "number 0"), (1, "number 1")]
    assert paged == []


class Counts:
    """Counts what passes."""

    def __init__(self) -> None:
        self.items: list[object] = []

    def seen(self, item: object) -> None:
        """Count one."""
        self.items.append(item)

    def filled(self, filled: object) -> None:
        """Count one."""
        self.items.append(filled)


def test_what_is_read_again_is_not_counted() -> None:
    counts = Counts()
    tally = Tally(lambda _: None, measured=counts)
    tally.quiet = True
    tally.record(an_alarm(1))
    tally.quiet = False
    tally.record(an_alarm(2))

    assert counts.items == [an_alarm(2)]
