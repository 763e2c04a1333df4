"""How far an order moves the price against itself: the square-root law, and the fit of 2005.

Shares are of one: a volatility of 1.57 % a day is 0.0157. Everything is Decimal with its own
precision, so that every machine gives the same digits.
"""

from decimal import Decimal, localcontext
from typing import Final

from msgspec import Struct

DIGITS: Final = 50
GAMMA: Final = Decimal("0.314")
ETA: Final = Decimal("0.142")
DELTA: Final = Decimal("0.25")
BETA: Final = Decimal("0.6")
MEAN_OF_PEAK: Final = Decimal(2) / 3
"""An order that pays the square root all along pays two thirds of its last price on average."""


def square_root_impact(coefficient: Decimal, volatility: Decimal, traded: Decimal) -> Decimal:
    """Return how far the price has moved once a share of the day's volume was traded.

    ``I = Y sigma sqrt(Q / V)``, as a share of the price.

    Args:
        coefficient: ``Y``, 0.5 to 1 in what was measured.
        volatility: ``sigma``, daily, as a share of the price.
        traded: ``Q / V``, 0 or more.

    Source:
        The square-root law of metaorders, such as Toth et al. (2011), Anomalous price impact and
        the critical nature of liquidity in financial markets.
    """
    with localcontext(prec=DIGITS):
        return coefficient * volatility * traded.sqrt()


def mean_square_root_impact(
    coefficient: Decimal, volatility: Decimal, before: Decimal, after: Decimal
) -> Decimal:
    """Return the average move that the part of an order from ``before`` to ``after`` has paid.

    The integral of ``square_root_impact`` over the part, by its length: ``(2/3) Y sigma (b^1.5 -
    a^1.5) / (b - a)``. What an order pays in all does not depend on the parts it was filled in.

    Args:
        coefficient: ``Y``.
        volatility: daily, as a share of the price.
        before: share of the day's volume that the order had traded, 0 or more.
        after: the same with this part, above ``before``.
    """
    with localcontext(prec=DIGITS):
        part = (after * after.sqrt() - before * before.sqrt()) / (after - before)
        return MEAN_OF_PEAK * coefficient * volatility * part


class Stock(Struct, frozen=True, kw_only=True):
    """What the fit of 2005 has to know of a stock.

    Args:
        volume: average daily volume, shares.
        outstanding: shares outstanding.
        volatility: daily, as a share of the price.
    """

    volume: Decimal
    outstanding: Decimal
    volatility: Decimal


class Impact(Struct, frozen=True, kw_only=True):
    """The cost of an order by the fit of 2005, as shares of the price.

    Args:
        permanent: ``I``, how far the price has moved for good.
        temporary: ``K``, what is paid on top while it trades.
        realised: ``J = I / 2 + K``, what the order costs.
    """

    permanent: Decimal
    temporary: Decimal
    realised: Decimal


def permanent_impact(stock: Stock, traded: Decimal) -> Decimal:
    """Return ``I / sigma``, the permanent impact in units of the daily volatility.

    ``gamma (X / V) (Theta / V)^(1/4)`` with ``gamma = 0.314``; linear in the size.

    Args:
        stock: what trades.
        traded: ``X / V``, the order as a share of the average day.

    Source:
        Almgren, Thum, Hauptmann and Li (2005), Direct Estimation of Equity Market Impact.
    """
    with localcontext(prec=DIGITS):
        return GAMMA * traded * (stock.outstanding / stock.volume) ** DELTA


def temporary_impact(traded: Decimal, days: Decimal) -> Decimal:
    """Return ``K / sigma``, the temporary impact in units of the daily volatility.

    ``eta (X / (V T))^(3/5)`` with ``eta = 0.142``.

    Args:
        traded: ``X / V``, 0 or more.
        days: ``T``, how long the order trades in **trading days of its own execution**, above 0.
            It is no latency: with the milliseconds of a network the formula gives nonsense.
    """
    with localcontext(prec=DIGITS):
        return ETA * (traded / days) ** BETA if traded else Decimal(0)


def almgren_2005(stock: Stock, traded: Decimal, days: Decimal) -> Impact:
    """Return what an order costs that trades a share of the day's volume within ``days``."""
    with localcontext(prec=DIGITS):
        permanent = stock.volatility * permanent_impact(stock, traded)
        temporary = stock.volatility * temporary_impact(traded, days)
        return Impact(permanent=permanent, temporary=temporary, realised=permanent / 2 + temporary)


__all__ = [
    "BETA",
    "DELTA",
    "ETA",
    "GAMMA",
    "MEAN_OF_PEAK",
    "Impact",
    "Stock",
    "almgren_2005",
    "mean_square_root_impact",
    "permanent_impact",
    "square_root_impact",
    "temporary_impact",
]
