"""The recorded market days load as they are, with the figures their manifest states."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fillpath.data.files.bars import load_bars
from fillpath.data.files.corporate_actions import load_corporate_actions
from fillpath.data.files.daily import load_daily
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.quotes import Resolution
from tests.recorded import RECORDINGS, needs_recordings
from tests.unit.data.files.builders import CALENDAR, quotes_of, skipping

pytestmark = needs_recordings

QUOTES = sorted(RECORDINGS.glob("*quotes_*.parquet"))
TICKS = sorted(RECORDINGS.glob("nbbo_tick_*.parquet"))
BARS = sorted(RECORDINGS.glob("*bars_1[mhs]_*.parquet"))
CROSSED = {"AIG": 126, "BAC": 0, "IBM": 162}


@pytest.mark.parametrize("path", [*QUOTES, *TICKS], ids=lambda path: path.stem)
def test_every_quote_file_loads_without_a_bad_row(path: Path) -> None:
    loaded = quotes_of(path, regular_hours=False)

    (tape,) = loaded.tapes.values()
    raw = pl.read_parquet(path)
    assert loaded.used == loaded.rows == raw.height
    assert np.array_equal(tape.bid / 10**8, raw["bid_price"].fill_null(0).to_numpy())
    assert np.array_equal(tape.ask / 10**8, raw["ask_price"].fill_null(0).to_numpy())
    assert np.array_equal(tape.ts, raw["ts"].to_physical().to_numpy())


@pytest.mark.parametrize("symbol", sorted(CROSSED))
def test_crossed_ticks_are_kept_and_remarked(symbol: str) -> None:
    report = BadRowReport()

    loaded = quotes_of(RECORDINGS / f"nbbo_tick_{symbol}.parquet", report=report)

    assert report.remarks["crossed"] == CROSSED[symbol]
    assert loaded.resolution == {symbol: Resolution.TICK}


def test_ticks_are_known_even_without_their_venues(tmp_path: Path) -> None:
    path = tmp_path / "ticks.parquet"
    frame = pl.read_parquet(RECORDINGS / "nbbo_tick_IBM.parquet").drop("bid_exch", "ask_exch")
    frame.write_parquet(path)

    assert quotes_of(path, report=skipping()).resolution == {"IBM": Resolution.TICK}


def test_a_file_of_minutes_and_seconds_knows_which_is_which() -> None:
    tape = quotes_of(RECORDINGS / "quotes_SPY.parquet").tapes["SPY"]

    assert [span.resolution for span in tape.spans] == [
        Resolution.MINUTE,
        Resolution.SECOND,
        Resolution.MINUTE,
    ]


def test_a_half_day_keeps_only_its_own_hours() -> None:
    tape = quotes_of(RECORDINGS / "quotes_GOOG.parquet").tapes["GOOG"]

    hours = [CALENDAR.session_at(at) for at in tape.ts.tolist()]
    assert {session.date for session in hours if session} == {
        date(2015, 12, 23),
        date(2015, 12, 24),
    }
    assert None not in hours


@pytest.mark.parametrize("path", BARS, ids=lambda path: path.stem)
def test_every_bar_file_loads_without_a_bad_row(path: Path) -> None:
    loaded = load_bars([path], report=BadRowReport(), regular_hours=False, calendar=CALENDAR)

    assert loaded.used == loaded.rows == pl.read_parquet(path).height


@pytest.mark.parametrize(
    ("symbol", "day", "shares"),
    [
        ("AAPL", date(2014, 6, 5), 9_724_521),
        ("AIG", date(2013, 10, 4), 8_215_162),
        ("BAC", date(2013, 10, 4), 79_845_507),
        ("GOOG", date(2015, 12, 23), 1_895_743),
        ("IBM", date(2013, 10, 4), 3_414_159),
        ("SPY", date(2013, 10, 4), 97_990_233),
    ],
)
def test_the_average_volume_is_the_one_in_the_manifest(symbol: str, day: date, shares: int) -> None:
    table = load_daily([RECORDINGS / "bars_1d.parquet"], report=BadRowReport())

    adv = table.adv(symbol, day)

    assert adv is not None
    assert adv // 10**6 == shares


def test_the_split_of_2014_joins_the_close_before_and_the_open_after() -> None:
    actions = load_corporate_actions(RECORDINGS / "corporate_actions.csv", report=BadRowReport())
    table = load_daily(
        [RECORDINGS / "bars_1d.parquet"], report=BadRowReport(), splits=actions.splits
    )

    assert table.prior_close("AAPL", date(2014, 6, 9)) == 64_557_000_000 // 7
    assert actions.ignored == {}
    assert len(actions.dividends) == 465
    assert len(actions.unsure) == 465
    assert len(actions.splits) == 7


def test_two_securities_under_one_ticker_are_duplicates() -> None:
    report = skipping()

    load_daily([RECORDINGS / "adv_coarse_2014.parquet"], report=report)

    assert report.counts == {"duplicate": 79}
