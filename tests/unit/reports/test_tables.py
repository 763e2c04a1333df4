"""The terminal tables say the result, also on a narrow and plain terminal."""

from io import StringIO

from msgspec.structs import replace
from rich.console import Console

from fillpath.reports.result import RunResult
from fillpath.reports.tables import print_tables
from tests.unit.reports.builders import (
    ACCOUNT,
    FACTS,
    a_closed_order,
    a_decision,
    a_fill,
    a_measurement,
    a_result,
    an_alarm,
)


def _printed(result: RunResult, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    print_tables(result, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_every_route_is_a_line_with_its_costs() -> None:
    printed = _printed(a_result())

    assert "default" in printed
    assert "+3.33" in printed
    assert "100.0 %" in printed
    assert "1.25 s" in printed


def test_nothing_is_cut_off_at_eighty_columns() -> None:
    printed = _printed(a_result())

    assert "…" not in printed
    assert max(len(line.rstrip()) for line in printed.splitlines()) <= 80


def test_refusals_are_counted_by_reason() -> None:
    printed = _printed(a_result(a_decision(outcome="REFUSED", reason="NO_EDGE")))

    assert "NO_EDGE" in printed
    assert "1 refused" in printed


def test_cash_and_positions_are_shown() -> None:
    printed = _printed(a_result())

    assert "84,998.25" in printed
    assert "150.02" in printed


def test_a_position_shows_its_protective_stop() -> None:
    printed = _printed(a_result())

    assert "stop" in printed
    assert "147.01" in printed


def test_what_is_modelled_and_what_was_skipped_is_said() -> None:
    facts = replace(FACTS, bad_rows={"quotes.csv: NaN": 3})

    printed = _printed(a_result(facts=facts))

    assert "The intraday path is modelled." in printed
    assert "3 rows were skipped: quotes.csv: NaN" in printed


def test_many_alerts_are_counted_and_the_first_ones_told() -> None:
    printed = _printed(a_result(*[an_alarm()] * 7))

    assert "Alerts: 7 SLIPPAGE" in printed
    assert printed.count("12.1 bps") == 3
    assert "and 4 more SLIPPAGE" in printed


def test_many_alerts_of_one_kind_do_not_hide_another() -> None:
    late = an_alarm(code="LATENCY", text="signal to fill took 6 s")

    printed = _printed(a_result(*[late] * 9, an_alarm()))

    assert "Alerts: 9 LATENCY, 1 SLIPPAGE" in printed
    assert printed.count("took 6 s") == 3
    assert printed.index("and 6 more LATENCY") < printed.index("12.1 bps")
    assert "more SLIPPAGE" not in printed


def test_a_quiet_run_prints_no_empty_tables() -> None:
    result = replace(a_result(a_decision()), positions=())

    printed = _printed(result)

    assert "Alerts" not in printed
    assert "Refused" not in printed
    assert "Positions" not in printed
    assert ACCOUNT.positions


def test_words_of_strategies_are_not_taken_for_markup() -> None:
    printed = _printed(a_result(a_decision(outcome="REFUSED", reason="[bold]NO[/bold]")))

    assert "[bold]NO[/bold]" in printed


def test_all_parts_stand_together() -> None:
    printed = _printed(
        a_result(a_decision(), a_fill(), a_measurement(), an_alarm(), a_closed_order())
    )

    assert printed.index("Cost by route") < printed.index("Account") < printed.index("Alerts")
