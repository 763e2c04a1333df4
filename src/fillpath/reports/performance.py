"""What a run earned and at what risk: pure functions over equity and fills; nothing here decides.

A figure that there are too few values for is None, never NaN and never zero.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from math import e, exp, isfinite, log, sqrt
from statistics import NormalDist, fmean, stdev
from typing import Final

from msgspec import Struct

from fillpath.core.models import OrderSide
from fillpath.core.rows import FillRow

SESSIONS_A_YEAR: Final = 252
ENOUGH_RETURNS: Final = 20
"""Fewer daily returns say nothing about a ratio of mean to scatter."""
ENOUGH_YEARS: Final = 0.25
_TINY: Final = 1e-12
_EULER: Final = 0.5772156649015329


class EquityPoint(Struct, frozen=True, gc=False):
    """The account at a moment, account currency.

    Args:
        ts: the moment.
        equity: cash plus positions at their marks.
        exposure: value of longs plus value of shorts, 0 or more.
    """

    ts: datetime
    equity: float
    exposure: float = 0.0


class Trade(Struct, frozen=True, kw_only=True, gc=False):
    """One round trip in a symbol: from no shares to no shares, or through to the other side.

    Args:
        symbol: ticker.
        strategy_name: whose.
        opened_at: first fill.
        closed_at: last fill.
        quantity: most shares held, negative when short; in shares of the end where a split fell.
        pnl: account currency, dividends added, commissions taken off.
        commission: account currency.
        dividends: account currency; negative where a short position paid them.
        entry_price: average price of what entered; in shares of the end where a split fell.
        exit_price: average price of what left, the same.
    """

    symbol: str
    strategy_name: str
    opened_at: datetime
    closed_at: datetime
    quantity: float
    pnl: float
    commission: float
    dividends: float = 0.0
    entry_price: float = 0.0
    exit_price: float = 0.0


class SplitAt(Struct, frozen=True):
    """A stock split: from a moment on, one share is ``ratio`` shares."""

    symbol: str
    at: datetime
    ratio: float


class DividendAt(Struct, frozen=True):
    """A dividend: at a moment each share held is worth this much cash, account currency."""

    symbol: str
    at: datetime
    per_share: float


HappenedAt = SplitAt | DividendAt


class Performance(Struct, frozen=True, kw_only=True):
    """What a run earned; None where there is not enough to say.

    Args:
        sessions: daily returns that the ratios are made of.
        total_return: end over beginning less 1; 1 = 100 %.
        cagr: compound growth a year; needs a quarter of a year.
        max_drawdown: deepest fall from a peak, 0 to 1.
        sharpe: mean over standard deviation of daily returns, a year; needs 20.
        sortino: mean over downside deviation of daily returns, a year; needs 20 and a loss.
        profit_factor: gains over losses of closed trades; needs one of each.
        win_rate: share of closed trades with a gain, scratches left out.
        turnover: account currency traded over mean equity.
        exposure: mean of exposure over equity at the points.
        trades: closed round trips.
    """

    sessions: int
    total_return: float | None
    cagr: float | None
    max_drawdown: float | None
    sharpe: float | None
    sortino: float | None
    profit_factor: float | None
    win_rate: float | None
    turnover: float | None
    exposure: float | None
    trades: int


def performance(
    closes: Sequence[EquityPoint],
    points: Sequence[EquityPoint],
    fills: Sequence[FillRow],
    trades: Sequence[Trade],
) -> Performance:
    """Return the figures of a run.

    Args:
        closes: the beginning, then one point at the end of each session.
        points: every point, for the drawdown and the exposure.
        fills: what was traded.
        trades: what was closed.
    """
    returns = returns_of([point.equity for point in closes])
    gains = [trade.pnl for trade in trades]
    grown = _total(closes)
    return Performance(
        sessions=len(returns),
        total_return=grown,
        cagr=cagr(grown, len(returns) / SESSIONS_A_YEAR),
        max_drawdown=max_drawdown([point.equity for point in points]),
        sharpe=sharpe(returns),
        sortino=sortino(returns),
        profit_factor=profit_factor(gains),
        win_rate=win_rate(gains),
        turnover=_turnover(points, fills),
        exposure=_exposure(points),
        trades=len(trades),
    )


def returns_of(equities: Sequence[float]) -> list[float]:
    """Return each value over the one before less 1, as far as the values are above 0."""
    found = []
    for before, after in pairwise(equities):
        if before <= 0:
            break
        found.append(after / before - 1)
    return found


def cagr(total_return: float | None, years: float) -> float | None:
    """Return the compound growth a year, (1 + total)^(1 / years) - 1."""
    if total_return is None or years < ENOUGH_YEARS or total_return <= -1:
        return None
    exponent = log(1 + total_return) / years
    return exp(exponent) - 1 if exponent < 700 else None  # noqa: PLR2004  # more is no float


def max_drawdown(equities: Sequence[float]) -> float | None:
    """Return the deepest fall from the highest value before it, as a share of that value."""
    peak = deepest = 0.0
    for equity in equities:
        peak = max(peak, equity)
        if peak > 0:
            deepest = max(deepest, 1 - equity / peak)
    return deepest if len(equities) > 1 else None


def sharpe(returns: Sequence[float]) -> float | None:
    """Return the yearly Sharpe ratio over cash that earns nothing: sqrt(252) mean / sd.

    Source:
        Sharpe 1994, "The Sharpe Ratio", with the sample standard deviation (n - 1).
    """
    daily = daily_sharpe(returns)
    return None if daily is None else daily * sqrt(SESSIONS_A_YEAR)


def daily_sharpe(returns: Sequence[float]) -> float | None:
    """Return mean over standard deviation of the returns, not scaled to a year."""
    if len(returns) < ENOUGH_RETURNS:
        return None
    scatter = stdev(returns)
    return _finite(fmean(returns) / scatter) if scatter > _TINY else None


def sortino(returns: Sequence[float]) -> float | None:
    """Return the yearly Sortino ratio with target 0: sqrt(252) mean / sqrt(mean(min(r, 0)^2)).

    Source:
        Sortino and Price 1994; the downside is a mean over all days, not only over losing ones.
    """
    if len(returns) < ENOUGH_RETURNS:
        return None
    downside = sqrt(fmean(min(value, 0.0) ** 2 for value in returns))
    if downside <= _TINY:
        return None
    return _finite(fmean(returns) / downside * sqrt(SESSIONS_A_YEAR))


def profit_factor(gains: Sequence[float]) -> float | None:
    """Return the sum of gains over the sum of losses; needs both."""
    won = sum(gain for gain in gains if gain > 0)
    lost = -sum(gain for gain in gains if gain < 0)
    return _finite(won / lost) if won and lost else None


def win_rate(gains: Sequence[float]) -> float | None:
    """Return the share of trades with a gain among those with a gain or a loss."""
    decided = [gain for gain in gains if gain]
    return sum(gain > 0 for gain in decided) / len(decided) if decided else None


def deflated_sharpe(returns: Sequence[float], tried: Sequence[float]) -> float | None:
    """Return how probable it is that the best of several tries has a true Sharpe ratio above 0.

    Args:
        returns: daily returns of the best one.
        tried: daily Sharpe ratios of all that were tried, the best among them.

    Source:
        Bailey and Lopez de Prado 2014, "The Deflated Sharpe Ratio": the expected best of N tries
        without skill is sd ((1 - g) z(1 - 1/N) + g z(1 - 1/(N e))), and the observed ratio is held
        against it with its skewness and kurtosis.
    """
    observed = daily_sharpe(returns)
    if observed is None or len(tried) <= 1:
        return None
    n, normal = len(tried), NormalDist()
    luck = stdev(tried) * (
        (1 - _EULER) * normal.inv_cdf(1 - 1 / n) + _EULER * normal.inv_cdf(1 - 1 / (n * e))
    )
    skew, kurtosis = _shape(returns)
    spread = 1 - skew * observed + (kurtosis - 1) / 4 * observed**2
    if spread <= _TINY:
        return None
    return normal.cdf((observed - luck) * sqrt(len(returns) - 1) / sqrt(spread))


def trades_of(fills: Iterable[FillRow], happened: Sequence[HappenedAt] = ()) -> list[Trade]:
    """Return the closed round trips, by average price, in the order in which they closed.

    Signed cash of a round trip is its result, so that no cost basis is needed: a fill that goes
    through zero ends one trip and begins the next, its commission shared by shares. A split turns
    the shares that are held into as many as they have become; a dividend is cash for each of them.

    Args:
        fills: in the order of time.
        happened: splits and dividends, in the order of time.
    """
    waiting = deque(happened)
    books: defaultdict[tuple[str, str], _Trip] = defaultdict(_Trip)
    closed: list[Trade] = []
    for fill in fills:
        if not fill.quantity:
            continue
        while waiting and waiting[0].at <= fill.ts:
            _happen(books, waiting.popleft())
        trip = books[fill.strategy_name, fill.symbol]
        sign = 1 if fill.side is OrderSide.BUY else -1
        left = float(fill.quantity) * sign
        if trip.held * left < 0:
            ending = max(-abs(trip.held), -abs(left)) * (1 if trip.held > 0 else -1)
            trip.add(fill, ending)
            left -= ending
            if abs(trip.held) <= _TINY:
                closed.append(trip.ended(fill))
                trip = books[fill.strategy_name, fill.symbol] = _Trip()
        if left:
            trip.add(fill, left)
    return closed


class _Trip(Struct):
    """A round trip in the making."""

    held: float = 0.0
    most: float = 0.0
    cash: float = 0.0
    commission: float = 0.0
    dividends: float = 0.0
    opened_at: datetime | None = None
    entered: float = 0.0
    entered_value: float = 0.0
    left: float = 0.0
    left_value: float = 0.0

    def add(self, fill: FillRow, quantity: float) -> None:
        """Book a part of a fill."""
        part = abs(quantity) / float(fill.quantity)
        self.opened_at = self.opened_at or fill.ts
        self._price(quantity, float(fill.price))
        self.held += quantity
        self.most = self.held if abs(self.held) > abs(self.most) else self.most
        self.cash -= quantity * float(fill.price)
        self.commission += part * float(fill.commission)

    def _price(self, quantity: float, price: float) -> None:
        if self.held * quantity < 0:
            self.left += abs(quantity)
            self.left_value += abs(quantity) * price
        else:
            self.entered += abs(quantity)
            self.entered_value += abs(quantity) * price

    def split(self, ratio: float) -> None:
        """Make one share ``ratio`` shares."""
        self.held *= ratio
        self.most *= ratio
        self.entered *= ratio
        self.left *= ratio

    def ended(self, fill: FillRow) -> Trade:
        """Return it as closed by this fill."""
        return Trade(
            symbol=fill.symbol,
            strategy_name=fill.strategy_name,
            opened_at=self.opened_at or fill.ts,
            closed_at=fill.ts,
            quantity=self.most,
            pnl=self.cash + self.dividends - self.commission,
            commission=self.commission,
            dividends=self.dividends,
            entry_price=self.entered_value / self.entered,
            exit_price=self.left_value / self.left,
        )


def _happen(books: dict[tuple[str, str], _Trip], one: HappenedAt) -> None:
    for (_, symbol), trip in books.items():
        if symbol != one.symbol:
            continue
        if isinstance(one, SplitAt):
            trip.split(one.ratio)
        else:
            trip.dividends += trip.held * one.per_share


def _total(closes: Sequence[EquityPoint]) -> float | None:
    if len(closes) <= 1 or closes[0].equity <= 0:
        return None
    return closes[-1].equity / closes[0].equity - 1


def _turnover(points: Sequence[EquityPoint], fills: Sequence[FillRow]) -> float | None:
    average = fmean(point.equity for point in points) if points else 0.0
    traded = sum(float(fill.quantity) * float(fill.price) for fill in fills)
    return _finite(traded / average) if average > 0 else None


def _exposure(points: Sequence[EquityPoint]) -> float | None:
    shares = [point.exposure / point.equity for point in points if point.equity > 0]
    return fmean(shares) if shares else None


def _shape(values: Sequence[float]) -> tuple[float, float]:
    """Return skewness and kurtosis (3 for a normal distribution)."""
    middle = fmean(values)
    second = fmean((value - middle) ** 2 for value in values)
    third = fmean((value - middle) ** 3 for value in values)
    fourth = fmean((value - middle) ** 4 for value in values)
    return third / second**1.5, fourth / second**2


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
