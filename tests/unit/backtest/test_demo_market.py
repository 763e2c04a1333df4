"""The demo's market: real days kept exactly, everything between them modelled and seeded."""

import sys
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.backtest import demo_market
from fillpath.backtest.demo_market import (
    MODELLED,
    SYMBOLS,
    DemoMarket,
    daily_prices,
    day_path,
    model_market,
)
from fillpath.core.errors import ConfigError
from fillpath.core.models import Bar
from fillpath.core.units import PRICE_SCALE, QUANTITY_SCALE, moment

SECONDS = 23_400


def _market(seed: int = 1, days: int = 2) -> DemoMarket:
    return model_market(np.random.default_rng(seed), days=days)


def test_the_days_are_the_recorded_ones() -> None:
    prices = daily_prices("AAPL")

    last = prices.bars[-1]
    assert prices.sessions[-1].date == date(2013, 3, 1)
    assert (last.open, last.high) == (Decimal("438.0"), Decimal("438.1799"))
    assert (last.low, last.close) == (Decimal("429.98"), Decimal("430.47"))
    assert last.volume == 19_730_300
    assert last.ts_end == moment(prices.sessions[-1].close_ns)


def test_the_average_volume_is_that_of_the_twenty_sessions_before() -> None:
    prices = daily_prices("IBM")
    before = [int(bar.volume) for bar in prices.bars[-21:-1]]

    adv = prices.adv(date(2013, 3, 1))

    assert adv == sum(before) * QUANTITY_SCALE // 20


def test_too_few_sessions_give_no_average_volume() -> None:
    prices = daily_prices("FB")

    assert prices.adv(prices.sessions[19].date) is None
    assert prices.adv(prices.sessions[20].date) is not None
    assert _market().adv("XYZ", date(2013, 3, 1)) is None
    assert _market().adv("FB", date(2013, 3, 1)) is not None


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_path_touches_all_four_real_prices_and_never_leaves_them(symbol: str) -> None:
    generator = np.random.default_rng(3)
    for bar in daily_prices(symbol).bars[-20:]:
        path = day_path(generator, bar, SECONDS)

        assert path[0] == bar.open * PRICE_SCALE
        assert path[-1] == bar.close * PRICE_SCALE
        assert path.max() == bar.high * PRICE_SCALE
        assert path.min() == bar.low * PRICE_SCALE


def _cents(value: int) -> Decimal:
    return Decimal(value) / 100


@given(
    prices=st.lists(st.integers(500, 600), min_size=4, max_size=4).map(sorted),
    mirrored=st.booleans(),
    seconds=st.integers(3, 4_000),
    seed=st.integers(0, 1_000),
)
def test_every_possible_day_has_a_path(
    prices: list[int], seconds: int, seed: int, *, mirrored: bool
) -> None:
    low, first, last, high = prices
    opened, closed = (last, first) if mirrored else (first, last)
    bar = Bar(
        symbol="X",
        ts=moment(0),
        ts_end=moment(1_000_000_000),
        open=_cents(opened),
        high=_cents(high),
        low=_cents(low),
        close=_cents(closed),
    )

    path = day_path(np.random.default_rng(seed), bar, seconds)

    cent = PRICE_SCALE // 100
    assert (path[0], path[-1]) == (opened * cent, closed * cent)
    assert (path.min(), path.max()) == (low * cent, high * cent)


def test_the_same_seed_gives_the_same_market_and_another_seed_another() -> None:
    first, again, other = _market(1), _market(1), _market(2)

    assert np.array_equal(first.tapes["FB"].bid, again.tapes["FB"].bid)
    assert np.array_equal(first.tapes["FB"].ts, again.tapes["FB"].ts)
    assert not np.array_equal(first.tapes["FB"].bid, other.tapes["FB"].bid)


def test_quotes_come_once_a_second_in_order_inside_the_session() -> None:
    market = _market()
    for tape in market.tapes.values():
        assert len(tape) == 2 * (SECONDS + 1)
        assert (np.diff(tape.ts) > 0).all()
        assert tape.ts[0] == market.sessions[0].open_ns
        assert tape.ts[-1] == market.sessions[-1].close_ns


def test_every_quote_is_usable_and_in_whole_cents() -> None:
    cent = PRICE_SCALE // 100
    for tape in _market().tapes.values():
        assert (tape.bid > 0).all()
        assert (tape.bid < tape.ask).all()
        assert not (tape.bid % cent).any()
        assert not (tape.ask % cent).any()
        assert (tape.bid_size >= 100 * QUANTITY_SCALE).all()
        assert (tape.ask_size % (100 * QUANTITY_SCALE) == 0).all()


def test_nobody_bids_above_the_real_high_or_asks_below_the_real_low() -> None:
    market = _market(days=1)
    for symbol, tape in market.tapes.items():
        bar = market.daily[symbol].bars[-1]

        assert tape.bid.max() <= bar.high * PRICE_SCALE
        assert tape.ask.min() >= bar.low * PRICE_SCALE


def test_spreads_are_mostly_narrow_and_sometimes_wide() -> None:
    for tape in _market(days=5).tapes.values():
        bps = (tape.ask - tape.bid) / (tape.ask + tape.bid) * 20_000

        assert np.median(bps) < 5
        assert 0.005 < (bps > 20).mean() < 0.05


def test_arrays_are_the_plain_integers_that_a_replay_reads() -> None:
    tape = _market().tapes["GOOG"]

    for column in (tape.ts, tape.bid, tape.ask, tape.bid_size, tape.ask_size):
        assert column.dtype == np.int64
        assert column.flags.c_contiguous


def test_what_is_modelled_is_said() -> None:
    assert _market(days=1).note == MODELLED
    assert "modelled" in MODELLED


@pytest.mark.parametrize("days", [0, 101])
def test_an_impossible_number_of_days_is_refused(days: int) -> None:
    with pytest.raises(ConfigError, match=f"1 to 100 days, got {days}"):
        model_market(np.random.default_rng(1), days=days)


def test_an_unknown_symbol_is_refused() -> None:
    with pytest.raises(ConfigError, match="knows AAPL, FB, GOOG, IBM, MSFT, got 'TSLA'"):
        daily_prices("TSLA")


def test_without_the_package_the_demo_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bokeh_sampledata.stocks", None)
    demo_market.daily_prices.cache_clear()

    with pytest.raises(ConfigError, match=r"pip install 'fillpath\[demo\]'"):
        daily_prices("IBM")
