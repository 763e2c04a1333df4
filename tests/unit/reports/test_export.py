"""Written results: all files or none, exact, and the same bytes for the same run."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from fillpath.core.errors import ConfigError
from fillpath.reports import export
from fillpath.reports.export import check_out_dir, write
from tests.unit.reports.builders import (
    a_closed_order,
    a_decision,
    a_fill,
    a_measurement,
    a_result,
    a_ticket,
    an_alarm,
)

FILES = {
    "orders.parquet",
    "fills.parquet",
    "quality.parquet",
    "decisions.parquet",
    "costs.parquet",
    "dividends.parquet",
    "report.html",
}


def test_four_tables_and_a_page_are_written(tmp_path: Path) -> None:
    written = write(a_result(), tmp_path / "deep" / "out")

    assert {path.name for path in written} == FILES
    assert {path.name for path in (tmp_path / "deep" / "out").iterdir()} == FILES
    assert list((tmp_path / "deep").iterdir()) == [tmp_path / "deep" / "out"]


def test_numbers_come_back_exact(tmp_path: Path) -> None:
    write(a_result(), tmp_path / "out")

    order = pl.read_parquet(tmp_path / "out" / "orders.parquet").row(0, named=True)
    fill = pl.read_parquet(tmp_path / "out" / "fills.parquet").row(0, named=True)
    quality = pl.read_parquet(tmp_path / "out" / "quality.parquet").row(0, named=True)
    assert order["limit_price"] == Decimal("150.01")
    assert order["commission"] == Decimal("0.75005")
    assert fill["quantity"] == 100
    assert fill["ts"].isoformat() == "2013-03-01T14:30:01+00:00"
    assert quality["slippage_bps"] == Decimal("3.33333333333333333333")


def test_decisions_carry_the_market_in_columns(tmp_path: Path) -> None:
    write(a_result(a_decision(), a_decision(market=None, flags=("ADV_MISSING",))), tmp_path / "out")

    first, second = pl.read_parquet(tmp_path / "out" / "decisions.parquet").to_dicts()
    assert first["bid"] == Decimal("149.99")
    assert first["sizing"] == '{"KELLY":"108","POSITION_CAP":"100"}'
    assert second["bid"] is None
    assert second["flags"] == ["ADV_MISSING"]


def test_an_empty_table_has_the_columns_of_a_full_one(tmp_path: Path) -> None:
    write(a_result(a_closed_order(), a_fill(), a_measurement(), a_decision()), tmp_path / "full")
    write(a_result(an_alarm()), tmp_path / "empty")

    for name in export.TABLES:
        full = pl.read_parquet(tmp_path / "full" / name)
        empty = pl.read_parquet(tmp_path / "empty" / name)
        assert empty.schema == full.schema
        assert empty.height == 0


def test_missing_prices_stay_missing(tmp_path: Path) -> None:
    market_order = a_closed_order(a_ticket(limit=None))

    write(a_result(market_order, a_measurement(signal_price=None)), tmp_path / "out")

    assert pl.read_parquet(tmp_path / "out" / "orders.parquet")["limit_price"].to_list() == [None]
    quality = pl.read_parquet(tmp_path / "out" / "quality.parquet")
    assert quality["arrival_slippage_bps"].to_list() == [None]


def test_the_same_run_gives_the_same_bytes_and_replaces_the_earlier(tmp_path: Path) -> None:
    write(a_result(a_decision()), tmp_path / "out")
    first = [path.read_bytes() for path in write(a_result(), tmp_path / "out")]

    second = [path.read_bytes() for path in write(a_result(), tmp_path / "out")]

    assert first == second
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    assert write(a_result(), tmp_path / "out")


def test_a_folder_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")

    with pytest.raises(ConfigError, match=r"holds thesis\.doc"):
        write(a_result(), tmp_path)

    assert (tmp_path / "thesis.doc").read_text() == "years of work"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")

    with pytest.raises(ConfigError, match="must be a folder"):
        check_out_dir(tmp_path / "out")


def test_a_folder_that_could_be_made_is_not_made_by_asking(tmp_path: Path) -> None:
    check_out_dir(tmp_path / "deep" / "out")

    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a file")

    with pytest.raises(ConfigError, match=r"cannot be a folder: .*notes is a file"):
        check_out_dir(tmp_path / "notes" / "deep" / "out")


def test_a_name_that_no_file_system_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written: File name too long"):
        check_out_dir(tmp_path / "deep" / ("x" * 300))


def test_links_that_lead_to_themselves_are_refused(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "out")

    with pytest.raises(ConfigError, match="out cannot be written: "):
        write(a_result(), tmp_path / "out")


def test_a_folder_that_takes_nothing_new_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(export, "TemporaryDirectory", read_only)

    with pytest.raises(ConfigError, match=r"--out .*out cannot be written: Read-only file system"):
        check_out_dir(tmp_path / "out")


def test_a_mount_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path)

    with pytest.raises(ConfigError, match="name a folder in it"):
        check_out_dir(tmp_path)


def test_a_failed_write_leaves_the_earlier_result_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [path.read_bytes() for path in write(a_result(), tmp_path / "out")]

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full_disk)
    with pytest.raises(ConfigError, match=r"out cannot be written: No space left on device"):
        write(a_result(a_decision()), tmp_path / "out")

    assert [(tmp_path / "out" / p).read_bytes() for p in (*export.TABLES, export.PAGE)] == before
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_when_the_new_folder_cannot_take_its_place_the_earlier_one_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(a_result(), tmp_path / "out")
    rename = Path.rename

    def stubborn(self: Path, target: Path) -> Path:
        if target == tmp_path / "out" and self.name == "out":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stubborn)
    with pytest.raises(ConfigError, match=r"out cannot be written: Input/output error"):
        write(a_result(a_decision()), tmp_path / "out")

    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_a_new_folder_that_cannot_take_its_place_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> Path:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ConfigError, match="cannot be written: Input/output"):
        write(a_result(), tmp_path / "out")

    assert list(tmp_path.iterdir()) == []
