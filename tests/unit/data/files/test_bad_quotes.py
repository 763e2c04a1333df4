"""Whatever is wrong in a quote file is named: the file, the row and the reason."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fillpath.core.errors import DataError
from fillpath.data.files.faults import LISTED, BadRowReport
from tests.unit.data.files.builders import (
    a_quote,
    at,
    csv,
    ns,
    parquet,
    quote_csv,
    quotes_of,
    skipping,
)

FIRST = "2013-10-07T13:30:01Z,IBM,181.69,181.9,200,100"
LAST = "2013-10-07T13:30:09Z,IBM,181.69,181.9,200,100"
HEAD = "ts,symbol,bid_price,ask_price,bid_size,ask_size\n"
SECOND = "2013-10-07T13:30:02Z,IBM,181.69,181.9,200,100"

BAD_ROWS = [
    pytest.param("2013-10-07T13:30:00Z,IBM,181,182,1,1", "unsorted", "time must not go back"),
    pytest.param("2013-10-07T13:30:01Z,IBM,181,182,1,1", "duplicate", "comes twice"),
    pytest.param(FIRST, "duplicate", "comes twice", id="the row again"),
    pytest.param(
        "2013-10-07T13:30:02Z,IBM,182,181,1,1", "crossed", "'182' is above ask_price '181'"
    ),
    pytest.param(
        "2013-10-07T13:30:02Z,IBM,nan,182,1,1", "nan", "bid_price must be a number, got NaN"
    ),
    pytest.param("2013-10-07T13:30:02Z,IBM,181,inf,1,1", "infinite", "ask_price must be finite"),
    pytest.param("2013-10-07T13:30:02Z,IBM,0,182,1,1", "not_positive", "bid_price must be above 0"),
    pytest.param("2013-10-07T13:30:02Z,IBM,-1,182,1,1", "not_positive", "got '-1'"),
    pytest.param("2013-10-07T13:30:02Z,IBM,181,182,-1,1", "negative", "bid_size must be 0 or more"),
    pytest.param("2013-10-07T13:30:02Z,IBM,high,182,1,1", "wrong_type", "a number, got 'high'"),
    pytest.param(
        "2013-10-07T13:30:02Z,IBM,181,182,1,many", "wrong_type", "ask_size must be a number"
    ),
    pytest.param(
        "2013-10-07T13:30:02Z,IBM,1e-9,182,1,1", "not_positive", "above 0 with 8 decimals"
    ),
    pytest.param("2013-10-07T13:30:02Z,IBM,181,10000001,1,1", "too_large", "at most 10,000,000"),
    pytest.param("2013-10-07T13:30:02Z,IBM,181,182,1,1e10", "too_large", "at most 9,000,000,000"),
    pytest.param("2013-10-07T13:30:02Z,IBM,,182,5,1", "missing", "bid_price is missing although"),
    pytest.param("2013-10-07T13:30:02Z,IBM,181,,1,5", "missing", "ask_price is missing although"),
    pytest.param("2013-10-07T13:30:02Z,IBM,181,182,,1", "missing", "bid_size is missing"),
    pytest.param("2013-10-07T13:30:02Z,IBM,181", "missing", "bid_size is missing", id="cut off"),
    pytest.param("2013-10-07T13:30:02Z,,181,182,1,1", "missing", "symbol is missing"),
    pytest.param(
        "2013-10-07T13:30:02Z,ibm us,181,182,1,1", "wrong_symbol", "symbol must be 1 to 21"
    ),
    pytest.param(",IBM,181,182,1,1", "missing", "ts is missing"),
    pytest.param("2013-10-07T13:30:02,IBM,181,182,1,1", "no_time_zone", "must carry a time zone"),
    pytest.param("2013-10-07 13:30,IBM,181,182,1,1", "no_time_zone", "must carry a time zone"),
    pytest.param("yesterday,IBM,181,182,1,1", "wrong_type", "ts must be ISO 8601"),
    pytest.param("1381152602000000000,IBM,181,182,1,1", "wrong_type", "ts must be ISO 8601"),
    pytest.param("2013-13-07T13:30:02Z,IBM,181,182,1,1", "wrong_type", "ts must be ISO 8601"),
    pytest.param(
        "1989-10-09T13:30:02Z,IBM,181,182,1,1", "out_of_range", "1990-01-01 to 2040-12-31"
    ),
    pytest.param("2013-10-07T13:30:02Z,IBM,181,182,1,1,9", "wrong_type", "more than the 6 cells"),
]


@pytest.mark.parametrize(("row", "kind", "reason"), BAD_ROWS)
def test_a_bad_row_stops_with_its_file_row_and_reason(
    tmp_path: Path, row: str, kind: str, reason: str
) -> None:
    del kind
    path = quote_csv(tmp_path, FIRST, row, LAST)

    with pytest.raises(DataError) as stopped:
        quotes_of(path)

    assert (stopped.value.source, stopped.value.row) == (str(path), 2)
    assert reason in stopped.value.reason


@pytest.mark.parametrize(("row", "kind", "reason"), BAD_ROWS)
def test_a_bad_row_can_be_counted_and_left_out(
    tmp_path: Path, row: str, kind: str, reason: str
) -> None:
    report = skipping()

    loaded = quotes_of(quote_csv(tmp_path, FIRST, row, LAST), report=report)

    assert (loaded.rows, loaded.used) == (3, 2)
    assert loaded.tapes["IBM"].ts.tolist() == [ns(1), ns(9)]
    assert report.counts == {kind: 1}
    assert (report.rows[0].row, report.rows[0].kind) == (2, kind)
    assert reason in report.rows[0].reason


def test_the_first_bad_row_of_the_file_is_the_one_that_stops(tmp_path: Path) -> None:
    path = quote_csv(tmp_path, FIRST, "2013-10-07T13:30:00Z,IBM,1,2,1,1", LAST.replace("200", "-2"))

    with pytest.raises(DataError, match="row 2: time must not go back"):
        quotes_of(path)


def test_a_row_with_several_faults_is_counted_once(tmp_path: Path) -> None:
    report = skipping()

    quotes_of(quote_csv(tmp_path, FIRST, "yesterday,,nan,-1,-1,x"), report=report)

    assert report.total == 1


def test_rows_after_a_skipped_row_are_judged_by_the_rows_that_count(tmp_path: Path) -> None:
    report = skipping()
    rows = [FIRST, "2013-10-07T13:30:08Z,IBM,9,1,1,1", SECOND, "2013-10-07T13:30:00Z,IBM,1,2,1,1"]

    loaded = quotes_of(quote_csv(tmp_path, *rows), report=report)

    assert loaded.tapes["IBM"].ts.tolist() == [ns(1), ns(2)]
    assert report.counts == {"crossed": 1, "unsorted": 1}


def test_other_symbols_in_the_file_do_not_disturb_the_order(tmp_path: Path) -> None:
    rows = [SECOND, FIRST.replace("IBM", "AIG"), FIRST.replace("IBM", "BAC")]

    assert quotes_of(quote_csv(tmp_path, *rows)).used == 3


def test_only_the_first_thousand_bad_rows_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    report = skipping()
    rows = [a_quote(n, bid_price=-1.0) for n in range(LISTED + 5)]
    rows += [a_quote(n, bid_size=-1) for n in range(LISTED + 5, LISTED + 8)]

    quotes_of(parquet(tmp_path, [*rows, a_quote(LISTED + 8)]), report=report)

    assert len(report.rows) == LISTED
    assert report.counts == {"not_positive": LISTED + 5, "negative": 3}
    assert report.total == LISTED + 8


def test_a_parquet_row_is_named_with_its_value(tmp_path: Path) -> None:
    path = parquet(tmp_path, [a_quote(1), a_quote(2, ask_price=float("nan"))])

    with pytest.raises(
        DataError, match=r"file.parquet, row 2: ask_price must be a number, got NaN"
    ):
        quotes_of(path)


WRONG_FILES: list[Any] = [
    pytest.param("no.csv", "", "the file is empty", id="empty csv"),
    pytest.param("junk.csv", "\n", "cut off or no CSV", id="blank csv"),
    pytest.param("head.csv", HEAD, "no rows", id="h"),
    pytest.param(
        "less.csv", "ts,symbol,bid_price,ask_price,bid_size\n1,2,3,4,5\n", "ask_size is missing"
    ),
    pytest.param(
        "byte.csv",
        b"ts,symbol\n\xff\xfe,1\n",
        "no UTF-8 text: .* byte 10",
        id="bytes that are no text",
    ),
    pytest.param(
        "wide.csv", (HEAD + FIRST).encode("utf-16"), "no UTF-8 text: .* byte 0", id="two-byte text"
    ),
    pytest.param("no.parquet", "", "the file is empty", id="empty parquet"),
    pytest.param("text.parquet", "ts,symbol\n", "no Parquet", id="text named parquet"),
    pytest.param("quotes.txt", FIRST, "must end in .parquet or .csv", id="unknown ending"),
]


@pytest.mark.parametrize(("name", "content", "reason"), WRONG_FILES)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    for report in (BadRowReport(), skipping()):  # a file is no row: it cannot be skipped
        with pytest.raises(DataError, match=reason) as stopped:
            quotes_of(path, report=report)

        assert (stopped.value.source, stopped.value.row) == (str(path), None)


@pytest.mark.parametrize("name", ["nowhere.csv", "file.csv/quotes.csv"])
def test_a_file_that_is_not_there_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.csv").touch()

    with pytest.raises(DataError, match="does not exist"):
        quotes_of(tmp_path / name, report=skipping())


@pytest.mark.parametrize("name", ["quotes.parquet", "quotes.csv", "quotes"])
def test_a_folder_in_the_place_of_a_file_says_that_it_is_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()

    with pytest.raises(DataError, match=f"{name}: this is a folder, and a file is needed"):
        quotes_of(tmp_path / name, report=skipping())


def test_a_name_that_the_system_refuses_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: File name too long"):
        quotes_of(tmp_path / ("x" * 300 + ".csv"))


@pytest.mark.parametrize("name", ["quotes.csv", "quotes.parquet"])
def test_a_file_that_may_not_be_read_says_why(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / name).write_text(HEAD + FIRST)
    monkeypatch.setattr(pl, "read_csv", refuse)
    monkeypatch.setattr(pl, "read_parquet_schema", refuse)

    with pytest.raises(DataError, match=r"the file cannot be read: Permission denied"):
        quotes_of(tmp_path / name)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = csv(tmp_path, f"\ufeff{HEAD}{FIRST}\n{LAST},9\n")
    report = skipping()

    assert quotes_of(path, report=report).used == 1
    assert report.counts == {"wrong_type": 1}


def test_a_truncated_parquet_file_is_named(tmp_path: Path) -> None:
    path = parquet(tmp_path, [a_quote(n) for n in range(50)])
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(DataError, match="cut off or no Parquet"):
        quotes_of(path, report=skipping())


def test_damaged_pages_are_named(tmp_path: Path) -> None:
    path = parquet(tmp_path, [a_quote(n, bid_price=100 + n / 100) for n in range(5000)])
    whole = bytearray(path.read_bytes())
    whole[4:-4000] = bytes(len(whole) - 4004)
    path.write_bytes(whole)

    with pytest.raises(DataError, match=r"file.parquet: the column \w+ cannot be read"):
        quotes_of(path, report=skipping())


@pytest.mark.parametrize(
    ("column", "kind", "reason"),
    [
        ("ts", pl.Datetime("ns"), "ts must carry a time zone, the column is Datetime"),
        ("ts", pl.Int64, "ts must be a time with a zone, the column is Int64"),
        ("bid_price", pl.Boolean, "bid_price must be a number, the column is Boolean"),
    ],
)
def test_a_parquet_column_of_the_wrong_type_is_named(
    tmp_path: Path, column: str, kind: Any, reason: str
) -> None:
    path = tmp_path / "file.parquet"
    pl.DataFrame([a_quote(1)]).with_columns(
        pl.col(column).dt.replace_time_zone(None)
        if kind == pl.Datetime("ns")
        else pl.col(column).cast(pl.Int64).cast(kind)
    ).write_parquet(path)

    with pytest.raises(DataError, match=reason):
        quotes_of(path)


def test_a_symbol_that_is_a_number_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="symbol must be text, the column is Int64"):
        quotes_of(parquet(tmp_path, [a_quote(1, symbol=7)]))


def test_a_useless_file_among_good_ones_is_never_left_out(tmp_path: Path) -> None:
    broken = csv(tmp_path, "", "broken.csv")

    with pytest.raises(DataError, match=r"broken\.csv: the file is empty"):
        quotes_of(parquet(tmp_path, [a_quote(1)]), broken, report=skipping())


def test_nothing_usable_stops_even_when_bad_rows_are_skipped(tmp_path: Path) -> None:
    path = quote_csv(tmp_path, "yesterday,IBM,1,2,3,4")

    with pytest.raises(DataError, match="no usable quote"):
        quotes_of(path, report=skipping())


def test_a_time_in_a_second_zone_does_not_hide_disorder(tmp_path: Path) -> None:
    earlier = at(0).isoformat().replace("13:30:00+00:00", "14:30:00+01:00")

    with pytest.raises(DataError, match="row 2: time must not go back"):
        quotes_of(quote_csv(tmp_path, FIRST, f"{earlier},IBM,181,182,1,1"))
