"""Recorded bars become exact tapes and are played at their ends."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.errors import DataError, ModelError
from fillpath.core.models import Bar
from fillpath.data.files.bars import LoadedBars, load_bars
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.models import AT_ONCE, each_bar
from tests.unit.data.files.builders import CALENDAR, a_bar, at, csv, ns, parquet, skipping

HEADER = "ts,ts_end,symbol,open,high,low,close,volume\n"
GOOD = "2013-10-07T13:30:00Z,2013-10-07T13:31:00Z,IBM,182,182.5,181.9,182.25,1000"


def bars_of(
    *paths: Path, report: BadRowReport | None = None, regular_hours: bool = True
) -> LoadedBars:
    return load_bars(
        paths,
        report=BadRowReport() if report is None else report,
        regular_hours=regular_hours,
        calendar=CALENDAR,
    )


def test_a_row_can_be_shown_as_the_public_bar(tmp_path: Path) -> None:
    loaded = bars_of(csv(tmp_path, HEADER + GOOD))

    tape = loaded.tapes["IBM"]
    assert (len(tape), loaded.rows, loaded.used) == (1, 1, 1)
    assert tape.bar(0) == Bar(
        symbol="IBM",
        ts=at(0),
        ts_end=at(60),
        open=Decimal(182),
        high=Decimal("182.5"),
        low=Decimal("181.9"),
        close=Decimal("182.25"),
        volume=Decimal(1000),
    )


def test_bars_are_played_when_they_end_and_ties_by_symbol(tmp_path: Path) -> None:
    rows = [a_bar(0), a_bar(60), a_bar(0, symbol="AIG"), a_bar(30, symbol="AIG", ts_end=at(150))]

    loaded = bars_of(parquet(tmp_path, rows))

    ends, which = loaded.in_order()
    assert list(loaded.tapes) == ["AIG", "IBM"]
    assert list(zip(ends.tolist(), which.tolist(), strict=True)) == [
        (ns(60), 0),
        (ns(60), 1),
        (ns(120), 1),
        (ns(150), 0),
    ]


def test_no_bars_play_nothing() -> None:
    ends, which = bars_of().in_order()

    assert (ends.size, which.size) == (0, 0)


@pytest.mark.parametrize("first", [0, 1, AT_ONCE - 1, AT_ONCE, 2 * AT_ONCE])
def test_bars_made_many_at_a_time_are_those_made_one_by_one(tmp_path: Path, first: int) -> None:
    rows = [a_bar(row, ts_end=at(row + 1), close=182 + row % 50 / 100) for row in range(5_000)]
    tape = bars_of(parquet(tmp_path, rows)).tapes["IBM"]

    made = list(each_bar(tape, first))

    assert made == [tape.bar(row) for row in range(first, 5_000)]
    assert all(type(value) is type(getattr(made[0], name)) for value, name in _fields(made[-1]))


@pytest.mark.parametrize(
    "wrong", [{"low": 0}, {"low": 10**12}, {"high": 1}, {"volume": -1}, {"ts_end": 0}]
)
def test_a_row_of_a_hand_made_tape_that_is_no_bar_is_refused(
    tmp_path: Path, wrong: dict[str, int]
) -> None:
    tape = bars_of(parquet(tmp_path, [a_bar(0), a_bar(60)])).tapes["IBM"]
    for name, value in wrong.items():
        column = getattr(tape, name).copy()
        column[1] = value
        tape = replace(tape, **{name: column})

    with pytest.raises(ModelError):
        list(each_bar(tape))


def _fields(bar: Bar) -> list[tuple[object, str]]:
    return [(getattr(bar, name), name) for name in bar.__struct_fields__]


def test_only_bars_that_share_time_with_the_session_stay(tmp_path: Path) -> None:
    close = int(6.5 * 3600)
    rows = [a_bar(-60), a_bar(0), a_bar(close - 60), a_bar(close)]

    loaded = bars_of(parquet(tmp_path, rows))

    assert loaded.tapes["IBM"].ts.tolist() == [ns(0), ns(close - 60)]
    assert loaded.outside_hours == 2


def test_an_hour_bar_that_starts_before_the_open_stays(tmp_path: Path) -> None:
    path = parquet(tmp_path, [a_bar(-1800, ts_end=at(1800))])

    assert bars_of(path).used == 1


def test_a_day_without_a_session_leaves_nothing(tmp_path: Path) -> None:
    path = parquet(tmp_path, [a_bar(-2 * 86_400)])

    assert bars_of(path).tapes == {}
    assert bars_of(path, regular_hours=False).used == 1


def test_days_in_several_files_are_put_in_order(tmp_path: Path) -> None:
    later = parquet(tmp_path, [a_bar(86_400)], "later.parquet")
    earlier = parquet(tmp_path, [a_bar(0)], "earlier.parquet")

    assert bars_of(later, earlier).tapes["IBM"].ts.tolist() == [ns(0), ns(86_400)]


def test_two_files_with_the_same_minutes_are_named(tmp_path: Path) -> None:
    one = parquet(tmp_path, [a_bar(0)], "one.parquet")
    two = parquet(tmp_path, [a_bar(0)], "two.parquet")

    with pytest.raises(DataError, match=r"overlapping times, in .*one.parquet"):
        bars_of(one, two)


BAD_ROWS: list[Any] = [
    ({"ts_end": at(60)}, "wrong_order", "ts_end must be after ts"),
    ({"high": 182.2}, "wrong_order", "low <= open, close <= high must hold, got open 182.0"),
    ({"low": 182.1}, "wrong_order", "low <= open, close <= high must hold"),
    ({"open": None}, "missing", "open is missing"),
    ({"volume": -1}, "negative", "volume must be 0 or more"),
    ({"ts": at(-60)}, "unsorted", "time must not go back"),
    ({"ts": at(0)}, "duplicate", "comes twice"),
]


@pytest.mark.parametrize(("changed", "kind", "reason"), BAD_ROWS)
def test_a_bad_row_is_named(
    tmp_path: Path, changed: dict[str, Any], kind: str, reason: str
) -> None:
    report = skipping()
    path = parquet(tmp_path, [a_bar(0), a_bar(60, **changed), a_bar(120)])

    loaded = bars_of(path, report=report)

    assert loaded.used == 2
    assert (report.rows[0].row, report.rows[0].kind) == (2, kind)
    assert reason in report.rows[0].reason
    with pytest.raises(DataError, match="row 2"):
        bars_of(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the column ts_end is missing"):
        bars_of(csv(tmp_path, "ts,symbol\n1,2\n"))
