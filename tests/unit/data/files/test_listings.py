"""Corporate actions and sectors: short lists in which every row counts."""

from datetime import date
from pathlib import Path

import pytest

from fillpath.core.errors import DataError
from fillpath.data.files.corporate_actions import Dividend, Split, load_corporate_actions
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.sectors import load_sectors
from tests.unit.data.files.builders import csv, skipping

ACTIONS = "symbol,ex_date,kind,new_shares_per_old,value_per_share_usd\n"


def test_splits_and_dividends_are_exact_and_everything_else_is_counted(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        ACTIONS + "AAPL,2014-06-09,split,7.0,\nAIG,2009-07-01,split,0.05,\n"
        "GOOG,2015-04-27,split,1.0027,\nIBM,2014-05-01,cash_or_spinoff,,1.1\nX,2014-05-01,,,\n"
        "IBM,2014-05-01,dividend,,0.00000001\nAIG,2014-05-01,dividend,,0.125\n",
    )

    actions = load_corporate_actions(path, report=BadRowReport())

    assert actions.splits == (
        Split("AIG", date(2009, 7, 1), 1, 20),
        Split("AAPL", date(2014, 6, 9), 7, 1),
        Split("GOOG", date(2015, 4, 27), 10_027, 10_000),
    )
    assert actions.dividends == (
        Dividend("AIG", date(2014, 5, 1), 12_500_000),
        Dividend("IBM", date(2014, 5, 1), 110_000_001),
    )
    assert actions.unsure == {("IBM", date(2014, 5, 1))}
    assert actions.ignored == {"unknown": 1}


BAD_SPLITS = [
    ("AAPL,2014-06-09,split,7,", "duplicate", "AAPL has two splits on 2014-06-09"),
    ("aapl,2014-06-10,split,7,", "wrong_symbol", "symbol must be"),
    ("AAPL,9.6.2014,split,7,", "wrong_type", "ex_date must be a day"),
    ("AAPL,2014-06-10,split,seven,", "wrong_type", "new_shares_per_old must be a number"),
    ("AAPL,2014-06-10,split", "wrong_type", "got ''"),
    ("AAPL,2014-06-10,split,0,", "out_of_range", "from 0.0001 to 10000"),
    ("AAPL,2014-06-10,split,-2,", "out_of_range", "from 0.0001 to 10000"),
    ("AAPL,2014-06-10,split,nan,", "out_of_range", "from 0.0001 to 10000"),
    ("AAPL,2014-06-10,split,1e9,", "out_of_range", "from 0.0001 to 10000"),
    ("AAPL,2014-06-10,dividend", "wrong_type", "of kind dividend must be a number, got ''"),
    ("AAPL,2014-06-10,dividend,,0", "out_of_range", "must be above 0 and at most 1000000, got 0"),
    ("AAPL,2014-06-10,dividend,,nan", "out_of_range", "must be above 0"),
    ("AAPL,2014-06-10,cash_or_spinoff,,-1", "out_of_range", "must be above 0"),
    ("AAPL,2014-06-10,dividend,,2000000", "out_of_range", "at most 1000000"),
    ("AAPL,2014-06-10,dividend,,0.123456789", "out_of_range", "at most 8 decimals"),
    ("AAPL,10 June,dividend,,1", "wrong_type", "ex_date must be a day"),
]


@pytest.mark.parametrize(("row", "kind", "reason"), BAD_SPLITS)
def test_a_bad_action_is_named(tmp_path: Path, row: str, kind: str, reason: str) -> None:
    report = skipping()
    path = csv(tmp_path, f"{ACTIONS}AAPL,2014-06-09,split,7.0,\n{row}\n")

    actions = load_corporate_actions(path, report=report)

    assert len(actions.splits) == 1
    assert not actions.dividends
    assert (report.rows[0].row, report.rows[0].kind) == (2, kind)
    assert reason in report.rows[0].reason
    with pytest.raises(DataError, match="row 2"):
        load_corporate_actions(path, report=BadRowReport())


def test_a_list_of_splits_alone_needs_no_column_of_payments(tmp_path: Path) -> None:
    path = csv(tmp_path, "symbol,ex_date,kind,new_shares_per_old\nAAPL,2014-06-09,split,7\n")

    actions = load_corporate_actions(path, report=BadRowReport())

    assert actions.splits == (Split("AAPL", date(2014, 6, 9), 7, 1),)


def test_sectors_are_read_by_symbol(tmp_path: Path) -> None:
    path = csv(tmp_path, "\ufeffsymbol,name,sector\nIBM,x,Technology\n\nAIG,y, Financials \n")

    assert load_sectors(path, report=BadRowReport()) == {"IBM": "Technology", "AIG": "Financials"}


@pytest.mark.parametrize(
    ("row", "kind"),
    [("IBM,Retail", "duplicate"), ("AIG,", "missing"), ("AIG", "missing"), ("a,b", "wrong_symbol")],
)
def test_a_bad_sector_row_is_named(tmp_path: Path, row: str, kind: str) -> None:
    report = skipping()
    path = csv(tmp_path, f"symbol,sector\nIBM,Technology\n{row}\n")

    sectors = load_sectors(path, report=report)

    assert sectors == {"IBM": "Technology"}
    assert report.counts == {kind: 1}
    with pytest.raises(DataError, match="row 2"):
        load_sectors(path, report=BadRowReport())


WRONG_LISTS = [
    pytest.param(b"", "the file has no rows", id="empty"),
    pytest.param(b"symbol,sector\n", "no rows", id="header only"),
    pytest.param(b"symbol\nIBM\n", "the column (sector|ex_date) is missing", id="column missing"),
    pytest.param(b"symbol,sector\n\xff,x\n", "no UTF-8 text", id="bytes that are no text"),
    pytest.param(b'symbol,sector\n"IBM"x,y\n', "cannot be read as CSV", id="broken quotes"),
]


@pytest.mark.parametrize("report", [BadRowReport(), skipping()], ids=["stop", "skip"])
@pytest.mark.parametrize(("content", "reason"), WRONG_LISTS)
def test_a_useless_list_always_stops(
    tmp_path: Path, content: bytes, reason: str, report: BadRowReport
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)

    with pytest.raises(DataError, match=reason):
        load_sectors(path, report=report)
    with pytest.raises(DataError, match=reason):
        load_corporate_actions(path, report=report)


def test_a_list_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        load_sectors(tmp_path / "nowhere.csv", report=skipping())
