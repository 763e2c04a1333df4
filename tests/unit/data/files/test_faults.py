"""One report takes what is wrong in every input file of a run."""

import numpy as np
import pytest

from fillpath.core.errors import DataError
from fillpath.data.files.checks import RowChecks
from fillpath.data.files.faults import LISTED, BadRow, BadRowReport


def test_by_default_the_first_bad_row_stops() -> None:
    with pytest.raises(DataError) as stopped:
        BadRowReport().add("a.csv", 3, "negative", "volume must be 0 or more")

    assert str(stopped.value) == "a.csv, row 3: volume must be 0 or more"


def test_skipped_rows_are_counted_and_listed() -> None:
    report = BadRowReport(skip=True)

    report.add("a.csv", 3, "negative", "volume must be 0 or more")
    report.add("b.csv", 1, "duplicate", "the row comes twice")

    assert report.rows == [
        BadRow("a.csv", 3, "negative", "volume must be 0 or more"),
        BadRow("b.csv", 1, "duplicate", "the row comes twice"),
    ]
    assert (report.counts, report.total) == ({"negative": 1, "duplicate": 1}, 2)


def test_a_remark_is_no_bad_row() -> None:
    report = BadRowReport()

    report.remark("crossed", 3)
    report.remark("locked", 0)

    assert (report.remarks, report.total) == ({"crossed": 3}, 0)


def test_the_first_check_that_a_row_fails_names_it() -> None:
    checks = RowChecks("a.csv", 3)
    report = BadRowReport(skip=True)

    checks.fail(np.array([False, True, False]), "first", lambda row: f"first {row}")
    checks.fail(np.array([False, True, True]), "second", lambda row: f"second {row}")
    checks.fail(np.array([False, True, True]), "third", lambda row: f"third {row}")
    good = checks.settle(report)

    assert good.tolist() == [True, False, False]
    assert [row.reason for row in report.rows] == ["first 1", "second 2"]


def test_the_list_ends_where_the_count_goes_on() -> None:
    report = BadRowReport(skip=True)

    for row in range(LISTED + 2):
        report.add("a.csv", row, "negative", "volume must be 0 or more")

    assert (len(report.rows), report.total) == (LISTED, LISTED + 2)
