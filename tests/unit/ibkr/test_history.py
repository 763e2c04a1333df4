"""Historical bars: paced requests, whole sessions, and an average that is one."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.errors import ModelError, Refused
from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.heard import BarShown
from fillpath.ibkr.history import (
    DayBar,
    HistoryPace,
    average_volume,
    day_of,
    days_of,
    minutes_of,
    moment_of,
)
from fillpath.testing.builders import START_NS

FAR = date(2030, 1, 1)


def bar(stamp: str = "20260302", **changes: Any) -> BarShown:
    fields: dict[str, Any] = {
        "request": 1,
        "stamp": stamp,
        "open": Decimal(100),
        "high": Decimal(102),
        "low": Decimal(99),
        "close": Decimal(101),
        "volume": Decimal(1_000),
    }
    return BarShown(**(fields | changes))


def sessions(count: int, volume: Decimal = Decimal(1_000)) -> list[DayBar]:
    shown = [bar(f"202601{day:02}", volume=volume) for day in range(1, count + 1)]
    return days_of(shown, FAR)


class TestDays:
    def test_days_come_oldest_first_and_once(self) -> None:
        shown = [bar("20260303"), bar("20260302"), bar("20260303", close=Decimal(100))]

        days = days_of(shown, FAR)

        assert [day.day for day in days] == [date(2026, 3, 2), date(2026, 3, 3)]
        assert days[1].close == Decimal(100)

    def test_the_day_that_still_runs_is_no_session(self) -> None:
        assert days_of([bar("20260302")], before=date(2026, 3, 2)) == []

    @pytest.mark.fault("F-83")
    @pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume"])
    def test_a_bar_that_lacks_a_number_counts_for_no_session(self, name: str) -> None:
        assert days_of([replace(bar(), **{name: None})], FAR) == []

    def test_a_bar_whose_close_lies_outside_it_counts_for_none(self) -> None:
        assert days_of([bar(close=Decimal(103))], FAR) == []

    @pytest.mark.parametrize("stamp", ["", "x", "2026-03-02", "20261399"])
    def test_a_day_that_cannot_be_read_is_refused(self, stamp: str) -> None:
        with pytest.raises(ModelError, match="a bar's day must be like 20260302"):
            day_of(stamp)


class TestAverage:
    def test_twenty_sessions_make_an_average(self) -> None:
        assert average_volume("AAPL", sessions(20)) == Decimal(1_000)

    def test_only_the_last_twenty_count(self) -> None:
        days = [*sessions(1, Decimal(10**9)), *sessions(20)]

        assert average_volume("AAPL", days) == Decimal(1_000)

    @pytest.mark.fault("F-83")
    def test_nineteen_sessions_are_too_few(self) -> None:
        with pytest.raises(Refused, match="AAPL has 19 daily bars, 20 are needed"):
            average_volume("AAPL", sessions(19))

    @pytest.mark.fault("F-83")
    def test_sessions_without_a_trade_are_no_average(self) -> None:
        with pytest.raises(Refused, match="AAPL did not trade in 20 sessions"):
            average_volume("AAPL", sessions(20, Decimal(0)))


class TestMinutes:
    def test_minutes_come_oldest_first_in_utc(self) -> None:
        shown = [bar("20260302 09:31:00 US/Eastern"), bar("20260302 09:30:00 US/Eastern")]

        minutes = minutes_of(shown)

        assert [minute.at for minute in minutes] == [
            datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
            datetime(2026, 3, 2, 14, 31, tzinfo=UTC),
        ]

    def test_a_minute_that_cannot_be_is_left_out(self) -> None:
        assert minutes_of([bar("1772461800", low=Decimal(101))]) == []

    def test_seconds_since_1970_are_a_time(self) -> None:
        assert moment_of("1772461800") == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)

    @pytest.mark.parametrize(
        "stamp",
        [
            "20260302",
            "20260302 09:30:00",
            "20260302 09:30:00 Mars/Base",
            "9" * 30,
            "20260302 x US/Eastern",
        ],
    )
    def test_a_time_without_its_zone_is_refused(self, stamp: str) -> None:
        with pytest.raises(ModelError, match="a bar's time must be seconds, or a time with zone"):
            moment_of(stamp)


class TestPace:
    def paced(self, count: int, step: int, *, contract: str = "") -> HistoryPace:
        pace = HistoryPace()
        for number in range(count):
            name = contract or f"c{number}"
            pace.take(name, f"{name}-{number}", START_NS + number * step)
        return pace

    def test_a_first_request_leaves_at_once(self) -> None:
        assert HistoryPace().wait("AAPL", "AAPL-1", START_NS) == 0

    def test_the_same_request_waits_longer_than_fifteen_seconds(self) -> None:
        pace = self.paced(1, 1, contract="AAPL")

        assert pace.wait("AAPL", "AAPL-0", START_NS + NANOSECONDS) == 15 * NANOSECONDS
        assert pace.wait("AAPL", "AAPL-0", START_NS + 16 * NANOSECONDS) == 0

    def test_a_sixth_request_for_a_contract_waits_two_seconds(self) -> None:
        pace = self.paced(5, 1, contract="AAPL")

        assert pace.wait("AAPL", "AAPL-5", START_NS) == 2 * NANOSECONDS
        assert pace.wait("MSFT", "MSFT-1", START_NS) == 0

    @pytest.mark.fault("F-56")
    def test_ten_minutes_take_fewer_than_sixty(self) -> None:
        pace = self.paced(55, NANOSECONDS)

        assert pace.wait("X", "X", START_NS + 54 * NANOSECONDS) == 546 * NANOSECONDS
        assert pace.wait("X", "X", START_NS + 600 * NANOSECONDS) == 0
