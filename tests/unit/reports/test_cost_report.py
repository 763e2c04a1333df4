"""The report on costs: its first screen says what trading cost, where and why."""

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from fillpath.core.costs import OrderCostRow, OrderTimes
from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.listings import ProfitRow
from fillpath.reports.cost_files import as_csv, as_json, as_parquet, write_file
from fillpath.reports.cost_report import CostReport, ReportInputs, report_of
from fillpath.reports.cost_tables import print_costs
from fillpath.reports.tearsheet import MOST_BYTES, tearsheet
from fillpath.testing.builders import START
from fillpath.testing.rows import a_cost_row

D = Decimal
ATTACK = "<script>alert('x')</script>"


def a_row(number: int, **changes: object) -> OrderCostRow:
    """Return an order that lost 1 by delay, 2 by execution and 0.5 by fees."""
    fields: dict[str, object] = {
        "order_id": f"trend/s{number}",
        "released_at": START + timedelta(hours=number),
        "decision_price": D(150),
        "arrival_bps": D(2),
        "delay": D(1),
        "execution": D(2),
        "opportunity": D(0),
        "fees": D("0.5"),
        "shortfall": D("3.5"),
        "markout_1s_bps": D("1.5"),
    }
    return a_cost_row(**(fields | changes))


def a_report(rows: Sequence[OrderCostRow], **changes: object) -> CostReport:
    return report_of(inputs_of(rows, **changes))


def inputs_of(rows: Sequence[OrderCostRow], **changes: object) -> ReportInputs:
    fields: dict[str, object] = {
        "account": "SIM",
        "since": None,
        "until": None,
        "by": "day",
        "made_at": START + timedelta(days=9),
        "rows": rows,
    }
    return ReportInputs(**(fields | changes))  # type: ignore[arg-type]  # fields of one struct


def test_it_says_what_trading_cost() -> None:
    report = a_report([a_row(n) for n in range(40)])

    assert report.answer == (
        "Trading cost 140.00 on 40 orders, fees included; against the mid at release +2.00 bps of "
        "600,040 traded, +2.00 bps for the average order (95 % interval of the mean +2.00 to +2.00)."
    )


def test_it_says_when_there_are_too_few_orders_to_say() -> None:
    report = a_report([a_row(0, shortfall=D("-3"))])

    assert report.answer.startswith("Trading gained 3.00 on 1 orders")
    assert report.answer.endswith("That is fewer than 30 orders: too few to say.")


def test_it_says_when_nothing_is_known() -> None:
    report = a_report([a_row(0, arrival_bps=None)])

    assert report.answer == "1 orders, and none whose cost is known yet."
    assert (report.measured, report.main) == (0, [])


def test_it_says_why_largest_cause_first_and_the_causes_add_up() -> None:
    report = a_report([a_row(0), a_row(1)])

    assert [(cause.name, cause.amount) for cause in report.causes] == [
        ("execution", D(4)),
        ("delay", D(2)),
        ("fees", D(1)),
        ("opportunity", D(0)),
    ]
    assert sum((cause.amount for cause in report.causes), D(0)) == report.shortfall
    assert report.causes[0].share == pytest.approx(4 / 7)
    assert report.causes[0].bps == pytest.approx(4 / 30_000 * 10_000)


def test_a_gain_has_no_shares_and_no_paper_has_no_basis_points() -> None:
    report = a_report([a_row(0, shortfall=D(-1), decision_price=None)])

    assert {cause.share for cause in report.causes} == {None}
    assert {cause.bps for cause in report.causes} == {None}


def test_it_says_where() -> None:
    report = a_report([a_row(0), a_row(1), a_row(2, symbol="MSFT"), a_row(3, shortfall=D(-9))])

    place = report.places[0]
    assert (place.by, place.key, place.shortfall, place.n) == ("symbol", "MSFT", D("3.5"), 1)
    assert a_report([a_row(0, shortfall=D(-1))]).places == []


def test_what_is_not_known_counts_for_nothing() -> None:
    report = a_report([a_row(0), a_row(1, shortfall=None, delay=None)])

    assert (report.orders, report.decided, report.measured) == (2, 1, 2)
    assert report.shortfall == D("3.5")
    markout = next(row for row in report.spreads if row.name == "markout 1s")
    absent = next(row for row in report.spreads if row.name == "markout 300s")
    assert (markout.n, markout.mean, absent.n, absent.mean) == (2, 1.5, 0, None)


def test_the_costliest_orders_are_told_of() -> None:
    report = a_report([a_row(n, shortfall=D(n)) for n in range(20)])

    assert [row.order_id for row in report.worst][:2] == ["trend/s19", "trend/s18"]
    assert len(report.worst) == 10


def test_it_can_be_divided_otherwise_but_not_by_anything() -> None:
    assert [row.key for row in a_report([a_row(0)], by="route").main] == ["default"]
    with pytest.raises(ModelError):
        a_report([a_row(0)], by="mood")


def test_how_many_orders_a_difference_takes_is_said() -> None:
    report = a_report([a_row(0), a_row(1, arrival_bps=D(4))])

    assert "about 31 orders on each of two sides" in report.remark
    assert a_report([a_row(0)]).remark == ""


def a_full_report() -> CostReport:
    times = OrderTimes(
        signal_at=START,
        received_at=START + timedelta(milliseconds=5),
        decided_at=None,
        released_at=START,
        acknowledged_at=None,
        first_fill_at=None,
        last_fill_at=None,
    )
    profit = ProfitRow(key=ATTACK, realized=D(1), unrealized=None, fees=D(2), lots=3)
    rows = [a_row(n, symbol=f"S{n % 50}", strategy_name=ATTACK) for n in range(3_000)]
    unknown = [a_row(3_000, shortfall=None)]
    return a_report([*rows, *unknown], times=[times], profits=[profit], since=START, until=START)


def shown(report: CostReport, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_costs(report, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_first_screen_answers_what_why_and_where() -> None:
    screen = "\n".join(shown(a_full_report()).splitlines()[:40])

    for word in ("Trading cost", "Why", "execution", "spread and impact", "Where most of it arose"):
        assert word in screen
    assert "Of 1 orders the whole cost is not known" in screen


def test_the_terminal_shows_every_table() -> None:
    text = shown(a_full_report())

    for word in (
        "Cost by day",
        "Cost by symbol",
        "Cost by hour",
        "How long each stage took",
        "Spreads, benchmarks and markouts",
        "The orders that cost most",
        "Profit by strategy",
        "too few",
        "the last 30 of",
    ):
        assert word in text


def test_an_empty_account_is_shown_too() -> None:
    report = a_report([])

    assert "0 orders, and none whose cost is known yet." in shown(report)
    assert "Nowhere" in tearsheet(report)


def test_the_page_is_whole_in_itself_and_small() -> None:
    page = tearsheet(a_full_report())

    assert len(page.encode()) < MOST_BYTES
    assert not re.search(r"(?:src|href)=|url\(|https?://|<script", page)
    assert "default-src 'none'" in page
    assert "&lt;script&gt;" in page
    assert "<svg" in page
    assert "earlier rows are left out" in page


def test_the_same_report_gives_the_same_page() -> None:
    assert tearsheet(a_full_report()) == tearsheet(a_full_report())


def test_json_holds_the_answer_and_money_as_text() -> None:
    plain = json.loads(as_json(a_report([a_row(0)])))

    assert plain["shortfall"] == "3.5"
    assert plain["answer"].startswith("Trading cost 3.50")


def test_csv_has_every_column_and_no_name_becomes_a_formula() -> None:
    text = as_csv(inputs_of([a_row(0, strategy_name="=1+1", ended_at=None)]))

    (row,) = csv.DictReader(io.StringIO(text))
    assert row["strategy_name"] == "'=1+1"
    assert (row["shortfall"], row["ended_at"]) == ("3.5", "")
    assert row["released_at"] == "2026-03-02T14:30:00Z"
    assert tuple(row) == OrderCostRow.__struct_fields__


def test_parquet_keeps_every_amount_exactly() -> None:
    found = pl.read_parquet(BytesIO(as_parquet(inputs_of([a_row(0), a_row(1, shortfall=None)]))))

    assert found["shortfall"].to_list() == [D("3.5"), None]
    assert found["arrival_price"].to_list() == [D(150), D(150)]


def test_a_file_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    write_file(tmp_path / "a", "text")

    with pytest.raises(ConfigError, match="cannot be written"):
        write_file(tmp_path / "no" / "such", b"bytes")
    assert (tmp_path / "a").read_text() == "text"
