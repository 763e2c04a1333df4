"""Auctions: an order is refused too late with the time, by the cut-off of its exchange."""

from datetime import UTC, datetime
from typing import Final

import pytest

from fillpath.core.auctions import Day, auction_problem, cut_off
from fillpath.core.destinations import AtClose, AtOpen
from fillpath.core.units import NANOSECONDS, nanoseconds

DAY: Final = Day(
    nanoseconds(datetime(2026, 11, 23, 14, 30, tzinfo=UTC)),
    nanoseconds(datetime(2026, 11, 23, 21, 0, tzinfo=UTC)),
)
HALF_DAY: Final = Day(DAY.opens_at, nanoseconds(datetime(2026, 11, 27, 18, 0, tzinfo=UTC)))


def utc(text: str) -> int:
    return nanoseconds(datetime.fromisoformat(f"2026-11-{text}+00:00"))


@pytest.mark.parametrize(
    ("exchange", "last"),
    [
        ("NYSE", "23T20:44:30"),
        ("AMEX", "23T20:44:30"),
        ("ARCA", "23T20:44:30"),
        ("NASDAQ", "23T20:49:30"),
        ("BATS", "23T20:44:30"),
        ("", "23T20:44:30"),
    ],
)
def test_the_close_has_the_cut_off_of_its_exchange(exchange: str, last: str) -> None:
    assert cut_off(AtClose(), DAY, exchange) == utc(last)
    assert auction_problem(AtClose(), DAY, utc(last), exchange) is None
    late = auction_problem(AtClose(), DAY, utc(last) + 1, exchange)
    assert late is not None
    assert late.code == "AUCTION_TOO_LATE"


def test_a_half_day_has_its_own() -> None:
    assert cut_off(AtClose(), HALF_DAY, "NYSE") == utc("27T17:44:30")


def test_the_open_has_one_for_all() -> None:
    assert cut_off(AtOpen(), DAY, "NASDAQ") == cut_off(AtOpen(), DAY) == utc("23T14:27:30")
    assert auction_problem(AtOpen(), DAY, utc("23T14:27:30")) is None


def test_the_refusal_says_both_times() -> None:
    late = auction_problem(AtOpen(), DAY, utc("23T14:28:00"))

    assert late is not None
    assert late.text == (
        "an order for the open must be sent by 2026-11-23T14:27:30Z, it is 2026-11-23T14:28:00Z"
    )


@pytest.mark.parametrize(("auction", "name"), [(AtClose(), "close"), (AtOpen(), "open")])
def test_without_a_known_session_there_is_no_auction(auction: AtClose | AtOpen, name: str) -> None:
    unknown = auction_problem(auction, Day(0, 0), NANOSECONDS)

    assert unknown is not None
    assert (unknown.code, unknown.text) == (
        "AUCTION_UNKNOWN",
        f"the time of the {name} is not known",
    )
