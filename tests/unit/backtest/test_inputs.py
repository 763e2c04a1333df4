"""From a request to checked inputs: what was loaded, what was left out, and what is said about it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fillpath.backtest.inputs import load_inputs, sessions_of
from fillpath.backtest.replay import SessionTimes
from fillpath.backtest.request import BadRows, ReplayRequest, SessionFilter
from fillpath.core.errors import ConfigError, DataError
from fillpath.core.units import nanoseconds, price_units, quantity_units
from fillpath.data.files.quote_rows import Resolution
from fillpath.data.files.quotes import QuoteTape, ResolutionSpan
from fillpath.data.files.split import Split
from fillpath.scheduling.calendar import ExchangeCalendar
from tests.unit.data.files.builders import (
    a_bar,
    a_quote,
    a_tick,
    at,
    csv,
    jsonl,
    ns,
    parquet,
)

CALENDAR = ExchangeCalendar()
MONDAY = date(2013, 10, 7)
WHOLE_DAY = SessionTimes(MONDAY, ns(0), ns(23_400))


def a_signal_line(seconds: float = 60, **changes: Any) -> dict[str, Any]:
    """Return a line of a signal file."""
    line = {
        "signal_id": "s1",
        "ts": at(seconds).isoformat(),
        "symbol": "IBM",
        "direction": "LONG",
        "strength": 0.5,
        "strategy_name": "trend",
        "metadata": {},
    }
    return line | changes


def asked(folder: Path, rows: list[dict[str, Any]] | None = None, **changes: Any) -> ReplayRequest:
    """Return a request with two quotes and one signal."""
    given = [a_quote(0), a_quote(60)] if rows is None else rows
    fields: dict[str, Any] = {
        "quotes": (parquet(folder, given, "quotes.parquet"),),
        "signals": (jsonl(folder, a_signal_line()),),
    }
    return ReplayRequest(**(fields | changes))


def daily(folder: Path, sessions: int = 25) -> Path:
    """Return a file of daily bars before the recording, 1,000 shares each."""
    days = CALENDAR.sessions_between(date(2013, 8, 1), date(2013, 10, 4))[-sessions:]
    lines = [f"{day.date},IBM,180,1000" for day in days]
    return csv(folder, "\n".join(["date,symbol,close,volume", *lines]) + "\n", "daily.csv")


# What is loaded.


def test_quotes_and_signals_are_ready_for_the_replay(tmp_path: Path) -> None:
    loaded = load_inputs(asked(tmp_path))

    assert list(loaded.inputs.tapes) == ["IBM"]
    assert [signal.signal_id for signal in loaded.inputs.signals] == ["s1"]
    assert loaded.inputs.sessions == (WHOLE_DAY,)
    assert loaded.quotes == 2
    assert loaded.bad_rows == {}


def test_daily_bars_give_the_average_volume(tmp_path: Path) -> None:
    loaded = load_inputs(asked(tmp_path, daily=(daily(tmp_path),)))

    assert loaded.inputs.adv("IBM", MONDAY) == quantity_units(Decimal(1_000))
    assert loaded.inputs.adv("MSFT", MONDAY) is None


def test_splits_come_from_the_corporate_actions(tmp_path: Path) -> None:
    actions = csv(
        tmp_path,
        "symbol,ex_date,kind,new_shares_per_old\nIBM,2013-10-07,split,7\nIBM,2013-10-07,rename,\n",
        "actions.csv",
    )

    loaded = load_inputs(asked(tmp_path, corporate_actions=actions))

    assert loaded.inputs.splits == (Split("IBM", MONDAY, 7, 1),)
    assert "1 corporate actions of kind rename were ignored" in loaded.notes


def test_bars_are_there_for_a_strategy(tmp_path: Path) -> None:
    bars = parquet(tmp_path, [a_bar(0), a_bar(60)], "bars.parquet")

    loaded = load_inputs(asked(tmp_path, bars=(bars,)))

    assert len(loaded.bars.in_order()[0]) == 2
    assert loaded.quotes == 2


def test_without_quotes_the_close_of_each_bar_is_one(tmp_path: Path) -> None:
    """Known from the end of the bar on, and not before."""
    bars = parquet(tmp_path, [a_bar(0), a_bar(60, close=182.5)], "bars.parquet")

    loaded = load_inputs(asked(tmp_path, quotes=(), bars=(bars,)))

    tape = loaded.inputs.tapes["IBM"]
    assert tape.ts.tolist() == [ns(60), ns(120)]
    assert tape.bid.tolist() == [price_units(Decimal("182.25")), price_units(Decimal("182.5"))]
    assert tape.ask.tolist() == tape.bid.tolist()
    assert "no quotes were given: the close of each bar serves as bid and ask" in loaded.notes


# How long a quote stays usable.


@pytest.mark.parametrize(
    ("rows", "seconds"),
    [
        pytest.param([a_tick(0), a_tick(1)], 30, id="ticks"),
        pytest.param([a_quote(0, res="1s"), a_quote(1, res="1s")], 30, id="seconds"),
        pytest.param([a_quote(0, res="1m"), a_quote(60, res="1m")], 180, id="minutes"),
    ],
)
def test_the_resolution_says_how_long_a_quote_is_usable(
    tmp_path: Path, rows: list[dict[str, Any]], seconds: int
) -> None:
    assert load_inputs(asked(tmp_path, rows)).quote_age == seconds


def test_the_coarsest_tape_decides(tmp_path: Path) -> None:
    rows = [a_quote(0, res="1s"), a_quote(0, symbol="AIG", res="1m")]

    assert load_inputs(asked(tmp_path, rows)).quote_age == 180


# What is said about it.


def test_missing_volumes_are_said(tmp_path: Path) -> None:
    note = "no daily volumes were given: the size rows of the routing table are skipped"

    assert note in load_inputs(asked(tmp_path)).notes
    assert note not in load_inputs(asked(tmp_path, daily=(daily(tmp_path),))).notes


def test_quotes_outside_regular_hours_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [a_quote(-60), a_quote(0), a_quote(60)]

    loaded = load_inputs(asked(tmp_path, rows))

    assert loaded.quotes == 2
    assert "1 quotes outside regular hours were left out" in loaded.notes


def test_all_hours_take_part_where_asked_for(tmp_path: Path) -> None:
    rows = [a_quote(-60), a_quote(0), a_quote(60)]

    loaded = load_inputs(asked(tmp_path, rows, session=SessionFilter.ALL))

    assert loaded.quotes == 3
    assert loaded.inputs.sessions == (SessionTimes(MONDAY, ns(-60), ns(60)),)


def test_symbols_without_a_sector_are_named(tmp_path: Path) -> None:
    sectors = csv(tmp_path, "symbol,sector\nAIG,Financials\n", "sectors.csv")

    loaded = load_inputs(asked(tmp_path, sectors=sectors))

    assert "the sector file says nothing about IBM" in loaded.notes


def test_a_complete_sector_file_needs_no_note(tmp_path: Path) -> None:
    sectors = csv(tmp_path, "symbol,sector\nIBM,Technology\n", "sectors.csv")

    notes = load_inputs(asked(tmp_path, sectors=sectors)).notes

    assert not [note for note in notes if "sector" in note]


# What is wrong.


def test_a_bad_row_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"quotes\.parquet, row 2: "):
        load_inputs(asked(tmp_path, [a_quote(0), a_quote(60, bid_price=-1.0)]))


def test_a_bad_row_is_counted_where_it_may_be_skipped(tmp_path: Path) -> None:
    rows = [a_quote(0), a_quote(60, bid_price=-1.0)]

    loaded = load_inputs(asked(tmp_path, rows, bad_rows=BadRows.SKIP))

    assert loaded.quotes == 1
    assert sum(loaded.bad_rows.values()) == 1


def test_what_is_odd_but_kept_is_counted_too(tmp_path: Path) -> None:
    rows = [a_tick(0), a_tick(1, bid_price=182.0)]

    assert load_inputs(asked(tmp_path, rows)).bad_rows == {"kept: crossed": 1}


def test_a_signal_before_the_first_quote_is_a_bad_row(tmp_path: Path) -> None:
    early = jsonl(tmp_path, a_signal_line(-5), name="early.jsonl")

    with pytest.raises(DataError, match=r"early\.jsonl, row 1: "):
        load_inputs(asked(tmp_path, signals=(early,)))


def test_nothing_to_trade_on_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no quote to trade on: give --quotes, or"):
        load_inputs(asked(tmp_path, quotes=()))


# Trading days.


def a_tape(*moments: datetime) -> QuoteTape:
    """Return a tape with quotes at these moments."""
    ts = np.array([nanoseconds(moment) for moment in moments], dtype=np.int64)
    ones = np.ones(len(moments), dtype=np.int64)
    return QuoteTape(
        symbol="IBM",
        ts=ts,
        bid=ones,
        ask=ones,
        bid_size=ones,
        ask_size=ones,
        spans=(ResolutionSpan(0, Resolution.SECOND),),
    )


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2013, 10, day, hour, minute, tzinfo=UTC)


def test_a_day_without_quotes_is_no_session() -> None:
    tape = a_tape(utc(7, 14), utc(9, 14))

    days = [s.day.day for s in sessions_of([tape], CALENDAR, regular_hours=True)]

    assert days == [7, 9]


def test_a_session_lasts_from_the_open_to_the_close() -> None:
    (session,) = sessions_of([a_tape(utc(7, 14))], CALENDAR, regular_hours=True)

    assert session == WHOLE_DAY


def test_weekends_and_nights_are_no_sessions() -> None:
    tape = a_tape(utc(5, 14), utc(7, 3), utc(7, 14))

    days = [s.day.day for s in sessions_of([tape], CALENDAR, regular_hours=True)]

    assert days == [7]


def test_with_all_hours_a_day_lasts_from_its_first_to_its_last_quote() -> None:
    """Days are those of New York: three in the morning UTC still is the day before."""
    first = a_tape(utc(5, 14), utc(7, 3), utc(7, 14))
    second = a_tape(utc(7, 22), utc(7, 23))

    found = sessions_of([first, second], CALENDAR, regular_hours=False)

    assert found == (
        SessionTimes(date(2013, 10, 5), nanoseconds(utc(5, 14)), nanoseconds(utc(5, 14))),
        SessionTimes(date(2013, 10, 6), nanoseconds(utc(7, 3)), nanoseconds(utc(7, 3))),
        SessionTimes(date(2013, 10, 7), nanoseconds(utc(7, 14)), nanoseconds(utc(7, 23))),
    )
