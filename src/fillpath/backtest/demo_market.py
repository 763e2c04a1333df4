"""The demo's market: real daily prices, with a path modelled between them and said to be so.

Open, high, low, close and volume of every day are real (AAPL, GOOG, IBM, MSFT and FB up to
2013-03-01, unadjusted). What happens within a day is not known from them, so it is modelled: a
seeded path that touches all four prices exactly, and a bid and an ask around it. Figures measured
on it show how the engine works, not what trading would have cost.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from fillpath.core.errors import ConfigError
from fillpath.core.models import Bar
from fillpath.core.units import NANOSECONDS, PRICE_SCALE, QUANTITY_SCALE, moment
from fillpath.data.files.quotes import QuoteTape, Resolution, ResolutionSpan
from fillpath.scheduling.calendar import ExchangeCalendar, Session

SYMBOLS: Final = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
DAYS: Final = 5
MODELLED: Final = (
    "The path of prices within each day, its bid and ask and their sizes are modelled between the "
    "real open, high, low and close of that day; volumes are real."
)
ADV_SESSIONS: Final = 20
_HISTORY: Final = 300
_TICK: Final = PRICE_SCALE // 100
_LOT: Final = 100

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class DailyPrices(Struct, frozen=True, kw_only=True):
    """The real days of one symbol, oldest first.

    Args:
        symbol: ticker.
        sessions: the hours of each day.
        bars: open, high, low, close and volume; each known from the close of its day on.
    """

    symbol: str
    sessions: tuple[Session, ...]
    bars: tuple[Bar, ...]

    def adv(self, day: date) -> int | None:
        """Return the average volume of the 20 sessions before ``day``, quantity units rounded down.

        None with fewer sessions than that.
        """
        past = [
            int(bar.volume)
            for session, bar in zip(self.sessions, self.bars, strict=True)
            if session.date < day
        ][-ADV_SESSIONS:]
        if len(past) < ADV_SESSIONS:
            return None
        return sum(past) * QUANTITY_SCALE // ADV_SESSIONS


class DemoMarket(Struct, frozen=True, kw_only=True):
    """Everything the demo trades on.

    Args:
        tapes: modelled quotes by symbol.
        sessions: the modelled days, oldest first.
        daily: real daily prices by symbol, the modelled days included.
        note: what is modelled, to be said wherever results are shown.
    """

    tapes: dict[str, QuoteTape]
    sessions: tuple[Session, ...]
    daily: dict[str, DailyPrices]
    note: str = MODELLED

    def adv(self, symbol: str, day: date) -> int | None:
        """Return the ADV of a symbol on a day in quantity units, or None when unknown."""
        prices = self.daily.get(symbol)
        return None if prices is None else prices.adv(day)


def model_market(
    generator: np.random.Generator, *, days: int = DAYS, symbols: Sequence[str] = SYMBOLS
) -> DemoMarket:
    """Model the last ``days`` sessions of the real daily prices, one quote a second.

    Args:
        generator: the only source of randomness; the same state gives the same market.
        days: sessions, from 1 to 100.
        symbols: any of ``SYMBOLS``.

    Raises:
        ConfigError: the package with the daily prices is not installed, or an argument is wrong.
    """
    if not 1 <= days <= 100:  # noqa: PLR2004  # the bound is named by the message
        raise ConfigError(f"the demo models 1 to 100 days, got {days}")
    daily = {symbol: daily_prices(symbol) for symbol in symbols}
    tapes = {symbol: _tape(generator, prices, days) for symbol, prices in daily.items()}
    return DemoMarket(tapes=tapes, sessions=daily[symbols[0]].sessions[-days:], daily=daily)


@cache
def daily_prices(symbol: str) -> DailyPrices:
    """Return the last 300 real days of a symbol, fewer where it has not existed for so long.

    Raises:
        ConfigError: the package with the prices is not installed, or has no such symbol.
    """
    if symbol not in SYMBOLS:
        raise ConfigError(f"the demo knows {', '.join(SYMBOLS)}, got {symbol!r}")
    columns = _recorded(symbol)
    known = _calendar()
    sessions = []
    bars = []
    for row in range(-min(_HISTORY, len(columns["date"])), 0):
        session = known.session(date.fromisoformat(columns["date"][row]))
        assert session is not None, "the exchange was open on every recorded day"
        sessions.append(session)
        bars.append(_bar(symbol, session, columns, row))
    return DailyPrices(symbol=symbol, sessions=tuple(sessions), bars=tuple(bars))


def day_path(generator: np.random.Generator, bar: Bar, seconds: int) -> Integers:
    """Model the price of each second of a day, in price units.

    The path begins at the open, ends at the close, touches high and low exactly and never leaves
    them. In between it is a Brownian bridge, livelier near open and close, folded back at the
    extremes.

    Args:
        generator: source of randomness.
        bar: the real day.
        seconds: length of the session; the path has one value more.
    """
    prices = {name: _units(getattr(bar, name)) for name in ("open", "high", "low", "close")}
    anchors = _anchors(generator, prices, seconds)
    deviation = _liveliness(seconds) * (prices["high"] - prices["low"])
    path = np.empty(seconds + 1, dtype=np.float64)
    for (start, first), (end, last) in pairwise(anchors):
        path[start : end + 1] = _bridge(generator, first, last, deviation[start:end])
    path = _folded(path, prices["low"], prices["high"])
    whole = np.rint(path).astype(np.int64)
    for place, price in anchors:
        whole[place] = price
    return whole


def _recorded(symbol: str) -> dict[str, list[Any]]:
    try:
        stocks = import_module("bokeh_sampledata.stocks")
    except ImportError as error:
        raise ConfigError(
            "the demo needs the package bokeh_sampledata with the real daily prices; "
            "install it with: pip install 'fillpath[demo]'"
        ) from error
    columns: dict[str, list[Any]] = getattr(stocks, symbol)
    return columns


@cache
def _calendar() -> ExchangeCalendar:
    return ExchangeCalendar()


def _bar(symbol: str, session: Session, columns: dict[str, list[Any]], row: int) -> Bar:
    return Bar(
        symbol=symbol,
        ts=moment(session.open_ns),
        ts_end=moment(session.close_ns),
        open=columns["open"][row],
        high=columns["high"][row],
        low=columns["low"][row],
        close=columns["close"][row],
        volume=columns["volume"][row],
    )


def _units(price: Decimal) -> int:
    return int(price * PRICE_SCALE)


def _anchors(
    generator: np.random.Generator, prices: dict[str, int], seconds: int
) -> list[tuple[int, int]]:
    """Return when the path stands at which real price, in order of time."""
    rising = prices["close"] >= prices["open"]
    extremes = ("low", "high") if rising else ("high", "low")
    if generator.random() < 0.25:  # noqa: PLR2004  # a rising day may see its high first
        extremes = (extremes[1], extremes[0])
    early, late = generator.uniform(0.04, 0.42), generator.uniform(0.58, 0.96)
    first = 1 + int(early * (seconds - 2))
    places = (first, max(1 + int(late * (seconds - 2)), first + 1))
    anchors = {0: prices["open"], seconds: prices["close"]}
    for name, place in zip(extremes, places, strict=True):
        if prices[name] not in {prices["open"], prices["close"]}:
            anchors[place] = prices[name]
    return sorted(anchors.items())


def _liveliness(seconds: int) -> Floats:
    """Return the deviation of each second's step as a share of the day's range."""
    day = (np.arange(seconds) + 0.5) / seconds
    weight = 0.7 + 1.8 * np.exp(-day / 0.06) + 0.8 * np.exp(-(1 - day) / 0.06)
    # The range of a Brownian day is about 1.6 deviations (Parkinson 1980).
    share: Floats = np.sqrt(weight / weight.sum()) / 1.6
    return share


def _bridge(generator: np.random.Generator, first: int, last: int, deviation: Floats) -> Floats:
    walk = np.concatenate(([0.0], np.cumsum(generator.standard_normal(deviation.size) * deviation)))
    variance = np.concatenate(([0.0], np.cumsum(deviation**2)))
    passed = variance / variance[-1] if variance[-1] else variance
    bridge: Floats = first + walk + passed * (last - first - walk[-1])
    return bridge


def _folded(path: Floats, low: int, high: int) -> Floats:
    below_high = np.where(path > high, 2 * high - path, path)
    above_low = np.where(below_high < low, 2 * low - below_high, below_high)
    inside: Floats = np.clip(above_low, low, high)
    return inside


def _tape(generator: np.random.Generator, prices: DailyPrices, days: int) -> QuoteTape:
    columns: list[tuple[Integers, ...]] = []
    for session, bar in zip(prices.sessions[-days:], prices.bars[-days:], strict=True):
        adv = prices.adv(session.date) or int(bar.volume) * QUANTITY_SCALE
        columns.append(_day(generator, session, bar, adv // QUANTITY_SCALE))
    ts, bid, ask, bid_size, ask_size = (
        np.concatenate(parts) for parts in zip(*columns, strict=True)
    )
    return QuoteTape(
        symbol=prices.symbol,
        ts=ts,
        bid=bid,
        ask=ask,
        bid_size=bid_size,
        ask_size=ask_size,
        spans=(ResolutionSpan(int(ts[0]), Resolution.SECOND),),
    )


def _day(
    generator: np.random.Generator, session: Session, bar: Bar, adv: int
) -> tuple[Integers, ...]:
    """Return time, bid, ask and both sizes of each quote of a day."""
    seconds = (session.close_ns - session.open_ns) // NANOSECONDS
    path = day_path(generator, bar, seconds)
    ticks = _spread_ticks(generator, path)
    # Floored so that bid <= path < ask: no bid above the real high, no ask below the real low.
    bid = (path - (ticks - 1) * _TICK // 2) // _TICK * _TICK
    jitter = generator.integers(0, NANOSECONDS * 9 // 10, seconds + 1)
    jitter[0] = jitter[-1] = 0
    ts = session.open_ns + np.arange(seconds + 1) * NANOSECONDS + jitter // 1_000 * 1_000
    return (
        ts,
        bid,
        bid + ticks * _TICK,
        _sizes(generator, ticks, adv),
        _sizes(generator, ticks, adv),
    )


def _spread_ticks(generator: np.random.Generator, path: Integers) -> Integers:
    """Model the spread of each second in whole ticks of a cent.

    Around 2 bps for most of the day, wide in the first minutes, and a few times a day above 20 bps
    for some tens of seconds, as when news is awaited.
    """
    size = path.size
    second = np.arange(size)
    slow = np.repeat(generator.lognormal(0.0, 0.3, size // 60 + 1), 60)[:size]
    bps = 2.0 * slow * generator.lognormal(0.0, 0.25, size) + 36.0 * np.exp(-second / 150)
    for _ in range(int(generator.poisson(4))):
        start = int(generator.integers(1_800, size - 600))
        bps[start : start + int(generator.integers(30, 120))] += generator.uniform(24, 42)
    ticks: Integers = np.maximum(np.rint(bps * path / (10_000 * _TICK)), 1).astype(np.int64)
    return ticks


def _sizes(generator: np.random.Generator, ticks: Integers, adv: int) -> Integers:
    """Model the shares shown, in round lots: more where more is traded, fewer when it is wide."""
    typical = max(adv * 2e-5 / _LOT, 1.0)
    lots = typical * generator.lognormal(0.0, 0.7, ticks.size) / np.sqrt(ticks)
    sizes: Integers = np.maximum(np.rint(lots), 1).astype(np.int64) * (_LOT * QUANTITY_SCALE)
    return sizes


__all__ = [
    "DAYS",
    "MODELLED",
    "SYMBOLS",
    "DailyPrices",
    "DemoMarket",
    "daily_prices",
    "day_path",
    "model_market",
]
