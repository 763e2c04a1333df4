"""There are only so many lines to the market, and what is held comes first."""

from fillpath.ibkr.places import Placed, Places


def full() -> Places:
    places = Places(most=2, least_ns=10)
    places.want("AAPL", 0)
    places.want("MSFT", 5)
    return places


def test_lines_are_given_out_until_none_is_left() -> None:
    assert list(full().symbols) == ["AAPL", "MSFT"]
    assert full().want("NVDA", 9) == Placed(
        refused="all 2 lines to the market are in use, NVDA gets none"
    )


def test_the_line_wished_for_longest_ago_is_given_away() -> None:
    places = full()

    assert places.want("NVDA", 10) == Placed(freed="AAPL")
    assert list(places.symbols) == ["MSFT", "NVDA"]


def test_a_wish_that_is_repeated_keeps_its_line() -> None:
    places = full()
    places.want("AAPL", 6)

    assert places.want("NVDA", 15) == Placed(freed="MSFT")


def test_what_is_held_never_loses_its_line() -> None:
    places = full()
    places.keep({"AAPL", "MSFT"})

    assert places.want("NVDA", 100).refused


def test_what_is_held_takes_a_line_at_once() -> None:
    places = full()
    places.keep({"AAPL", "NVDA"})

    assert places.want("NVDA", 5) == Placed(freed="MSFT")
