"""What became of the signals is told with the first of each kind in words."""

from msgspec.structs import replace

from fillpath.core.commands import Decision
from fillpath.core.units import NANOSECONDS
from fillpath.reports.backtest_page import fate_line
from fillpath.reports.fates import Fate, fates_of, stops_of
from fillpath.reports.result import RunResult
from fillpath.risk.kill_switch import is_latch_code
from tests.unit.reports.builders import OPEN, a_closed_order, a_decision, a_result


def _refused(number: int, reason: str, text: str) -> Decision:
    return a_decision(
        at=OPEN + number * NANOSECONDS,
        outcome="REFUSED",
        reason=reason,
        text=text,
        signal_id=f"s{number}",
        order_id="",
    )


RUN = a_result(
    a_decision(),
    a_closed_order(),
    _refused(2, "NO_EDGE", "the Kelly fraction is -0.1"),
    _refused(3, "DAILY_LOSS", "trading is off: 3 % were lost"),
    _refused(4, "DAILY_LOSS", "trading is off: 4 % were lost"),
)


def test_the_most_frequent_refusal_comes_first_with_its_first_words() -> None:
    ordered, daily, edge = fates_of([RUN])

    assert (ordered.reason, ordered.count, ordered.text) == ("", 1, "")
    assert (daily.reason, daily.count, daily.text) == (
        "DAILY_LOSS",
        2,
        "trading is off: 3 % were lost",
    )
    assert (edge.reason, edge.count) == ("NO_EDGE", 1)


def test_windows_are_counted_together() -> None:
    assert [fate.count for fate in fates_of([RUN, RUN])] == [2, 4, 2]


def test_a_run_without_signals_has_nothing_to_tell() -> None:
    assert fates_of([a_result(a_closed_order())]) == []
    assert fate_line([]) == ""


def test_what_stays_off_is_said_because_nobody_resumes_it() -> None:
    (said,) = stops_of(fates_of([RUN]), is_latch_code)

    assert said.startswith("2 signals from 2013-03-01 14:30 on were refused")
    assert said.endswith("trading is off: 3 % were lost (DAILY_LOSS)")


def test_a_refusal_whose_decision_is_not_there_is_still_counted() -> None:
    (fate,) = [one for one in fates_of([_without_rows()]) if one.reason]

    assert fate == Fate(reason="NO_EDGE", count=1)
    assert stops_of([fate], lambda _code: True) == []


def test_one_line_says_it_all() -> None:
    line = fate_line(fates_of([RUN]))

    assert line == "4 signals, 1 ordered, 2 DAILY_LOSS, 1 NO_EDGE"


def _without_rows() -> RunResult:
    one = a_result(_refused(2, "NO_EDGE", "none"))
    return replace(one, decisions=())
