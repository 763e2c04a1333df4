"""What a day may know of the days before: average volume and last close, in its own shares."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fillpath.core.errors import DataError
from fillpath.data.files.corporate_actions import Split
from fillpath.data.files.daily import AdvTable, load_daily
from fillpath.data.files.faults import BadRowReport
from tests.unit.data.files.builders import csv, skipping

FIRST = date(2014, 1, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def rows(count: int = 20, **changed: Any) -> list[dict[str, Any]]:
    row = {"symbol": "IBM", "close": 180.5, "volume": 1_000} | changed
    return [{"date": day(number)} | row for number in range(count)]


def daily(folder: Path, content: list[dict[str, Any]], *splits: Split) -> AdvTable:
    path = folder / "daily.parquet"
    pl.DataFrame(content, infer_schema_length=None).write_parquet(path)
    return load_daily([path], report=BadRowReport(), splits=splits)


def test_adv_is_the_mean_of_the_last_twenty_days(tmp_path: Path) -> None:
    content = rows(25)
    for number in range(5, 25):
        content[number]["volume"] = 1_000 + number

    assert daily(tmp_path, content).adv("IBM", day(25)) == 1_014_500_000


def test_adv_is_rounded_down_to_a_millionth_share(tmp_path: Path) -> None:
    content = rows(volume=0)
    content[0]["volume"] = 0.000039

    assert daily(tmp_path, content).adv("IBM", day(20)) == 1


@pytest.mark.parametrize(
    ("count", "asked", "expected"),
    [
        pytest.param(19, day(19), None, id="nineteen days are too few"),
        pytest.param(20, day(19), None, id="the day itself does not count"),
        pytest.param(20, day(20), 1_000_000_000, id="twenty days are enough"),
        pytest.param(20, day(50), 1_000_000_000, id="31 days old is new enough"),
        pytest.param(20, day(51), None, id="32 days old is too old"),
        pytest.param(20, day(-1), None, id="before everything"),
    ],
)
def test_adv_needs_twenty_recent_days(
    tmp_path: Path, count: int, asked: date, expected: int | None
) -> None:
    assert daily(tmp_path, rows(count)).adv("IBM", asked) == expected


def test_an_unknown_symbol_has_no_adv_and_no_close(tmp_path: Path) -> None:
    table = daily(tmp_path, rows())

    assert (table.adv("AIG", day(20)), table.prior_close("AIG", day(20))) == (None, None)
    assert table.symbols == ("IBM",)


def test_a_split_turns_past_volume_into_shares_of_today(tmp_path: Path) -> None:
    table = daily(tmp_path, rows(30), Split("IBM", day(15), 7, 1), Split("AIG", day(15), 2, 1))

    assert table.adv("IBM", day(14)) is None
    assert table.adv("IBM", day(20)) == (15 * 7_000 + 5 * 1_000) * 10**6 // 20
    assert table.adv("IBM", day(30)) == (5 * 7_000 + 15 * 1_000) * 10**6 // 20


def test_a_split_of_tomorrow_is_not_known_today(tmp_path: Path) -> None:
    table = daily(tmp_path, rows(), Split("IBM", day(21), 7, 1))

    assert table.adv("IBM", day(20)) == 1_000_000_000
    assert table.adv("IBM", day(21)) == 7_000_000_000


def test_a_reverse_split_shrinks_past_volume_and_raises_the_past_close(tmp_path: Path) -> None:
    table = daily(tmp_path, rows(close=1.13), Split("IBM", day(20), 1, 20))

    assert table.adv("IBM", day(20)) == 50_000_000
    assert table.prior_close("IBM", day(20)) == 2_260_000_000


def test_the_prior_close_is_the_last_one_before_the_day(tmp_path: Path) -> None:
    content = rows(3)
    content[2]["close"] = 190.25
    table = daily(tmp_path, content)

    assert table.prior_close("IBM", day(2)) == 18_050_000_000
    assert table.prior_close("IBM", day(3)) == 19_025_000_000
    assert table.prior_close("IBM", day(9)) == 19_025_000_000
    assert table.prior_close("IBM", day(10)) is None
    assert table.prior_close("IBM", day(0)) is None


def test_a_close_is_in_shares_of_the_day_that_asks(tmp_path: Path) -> None:
    table = daily(tmp_path, rows(close=645.57), Split("IBM", day(20), 7, 1))

    assert table.prior_close("IBM", day(20)) == 64_557_000_000 // 7


def test_a_day_with_volume_only_counts_for_the_average(tmp_path: Path) -> None:
    content = rows(close=None, open=None)

    table = daily(tmp_path, content)

    assert table.adv("IBM", day(20)) == 1_000_000_000
    assert table.prior_close("IBM", day(20)) is None


def test_without_a_date_column_the_day_is_read_in_new_york(tmp_path: Path) -> None:
    content = [
        {"ts": datetime(2014, 1, 2, 2, 0, tzinfo=UTC) + timedelta(days=n)} | row
        for n, row in enumerate(rows())
    ]
    for row in content:
        del row["date"]

    assert daily(tmp_path, content).adv("IBM", day(20)) == 1_000_000_000


def test_a_csv_file_and_several_files_are_one_history(tmp_path: Path) -> None:
    head = "date,symbol,close,volume\n"
    texts = [
        head + "\n".join(f"{day(n)},IBM,10,{n}" for n in part)
        for part in (range(10, 20), range(10))
    ]
    paths = [csv(tmp_path, text, f"{number}.csv") for number, text in enumerate(texts)]

    table = load_daily(paths, report=BadRowReport())

    assert table.adv("IBM", day(20)) == 9_500_000


def test_the_same_day_in_two_files_is_named(tmp_path: Path) -> None:
    head = "date,symbol,close,volume\n"
    paths = [csv(tmp_path, f"{head}{FIRST},IBM,10,{n}", f"{n}.csv") for n in range(2)]

    with pytest.raises(DataError, match=r"1.csv: IBM has rows at 2014-01-01T00:00:00Z"):
        load_daily(paths, report=BadRowReport())


BAD_ROWS: list[Any] = [
    ("2014-01-01,IBM,10,5", "duplicate", "comes twice"),
    ("2013-12-31,IBM,10,5", "unsorted", "time must not go back"),
    ("2014-01-02,IBM,10,", "missing", "volume is missing"),
    ("2014-01-02,IBM,10,-1", "negative", "volume must be 0 or more"),
    ("2014-01-02,IBM,0,1", "not_positive", "close must be above 0"),
    ("2.1.2014,IBM,10,1", "wrong_type", "date must be a day such as 2013-10-04, got '2.1.2014'"),
    (",IBM,10,1", "wrong_type", "date must be a day"),
    ("9999-12-31,IBM,10,1", "out_of_range", "date must lie from 1900 to 2199"),
]


@pytest.mark.parametrize(("row", "kind", "reason"), BAD_ROWS)
def test_a_bad_row_is_named(tmp_path: Path, row: str, kind: str, reason: str) -> None:
    report = skipping()
    path = csv(
        tmp_path, f"date,symbol,close,volume\n{FIRST},IBM,10,5\n{row}\n2014-01-03,IBM,10,5\n"
    )

    load_daily([path], report=report)

    assert (report.rows[0].row, report.rows[0].kind) == (2, kind)
    assert reason in report.rows[0].reason
    with pytest.raises(DataError, match="row 2"):
        load_daily([path], report=BadRowReport())


def test_a_column_that_holds_no_days_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="date must be a day, the column is Int64"):
        daily(tmp_path, [{"date": 1, "symbol": "IBM", "close": 1.0, "volume": 1}])


def test_a_file_without_days_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the column date is missing, and so is ts"):
        daily(tmp_path, [{"symbol": "IBM", "close": 1.0, "volume": 1}])


def test_a_symbol_whose_rows_are_all_bad_is_unknown(tmp_path: Path) -> None:
    path = csv(tmp_path, f"date,symbol,close,volume\n{FIRST},IBM,10,-5\n{FIRST},AIG,10,5\n")

    assert load_daily([path], report=skipping()).symbols == ("AIG",)


def test_asking_again_gives_the_same_answer(tmp_path: Path) -> None:
    table = daily(tmp_path, rows())

    assert table.adv("IBM", day(20)) == table.adv("IBM", day(20)) == 1_000_000_000
