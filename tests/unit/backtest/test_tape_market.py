"""Recorded columns behind a moving now: what is known is exact, and the future cannot be seen."""

from decimal import Decimal

import numpy as np
import pytest

from fillpath.backtest.reaching import Bands
from fillpath.backtest.tape_market import TapeMarket
from fillpath.core.events import MarketView
from fillpath.core.holdings import Holding
from fillpath.core.units import moment
from tests.unit.backtest.tapes import Row, a_tape, at
from tests.unit.execution.desk.scene import money, price, shares

ROWS: list[Row] = [
    (1, "149.99", "150.01"),
    (2, "150.01", "150.03"),
    (2, "150.02", "150.04"),
    (5, "", "150.06"),
    (6, "150.10", "150.08"),
    (9, "151.00", "151.02"),
]


def market(now: float, rows: list[Row] | None = None) -> TapeMarket:
    """Return the market of AAPL at so many seconds after the open."""
    found = TapeMarket([a_tape(ROWS if rows is None else rows)])
    found.now = at(now)
    return found


@pytest.mark.parametrize(
    ("now", "bid", "ask", "seen"),
    [
        pytest.param(1, "149.99", "150.01", 1, id="at its very moment"),
        pytest.param(1.999999, "149.99", "150.01", 1, id="until the next"),
        pytest.param(2, "150.02", "150.04", 2, id="the last of one moment"),
        pytest.param(5, None, "150.06", 5, id="one side missing"),
        pytest.param(6, "150.10", "150.08", 6, id="crossed, as it came"),
        pytest.param(100, "151.00", "151.02", 9, id="after the last"),
    ],
)
def test_the_view_is_the_last_quote_known_now(
    now: float, bid: str | None, ask: str | None, seen: float
) -> None:
    view = market(now).view("AAPL")

    assert view.bid == (None if bid is None else price(bid))
    assert view.ask == (None if ask is None else price(ask))
    assert view.quote_at == at(seen)
    assert (view.bid_size, view.ask_size) == (shares(1_000), shares(1_000))
    assert (view.adv, view.long_value, view.short_value) == (None, 0, 0)


def test_before_the_first_quote_nothing_is_known() -> None:
    early = market(0.999999)

    assert early.view("AAPL") == MarketView()
    assert early.mark("AAPL") is None
    assert early.last_quote("AAPL") is None


def test_an_unknown_symbol_is_unknown() -> None:
    later = market(100)

    assert later.view("MSFT") == MarketView()
    assert later.mark("MSFT") is None
    assert later.last_quote("MSFT") is None
    assert later.next_usable("MSFT") is None


def test_the_view_is_one_object_until_it_changes() -> None:
    seen = market(1)
    first = seen.view("AAPL")
    seen.now = at(1.5)
    same = seen.view("AAPL")
    seen.now = at(2)

    other = seen.view("AAPL")

    assert same is first
    assert other is not first


@pytest.mark.parametrize(
    ("now", "mark"),
    [
        pytest.param(1, "150", id="the mid"),
        pytest.param(2, "150.03", id="of the last quote"),
        pytest.param(5, "150.03", id="not of one side"),
        pytest.param(6, "150.03", id="not of a crossed quote"),
        pytest.param(9, "151.01", id="of the next good one"),
    ],
)
def test_the_mark_is_the_last_good_mid(now: float, mark: str) -> None:
    assert market(now).mark("AAPL") == price(mark)


def test_a_tape_without_a_usable_quote_has_no_mark() -> None:
    broken = market(5, [(1, "", "150.01"), (2, "150.02", "150.01")])

    assert broken.mark("AAPL") is None
    assert broken.values({"AAPL": Holding(shares(1), money(7))}) == (money(7), 0)


def test_marks_are_the_same_step_by_step() -> None:
    """However often one looks in between."""
    seen = market(0)
    marks = []
    for now in (1, 2, 3, 5, 6, 7, 9, 12):
        seen.now = at(now)
        marks.append(seen.mark("AAPL"))

    assert marks == [market(now).mark("AAPL") for now in (1, 2, 3, 5, 6, 7, 9, 12)]


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 1_000])
@pytest.mark.parametrize("stride", [1, 7, 300, 5_000])
def test_however_far_one_jumps_the_right_row_is_found(size: int, stride: int) -> None:
    tape = a_tape([(float(n), f"{100 + n}.00", f"{100 + n}.02") for n in range(size)])
    seen = TapeMarket([tape])
    for now in range(0, size + stride, stride):
        seen.now = at(now)
        row = int(np.searchsorted(tape.ts, seen.now, side="right")) - 1

        assert seen.view("AAPL").bid == int(tape.bid[row])


def test_the_daily_volume_shows_at_once() -> None:
    seen = market(1)
    seen.view("AAPL")

    seen.cursors["AAPL"].set_adv(shares(50_000))

    assert seen.view("AAPL").adv == shares(50_000)
    assert seen.view("AAPL").bid == price("149.99")


def test_the_daily_volume_shows_before_the_first_quote() -> None:
    seen = market(0)

    seen.cursors["AAPL"].set_adv(shares(50_000))

    assert seen.view("AAPL") == MarketView(adv=shares(50_000))


# The value of what is held.


@pytest.mark.parametrize(
    ("now", "quantity", "cost", "longs", "shorts"),
    [
        pytest.param(1, 100, 14_000, 15_000, 0, id="a long at its mark"),
        pytest.param(1, -100, -14_000, 0, 15_000, id="a short at its mark"),
        pytest.param(0, 100, 14_000, 14_000, 0, id="never quoted, at cost"),
        pytest.param(6, 100, 14_000, 15_003, 0, id="at the last good mark"),
    ],
)
def test_positions_are_worth_their_marks(
    now: float, quantity: int, cost: int, longs: int, shorts: int
) -> None:
    held = {"AAPL": Holding(shares(quantity), money(cost))}

    assert market(now).values(held) == (money(longs), money(shorts))


def test_a_symbol_without_a_tape_counts_at_cost() -> None:
    held = {"MSFT": Holding(shares(5), money(100)), "IBM": Holding(shares(-5), money(-70))}

    assert market(1).values(held) == (money(100), money(70))


def test_longs_and_shorts_are_added_up_apart() -> None:
    held = {
        "AAPL": Holding(shares(100), money(1)),
        "MSFT": Holding(shares(5), money(100)),
        "IBM": Holding(shares(-5), money(-70)),
    }

    assert market(1).values(held) == (money(15_100), money(70))


def test_values_follow_the_market() -> None:
    seen = market(1)
    held = {"AAPL": Holding(shares(100), money(1))}
    worth = []
    for now in (1, 1.5, 2, 5, 6, 9, 9):
        seen.now = at(now)
        worth.append(seen.values(held)[0])

    marks = (150, 150, "150.03", "150.03", "150.03", "151.01", "151.01")
    assert worth == [100 * money(mark) for mark in marks]


# As a feed.


async def test_the_feed_shows_the_last_quote_as_a_model() -> None:
    seen = market(5)

    quote = await seen.get_quote("AAPL")

    assert quote is not None
    assert (quote.bid_price, quote.ask_price) == (None, Decimal("150.06"))
    assert quote.ts == moment(at(5))
    assert quote == seen.last_quote("AAPL")


async def test_the_feed_knows_the_daily_volume_in_shares() -> None:
    seen = market(1)
    before = await seen.get_adv("AAPL")
    seen.cursors["AAPL"].set_adv(shares(50_000))

    assert before is None
    assert await seen.get_adv("AAPL") == 50_000
    assert await seen.get_adv("MSFT") is None


# Looking ahead, for the replay only: when to look again.


def test_watches_are_kept_for_the_replay() -> None:
    seen = market(1)

    seen.watch("AAPL")

    assert seen.watched == ["AAPL"]


@pytest.mark.parametrize(
    ("now", "then"),
    [
        pytest.param(0, 1, id="the first"),
        pytest.param(1, 2, id="the next, never the present one"),
        pytest.param(2, 9, id="past one-sided and crossed ones"),
        pytest.param(9, None, id="none is left"),
    ],
)
def test_the_next_usable_quote_is_found(now: float, then: float | None) -> None:
    assert market(now).next_usable("AAPL") == (None if then is None else at(then))


@pytest.mark.parametrize(
    ("buy", "sell", "then"),
    [
        pytest.param("150.03", None, 2, id="a buy is reached by the ask"),
        pytest.param("150.00", None, None, id="a buy that is never reached"),
        pytest.param(None, "151.00", 9, id="a sell is reached by the bid"),
        pytest.param(None, "151.01", None, id="a sell that is never reached"),
        pytest.param("150.00", "150.05", 6, id="whichever comes first"),
        pytest.param("150.03", "151.00", 2, id="whichever comes first, the buy"),
    ],
)
def test_the_next_crossing_of_a_resting_price_is_found(
    buy: str | None, sell: str | None, then: float | None
) -> None:
    seen = market(1)

    bands = Bands(
        ask_low=None if buy is None else price(buy), bid_high=None if sell is None else price(sell)
    )
    found = seen.next_reaching("AAPL", bands)

    assert found == (None if then is None else at(then))


@pytest.mark.parametrize(
    ("bands", "then"),
    [
        pytest.param(Bands(bid_low=price("150.00")), None, id="a stop that is never reached"),
        pytest.param(Bands(bid_low=price("150.01")), 2, id="a stop is reached by the bid"),
        pytest.param(Bands(ask_high=price("151.02")), 9, id="a buy stop is reached by the ask"),
        pytest.param(Bands(ask_high=price("151.03")), None, id="a buy stop that is never reached"),
        pytest.param(Bands(), None, id="nothing is waited for"),
    ],
)
def test_the_next_quote_that_sets_off_a_stop_is_found(bands: Bands, then: float | None) -> None:
    assert market(1).next_reaching("AAPL", bands) == (None if then is None else at(then))


def test_a_missing_bid_sets_off_no_stop() -> None:
    seen = market(0, [(1, "", "150.01"), (2, "100.00", "150.01")])

    assert seen.next_reaching("AAPL", Bands(bid_low=price(120))) == at(2)


def test_an_unknown_symbol_and_an_empty_tape_reach_nothing() -> None:
    everything = Bands(ask_low=price(200))

    assert market(0).next_reaching("MSFT", everything) is None
    assert market(0, []).next_reaching("AAPL", everything) is None


def test_a_missing_ask_reaches_no_buy() -> None:
    seen = market(0, [(1, "149.99", ""), (2, "149.99", "150.01")])

    assert seen.next_reaching("AAPL", Bands(ask_low=price(200))) == at(2)


@pytest.mark.parametrize("row", [255, 256, 257, 1_279, 1_280, 5_000, 9_999])
def test_a_crossing_is_found_in_whatever_piece_it_lies(row: int) -> None:
    rows: list[Row] = [(float(n), "149.99", "150.01") for n in range(10_000)]
    rows[row] = (float(row), "100.00", "100.02")

    assert market(0, rows).next_reaching("AAPL", Bands(ask_low=price(101))) == at(row)


def test_what_was_found_is_found_again_until_it_has_come() -> None:
    rows: list[Row] = [(float(n), str(100 - n % 7), str(101 + n % 5)) for n in range(60)]
    falls, rises = Bands(bid_low=price(95)), Bands(ask_high=price(105))
    waited = [falls, falls, rises, Bands(ask_high=price(900))]
    seen = market(0, rows)

    found = []
    for second in range(60):
        seen.now = at(second)
        found.append([seen.next_reaching("AAPL", bands) for bands in waited])

    fresh = [market(second, rows) for second in range(60)]
    assert found == [[one.next_reaching("AAPL", bands) for bands in waited] for one in fresh]
