"""A gap over a night that looks like a split nobody named is said; what explains it is not."""

from datetime import date, timedelta

import pytest

from fillpath.backtest.gaps import MOST_NOTES, gap_notes
from fillpath.backtest.replay import ReplayInputs, SessionTimes
from fillpath.core.units import NANOSECONDS
from fillpath.data.files.split import Split
from tests.unit.backtest.tapes import A_DAY, DAY, OPEN, Row, a_tape

LENGTH = 23_400


def sessions(*days: int) -> tuple[SessionTimes, ...]:
    step = A_DAY * NANOSECONDS
    return tuple(
        SessionTimes(
            DAY + timedelta(days=day), OPEN + day * step, OPEN + day * step + LENGTH * NANOSECONDS
        )
        for day in days
    )


def said(rows: list[Row], *days: int, splits: tuple[Split, ...] = ()) -> list[str]:
    inputs = ReplayInputs(
        tapes={"AAPL": a_tape(rows)}, sessions=sessions(*(days or (0, 1))), splits=splits
    )
    return list(gap_notes(inputs))


FALL: list[Row] = [(0, "699", "701"), (60, "699", "701"), (A_DAY, "99.9", "100.1")]


def test_a_fall_to_a_seventh_is_said() -> None:
    (note,) = said(FALL)

    assert note.startswith("AAPL opened 85.7% lower on 2013-10-08 than it was before")
    assert "--corporate-actions" in note


def test_a_rise_is_said_too() -> None:
    (note,) = said([(0, "1.99", "2.01"), (A_DAY, "39", "41")])

    assert "higher" in note


def test_a_split_that_was_named_explains_it() -> None:
    split = Split("AAPL", DAY + timedelta(days=1), 7, 1)

    assert said(FALL, splits=(split,)) == []


@pytest.mark.parametrize("symbol", ["AAPL", "IBM"])
def test_a_split_of_another_day_or_symbol_explains_nothing(symbol: str) -> None:
    day = date(2013, 10, 9) if symbol == "AAPL" else DAY + timedelta(days=1)

    assert len(said(FALL, splits=(Split(symbol, day, 7, 1),))) == 1


def test_a_fall_of_a_quarter_is_a_bad_day() -> None:
    assert said([(0, "99", "101"), (A_DAY, "74", "76")]) == []


def test_one_stub_quote_is_no_gap() -> None:
    """An ask of 200,000 beside a bid of 100 is a real opening quote."""
    assert said([(0, "99", "101"), (A_DAY, "99", "199999")]) == []


def test_a_side_that_is_missing_is_passed_over() -> None:
    assert said([(0, "99", "101"), (5, "", ""), (A_DAY, "", "101"), (A_DAY + 1, "99", "101")]) == []
    assert said([(0, "99", "101"), (A_DAY, "", "300")]) == []


def test_a_year_without_data_is_no_night() -> None:
    assert said([(0, "99", "101"), (A_DAY * 365, "299", "301")], 0, 365) == []


def test_many_gaps_are_counted() -> None:
    days = range(MOST_NOTES + 3)
    rows: list[Row] = [(day * A_DAY, "100", "101") for day in days]
    rows = [
        (at, bid if n % 2 else "10", ask if n % 2 else "11")
        for n, (at, bid, ask) in enumerate(rows)
    ]

    notes = said(rows, *days)

    assert notes[-1] == "2 more gaps like that are in the data"
    assert len(notes) == MOST_NOTES + 1
