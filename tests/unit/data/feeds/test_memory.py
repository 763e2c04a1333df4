"""The memory feed beyond its contract: the market in exact integers, marks and watches."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import ModelError
from fillpath.core.events import MarketView
from fillpath.core.holdings import Holding
from fillpath.core.units import MONEY_SCALE, PRICE_SCALE, QUANTITY_SCALE, Number
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.testing.builders import START_NS, a_quote


def test_the_view_is_the_quote_in_exact_integers() -> None:
    feed = MemoryFeed()
    feed.set_adv("AAPL", 1_000_000)

    feed.set_quote(a_quote("149.99", "150.0101", bid_size=300, ask_size="12.5"))

    assert feed.view("AAPL") == MarketView(
        bid=14_999_000_000,
        ask=15_001_010_000,
        bid_size=300 * QUANTITY_SCALE,
        ask_size=12_500_000,
        quote_at=START_NS,
        adv=1_000_000 * QUANTITY_SCALE,
    )


def test_a_symbol_never_seen_has_an_empty_view() -> None:
    assert MemoryFeed().view("AAPL") == MarketView()


def test_a_view_is_made_once_for_each_quote() -> None:
    feed = MemoryFeed()
    feed.set_quote(a_quote())

    assert feed.view("AAPL") is feed.view("AAPL")


def test_what_is_missing_in_the_quote_is_none_in_the_view() -> None:
    feed = MemoryFeed()

    feed.set_quote(a_quote(None, "150.01", ts=None))

    view = feed.view("AAPL")
    assert (view.bid, view.ask, view.quote_at, view.adv) == (None, 15_001_000_000, None, None)


def test_a_volume_that_comes_later_shows_in_the_view() -> None:
    feed = MemoryFeed()
    feed.set_quote(a_quote())

    feed.set_adv("AAPL", 2_000)

    assert feed.view("AAPL").adv == 2_000 * QUANTITY_SCALE
    assert feed.view("AAPL").bid == 14_999_000_000


def test_a_volume_without_a_quote_shows_in_the_view() -> None:
    feed = MemoryFeed()

    feed.set_adv("AAPL", 2_000)

    assert feed.view("AAPL") == MarketView(adv=2_000 * QUANTITY_SCALE)


def test_an_average_with_endless_decimals_is_cut_to_a_millionth_of_a_share() -> None:
    feed = MemoryFeed()

    feed.set_adv("AAPL", Decimal(100) / 3)

    assert feed.view("AAPL").adv == 33_333_333


@pytest.mark.parametrize("shares", [0, -1, float("nan"), "many"])
def test_a_volume_that_cannot_be_is_refused(shares: Number) -> None:
    feed = MemoryFeed()

    with pytest.raises(ModelError, match="shares must be"):
        feed.set_adv("AAPL", shares)

    assert feed.view("AAPL") == MarketView()


def test_a_volume_of_something_that_is_no_symbol_is_refused() -> None:
    with pytest.raises(ModelError, match="symbol must be"):
        MemoryFeed().set_adv("aapl", 1_000)


def test_a_quote_that_cannot_be_exact_is_refused_and_changes_nothing() -> None:
    feed, quote = MemoryFeed(), a_quote()
    feed.set_quote(quote)

    with pytest.raises(ModelError, match="at most 8 decimals"):
        feed.set_quote(a_quote("149.123456789", "150.01"))

    assert feed.last_quote("AAPL") == quote


@pytest.mark.parametrize(
    ("bid", "ask", "mark"),
    [
        pytest.param("149.99", "150.01", 150 * PRICE_SCALE, id="mid"),
        pytest.param("150.01", "150.01", 15_001_000_000, id="locked: still a mid"),
        pytest.param("0.00000001", "0.00000002", 1, id="half a unit is rounded down"),
        pytest.param("140.00", None, 100 * PRICE_SCALE, id="one-sided: the mark before"),
        pytest.param(None, "140.00", 100 * PRICE_SCALE, id="one-sided: the mark before"),
        pytest.param("140.02", "140.00", 100 * PRICE_SCALE, id="crossed: the mark before"),
    ],
)
def test_the_mark_is_the_mid_of_the_last_sane_quote(
    bid: str | None, ask: str | None, mark: int
) -> None:
    feed = MemoryFeed()
    feed.set_quote(a_quote("99.99", "100.01"))

    feed.set_quote(a_quote(bid, ask))

    assert feed.mark("AAPL") == mark


def test_a_symbol_never_quoted_on_both_sides_has_no_mark() -> None:
    feed = MemoryFeed()

    feed.set_quote(a_quote(None, "150.01"))

    assert feed.mark("AAPL") is None


def test_longs_and_shorts_are_valued_apart_and_at_cost_without_a_mark() -> None:
    feed = MemoryFeed()
    feed.set_quote(a_quote("149.99", "150.01"))
    feed.set_quote(a_quote("419.98", "420.02", symbol="MSFT"))
    shares = QUANTITY_SCALE

    values = feed.values(
        {
            "AAPL": Holding(10 * shares, 1),
            "MSFT": Holding(-2 * shares, -1),
            "GOOG": Holding(1 * shares, 7 * MONEY_SCALE),
            "IBM": Holding(-1 * shares, -9 * MONEY_SCALE),
            "SPY": Holding(),
        }
    )

    assert values == ((1_500 + 7) * MONEY_SCALE, (840 + 9) * MONEY_SCALE)


def test_every_subscriber_hears_of_every_quote_after_it_is_there() -> None:
    feed = MemoryFeed()
    heard: list[tuple[str, int | None]] = []
    for name in ("first", "second"):
        feed.subscribe(lambda symbol, name=name: heard.append((name, feed.view(symbol).bid)))  # type: ignore[misc]

    feed.set_quote(a_quote("149.99"))

    assert heard == [("first", 14_999_000_000), ("second", 14_999_000_000)]


def test_a_watch_is_answered_once_and_by_a_usable_quote_only() -> None:
    feed = MemoryFeed()
    feed.watch("AAPL")
    unquoted = feed.take_watch("AAPL")
    feed.set_quote(a_quote("150.02", "150.00"))
    crossed = feed.take_watch("AAPL")
    feed.set_quote(a_quote())

    answers = [feed.take_watch("AAPL"), feed.take_watch("AAPL")]

    assert (unquoted, crossed, answers) == (False, False, [True, False])


def test_what_is_not_watched_is_not_answered() -> None:
    feed = MemoryFeed()
    feed.set_quote(a_quote())

    assert feed.take_watch("AAPL") is False


@given(
    bid=st.integers(1, 10**14),
    spread=st.integers(0, 10**10),
)
def test_the_mark_lies_between_bid_and_ask(bid: int, spread: int) -> None:
    feed = MemoryFeed()

    feed.set_quote(a_quote(Decimal(bid).scaleb(-8), Decimal(bid + spread).scaleb(-8)))

    mark = feed.mark("AAPL")
    assert mark is not None
    assert bid <= mark <= bid + spread
