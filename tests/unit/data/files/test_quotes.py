"""Recorded quotes become exact tapes, whatever kind of file they come in."""

from datetime import timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace

from fillpath.core.errors import DataError, ModelError
from fillpath.core.models import Quote
from fillpath.data.files.models import AT_ONCE, each_quote
from fillpath.data.files.quotes import Resolution
from tests.unit.data.files.builders import (
    a_quote,
    a_tick,
    at,
    ns,
    parquet,
    quote_csv,
    quotes_of,
    skipping,
)

GOOD = "2013-10-07T13:30:01Z,IBM,181.69,181.9,200,100"


def test_a_row_of_a_parquet_file_becomes_exact_integers(tmp_path: Path) -> None:
    loaded = quotes_of(parquet(tmp_path, [a_quote(1)]))

    tape = loaded.tapes["IBM"]
    assert (tape.ts[0], tape.bid[0], tape.ask[0]) == (ns(1), 18_169_000_000, 18_190_000_000)
    assert (tape.bid_size[0], tape.ask_size[0]) == (200_000_000, 100_000_000)
    assert (loaded.rows, loaded.used, loaded.outside_hours) == (1, 1, 0)


def test_a_csv_file_gives_the_same_tape_as_a_parquet_file(tmp_path: Path) -> None:
    loaded = quotes_of(quote_csv(tmp_path, GOOD))

    assert loaded.tapes["IBM"].quote(0) == quotes_of(parquet(tmp_path, [a_quote(1)])).tapes[
        "IBM"
    ].quote(0)


def test_a_row_can_be_shown_as_the_public_quote(tmp_path: Path) -> None:
    tape = quotes_of(parquet(tmp_path, [a_quote(1, ask_price=None, ask_size=0)])).tapes["IBM"]

    assert tape.quote(0) == Quote("IBM", Decimal("181.69"), None, Decimal(200), ts=at(1))


@pytest.mark.parametrize(
    "stamp",
    [
        "2013-10-07T13:30:01Z",
        "2013-10-07 13:30:01+00:00",
        "2013-10-07T13:30:01.000000000+0000",
        "2013-10-07T09:30:01-04:00",
        "2013-10-07T19:00:01.0+05:30",
    ],
)
def test_a_csv_time_may_be_written_with_any_offset(tmp_path: Path, stamp: str) -> None:
    tape = quotes_of(quote_csv(tmp_path, GOOD.replace("2013-10-07T13:30:01Z", stamp))).tapes["IBM"]

    assert tape.ts[0] == ns(1)


def test_nanoseconds_survive(tmp_path: Path) -> None:
    row = GOOD.replace("13:30:01Z", "13:30:01.123456789Z")

    tape = quotes_of(quote_csv(tmp_path, row)).tapes["IBM"]

    assert tape.ts[0] == ns(1) + 123_456_789


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(pl.Float32, id="shortest text of a 32 bit float"),
        pytest.param(pl.Decimal(12, 4), id="decimal"),
        pytest.param(pl.Float64, id="64 bit float"),
    ],
)
def test_every_way_of_storing_a_price_is_read_exactly(tmp_path: Path, kind: Any) -> None:
    path = tmp_path / "file.parquet"
    frame = pl.DataFrame([a_quote(1)]).with_columns(pl.col("bid_price", "ask_price").cast(kind))
    frame.write_parquet(path)

    tape = quotes_of(path).tapes["IBM"]

    assert (tape.bid[0], tape.ask[0]) == (18_169_000_000, 18_190_000_000)


def test_times_of_another_zone_and_unit_are_the_same_moments(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    zoned = pl.col("ts").dt.convert_time_zone("Asia/Tokyo").dt.cast_time_unit("ms")
    pl.DataFrame([a_quote(1)]).with_columns(zoned).write_parquet(path)

    tape = quotes_of(path).tapes["IBM"]

    assert tape.ts[0] == ns(1)


def test_a_missing_side_is_a_market_state(tmp_path: Path) -> None:
    rows = ["2013-10-07T13:30:01Z,IBM,,181.9,0,100", "2013-10-07T13:30:02Z,IBM,181.69,,200,0"]

    tape = quotes_of(quote_csv(tmp_path, *rows)).tapes["IBM"]

    assert tape.bid.tolist() == [0, 18_169_000_000]
    assert tape.ask.tolist() == [18_190_000_000, 0]


def test_a_locked_quote_and_a_stub_quote_are_market_states(tmp_path: Path) -> None:
    rows = [a_quote(1, ask_price=181.69), a_quote(2, ask_price=199_999.99)]

    tape = quotes_of(parquet(tmp_path, rows)).tapes["IBM"]

    assert tape.ask.tolist() == [18_169_000_000, 19_999_999_000_000]


def test_symbols_that_share_a_file_get_their_own_tapes(tmp_path: Path) -> None:
    rows = [a_quote(2), a_quote(1, symbol="AIG"), a_quote(3), a_quote(3, symbol="AIG")]

    loaded = quotes_of(parquet(tmp_path, rows))

    assert list(loaded.tapes) == ["AIG", "IBM"]
    assert [tape.ts.tolist() for tape in loaded.tapes.values()] == [[ns(1), ns(3)], [ns(2), ns(3)]]
    assert loaded.first_quote_at == {"AIG": ns(1), "IBM": ns(2)}


@pytest.mark.parametrize("names", [2, 40])
def test_a_symbol_that_comes_late_in_a_long_file_gets_its_own_tape(
    tmp_path: Path, names: int
) -> None:
    rows = [a_quote(row, symbol=f"S{row % names}") for row in range(5_000)]

    loaded = quotes_of(parquet(tmp_path, [*rows, a_quote(5_000, symbol="LATE")]))

    assert loaded.tapes["LATE"].ts.tolist() == [ns(5_000)]
    assert loaded.tapes["S1"].ts.tolist() == [ns(row) for row in range(1, 5_000, names)]


def test_regular_hours_end_the_same_for_rows_by_time_and_rows_by_symbol(tmp_path: Path) -> None:
    hours = [-1, 0, 6.5 * 3600, 6.5 * 3600 + 1, 24 * 3600]
    rows = [a_quote(hour, symbol=name) for name in ("AIG", "IBM") for hour in hours]

    by_symbol = quotes_of(parquet(tmp_path, rows, "symbol.parquet"))
    by_time = quotes_of(parquet(tmp_path, sorted(rows, key=lambda row: row["ts"]), "time.parquet"))

    assert by_symbol.tapes["IBM"].ts.tolist() == [ns(0), ns(6.5 * 3600), ns(24 * 3600)]
    assert by_time.tapes["IBM"].ts.tolist() == by_symbol.tapes["IBM"].ts.tolist()
    assert by_time.outside_hours == by_symbol.outside_hours == 4


def test_a_symbol_may_be_stored_as_a_category(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    rows = [a_quote(1), a_quote(1, symbol="AIG")]
    pl.DataFrame(rows).with_columns(pl.col("symbol").cast(pl.Categorical)).write_parquet(path)

    assert list(quotes_of(path).tapes) == ["AIG", "IBM"]


@pytest.mark.parametrize("first", [0, 1, AT_ONCE - 1, AT_ONCE, 2 * AT_ONCE])
def test_quotes_made_many_at_a_time_are_those_made_one_by_one(tmp_path: Path, first: int) -> None:
    rows = [a_tick(row, bid_price=180 + row % 50 / 100, ask_size=row) for row in range(5_000)]
    one_sided = [a_tick(9_000, bid_price=None, bid_size=0), a_tick(9_001, ask_price=181.7)]
    tape = quotes_of(parquet(tmp_path, [*rows, *one_sided])).tapes["IBM"]

    made = list(each_quote(tape, first))

    assert made == [tape.quote(row) for row in range(first, len(tape))]


def test_a_row_of_a_hand_made_tape_that_is_no_quote_is_refused(tmp_path: Path) -> None:
    tape = quotes_of(parquet(tmp_path, [a_tick(0), a_tick(1)])).tapes["IBM"]
    wrong = replace(tape, bid_size=np.array([100, -1], dtype=np.int64))

    with pytest.raises(ModelError):
        list(each_quote(wrong))


def test_columns_that_nobody_asked_for_are_ignored(tmp_path: Path) -> None:
    loaded = quotes_of(parquet(tmp_path, [a_quote(1, venue="P", note=None)]))

    assert loaded.used == 1


class TestRegularHours:
    """Only rows from the open to the close of their session take part, unless all are wanted."""

    def test_the_open_and_the_close_are_inside(self, tmp_path: Path) -> None:
        close = 6.5 * 3600
        rows = [a_quote(seconds) for seconds in (-1, 0, close, close + 1)]

        loaded = quotes_of(parquet(tmp_path, rows))

        assert loaded.tapes["IBM"].ts.tolist() == [ns(0), ns(close)]
        assert (loaded.used, loaded.outside_hours) == (2, 2)

    def test_all_hours_keep_every_row(self, tmp_path: Path) -> None:
        path = parquet(tmp_path, [a_quote(-3600), a_quote(0)])

        assert quotes_of(path, regular_hours=False).used == 2

    def test_a_weekend_has_no_regular_hours(self, tmp_path: Path) -> None:
        path = parquet(tmp_path, [a_quote(-2 * 86_400), a_quote(0)])

        assert quotes_of(path).tapes["IBM"].ts.tolist() == [ns(0)]

    def test_a_half_day_ends_early(self, tmp_path: Path) -> None:
        rows = [
            "2015-12-24T18:00:00Z,GOOG,748,749,100,100",
            "2015-12-24T18:00:01Z,GOOG,748,749,100,100",
        ]

        assert quotes_of(quote_csv(tmp_path, *rows)).used == 1

    def test_the_clock_change_moves_the_hours(self, tmp_path: Path) -> None:
        rows = [
            "2008-03-07T14:00:00Z,SHY,84,84.01,1,1",
            "2008-03-10T14:00:00Z,SHY,84,84.01,1,1",
        ]

        tape = quotes_of(quote_csv(tmp_path, *rows)).tapes["SHY"]

        assert tape.quote(0).ts == at().replace(year=2008, month=3, day=10, hour=14, minute=0)

    def test_nothing_inside_says_how_to_take_all(self, tmp_path: Path) -> None:
        path = parquet(tmp_path, [a_quote(-3600)])

        with pytest.raises(DataError, match=r"none of the 1 good rows .* --session all"):
            quotes_of(path)


class TestTicks:
    """A recording of every change shows states that bars never show."""

    def test_equal_times_keep_the_order_of_the_file(self, tmp_path: Path) -> None:
        bids = [181.7, 181.5, 181.6]

        tape = quotes_of(parquet(tmp_path, [a_tick(1, bid_price=bid) for bid in bids])).tapes["IBM"]

        assert tape.bid.tolist() == [round(bid * 10**8) for bid in bids]

    def test_rows_that_differ_only_in_their_venue_are_two_events(self, tmp_path: Path) -> None:
        path = parquet(tmp_path, [a_tick(1), a_tick(1, bid_exch="Z")])

        assert quotes_of(path).used == 2

    def test_a_state_that_returns_within_its_millisecond_is_an_event(self, tmp_path: Path) -> None:
        path = parquet(tmp_path, [a_tick(1), a_tick(1, bid_size=300), a_tick(1)])

        assert quotes_of(path).used == 3

    def test_an_exact_repeat_is_a_duplicate(self, tmp_path: Path) -> None:
        path = parquet(tmp_path, [a_tick(1), a_tick(1)])

        with pytest.raises(DataError, match="row 2: the row repeats the row before"):
            quotes_of(path)

    def test_a_crossed_tick_is_kept_and_remarked(self, tmp_path: Path) -> None:
        report = skipping()
        path = parquet(tmp_path, [a_tick(1), a_tick(2, bid_price=182.0)])

        loaded = quotes_of(path, report=report)

        assert loaded.used == 2
        assert (report.total, report.remarks) == (0, {"crossed": 1})

    def test_a_declared_resolution_is_enough(self, tmp_path: Path) -> None:
        path = parquet(tmp_path, [a_quote(1, res="tick"), a_quote(1, res="tick", bid_price=182.0)])

        assert quotes_of(path).tapes["IBM"].resolution is Resolution.TICK

    def test_many_rows_within_seconds_show_that_they_are_ticks(self, tmp_path: Path) -> None:
        rows = [a_quote(number / 10, bid_price=182.0) for number in range(100)]

        assert quotes_of(parquet(tmp_path, rows)).resolution == {"IBM": Resolution.TICK}

    def test_a_few_rows_within_a_second_prove_nothing(self, tmp_path: Path) -> None:
        rows = [a_quote(number / 10, bid_price=182.0) for number in range(99)]

        with pytest.raises(DataError, match=r"row 1: bid_price 182\.0 is above ask_price 181\.9"):
            quotes_of(parquet(tmp_path, rows))


class TestRounding:
    """Numbers with finer digits than are kept come from somebody's arithmetic."""

    def test_the_noise_of_floats_is_rounded_off_and_counted(self, tmp_path: Path) -> None:
        report = skipping()
        noisy = a_quote(1, bid_price=180.04000000000002, ask_price=180.05000000000001)
        path = parquet(tmp_path, [noisy, a_quote(2, bid_size=100.00000000000001), a_quote(3)])

        loaded = quotes_of(path, report=report)

        tape = loaded.tapes["IBM"]
        assert tape.bid.tolist() == [18_004_000_000, 18_169_000_000, 18_169_000_000]
        assert tape.bid_size.tolist() == [200_000_000, 100_000_000, 200_000_000]
        assert (report.total, report.remarks) == (0, {"rounded": 2})

    @pytest.mark.parametrize(
        ("written", "units"),
        [
            ("180.04000000000002", 18_004_000_000),
            ("181.123456784999999", 18_112_345_678),
            ("181.123456785", 18_112_345_678),
            ("181.123456795", 18_112_345_680),
            ("181.1234567850000000001", 18_112_345_679),
            ("5e-9", None),
            ("5.1e-9", 1),
        ],
    )
    def test_a_text_goes_to_the_nearest_of_eight_decimals(
        self, tmp_path: Path, written: str, units: int | None
    ) -> None:
        report = skipping()
        row = f"2013-10-07T13:30:02Z,IBM,{written},181.9,200,100"

        loaded = quotes_of(quote_csv(tmp_path, GOOD, row), report=report)

        assert loaded.tapes["IBM"].bid.tolist()[1:] == ([] if units is None else [units])
        assert report.remarks == ({} if units is None else {"rounded": 1})

    def test_a_narrow_float_is_the_number_of_its_shortest_text(self, tmp_path: Path) -> None:
        path = tmp_path / "file.parquet"
        frame = pl.DataFrame([a_quote(1, bid_price=180.04)])
        frame.with_columns(pl.col("bid_price").cast(pl.Float32)).write_parquet(path)
        report = skipping()

        assert quotes_of(path, report=report).tapes["IBM"].bid.tolist() == [18_004_000_000]
        assert report.remarks == {}

    def test_a_bad_row_is_not_counted_as_rounded(self, tmp_path: Path) -> None:
        report = skipping()
        rows = [GOOD, "2013-10-07T13:30:02Z,IBM,180.04000000000002,181,-1,1"]

        quotes_of(quote_csv(tmp_path, *rows), report=report)

        assert (report.counts, report.remarks) == ({"negative": 1}, {})


class TestResolution:
    """How finely a day was recorded decides how old its quotes may be."""

    @pytest.mark.parametrize(
        ("gap", "expected"),
        [(1, Resolution.SECOND), (59, Resolution.SECOND), (60, Resolution.MINUTE)],
    )
    def test_it_is_read_from_the_spacing(
        self, tmp_path: Path, gap: int, expected: Resolution
    ) -> None:
        path = parquet(tmp_path, [a_quote(number * gap) for number in range(5)])

        assert quotes_of(path).resolution == {"IBM": expected}

    def test_a_single_row_counts_as_a_second(self, tmp_path: Path) -> None:
        assert quotes_of(parquet(tmp_path, [a_quote(1)])).resolution == {"IBM": Resolution.SECOND}

    def test_an_unknown_word_is_no_answer(self, tmp_path: Path) -> None:
        path = parquet(tmp_path, [a_quote(number * 60, res="5m") for number in range(3)])

        assert quotes_of(path).resolution == {"IBM": Resolution.MINUTE}

    def test_every_stretch_keeps_its_own(self, tmp_path: Path) -> None:
        rows = [a_quote(0, res="1m"), a_quote(60, res="1m"), a_quote(61, res="1s")]

        tape = quotes_of(parquet(tmp_path, rows)).tapes["IBM"]

        assert [span.start for span in tape.spans] == [ns(0), ns(61)]
        assert tape.resolution is Resolution.MINUTE
        assert [tape.resolution_at(ns(t)) for t in (-9, 0, 60.5, 61, 999)] == [
            Resolution.MINUTE,
            Resolution.MINUTE,
            Resolution.MINUTE,
            Resolution.SECOND,
            Resolution.SECOND,
        ]


class TestSeveralFiles:
    """Days of one symbol may come in any number of files, in any order."""

    def test_days_are_put_in_order(self, tmp_path: Path) -> None:
        later = parquet(tmp_path, [a_quote(86_400)], "later.parquet")
        earlier = parquet(tmp_path, [a_quote(0)], "earlier.parquet")

        loaded = quotes_of(later, earlier)

        assert loaded.tapes["IBM"].ts.tolist() == [ns(0), ns(86_400)]
        assert (loaded.rows, loaded.used) == (2, 2)

    def test_a_day_of_one_file_may_lie_between_days_of_another(self, tmp_path: Path) -> None:
        outer = [a_quote(0, bid_price=180.0), a_quote(2 * 86_400, bid_price=182.0, ask_price=183)]
        first = parquet(tmp_path, outer, "outer.parquet")
        second = parquet(tmp_path, [a_quote(86_400, bid_price=181.0)], "inner.parquet")

        tape = quotes_of(first, second).tapes["IBM"]

        assert tape.ts.tolist() == [ns(0), ns(86_400), ns(2 * 86_400)]
        assert tape.bid.tolist() == [18_000_000_000, 18_100_000_000, 18_200_000_000]

    def test_overlapping_times_name_both_files(self, tmp_path: Path) -> None:
        one = parquet(tmp_path, [a_quote(0), a_quote(10)], "one.parquet")
        two = parquet(tmp_path, [a_quote(5), a_quote(15)], "two.parquet")

        with pytest.raises(DataError, match=r"two.parquet: IBM has rows .* in .*one.parquet"):
            quotes_of(one, two)

    def test_the_same_file_twice_overlaps(self, tmp_path: Path) -> None:
        path = parquet(tmp_path, [a_quote(0)])

        with pytest.raises(DataError, match="overlapping"):
            quotes_of(path, path)

    def test_no_file_at_all_is_an_error(self) -> None:
        with pytest.raises(DataError, match="no usable quote"):
            quotes_of()


def test_a_tape_knows_its_length_and_is_sorted(tmp_path: Path) -> None:
    tape = quotes_of(parquet(tmp_path, [a_quote(n) for n in range(7)])).tapes["IBM"]

    assert len(tape) == 7
    assert bool((np.diff(tape.ts) > 0).all())


def test_a_zone_with_an_odd_offset_is_converted(tmp_path: Path) -> None:
    kathmandu = at(1).astimezone(timezone(timedelta(hours=5, minutes=45)))

    tape = quotes_of(
        quote_csv(tmp_path, GOOD.replace("2013-10-07T13:30:01Z", kathmandu.isoformat()))
    )

    assert tape.tapes["IBM"].ts[0] == ns(1)
