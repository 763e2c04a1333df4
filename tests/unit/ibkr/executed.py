"""Executions and commissions as a gateway tells them, and what a book tells of them."""

from decimal import Decimal
from typing import Any, Final

from fillpath.core.events import FillCorrected, OrderFilled
from fillpath.core.models import OrderSide
from fillpath.core.units import money_units, price_units, quantity_units
from fillpath.ibkr.executions import Book, Told
from fillpath.ibkr.heard import Charged, Executed

AT: Final = 1_795_000_000_000_000_000
ORDER: Final = "trend/sig-1#1"
ROOT: Final = "0000e0d5.5f5bd4ad.01"


def shares(number: object) -> int:
    return quantity_units(Decimal(str(number)))


def price(number: object) -> int:
    return price_units(Decimal(str(number)))


def money(number: object) -> int:
    return money_units(Decimal(str(number)))


def execution(name: str = f"{ROOT}.01", quantity: object = 100, **more: Any) -> Executed:
    size = None if quantity is None else Decimal(str(quantity))
    given_price = more.pop("price", "150.25")
    fields: dict[str, Any] = {
        "request": -1,
        "order_id": 7,
        "client_id": 1,
        "perm_id": 99,
        "order_ref": ORDER,
        "account": "DU1",
        "con_id": 265598,
        "symbol": "AAPL",
        "side": "BOT",
        "traded_at": AT,
    }
    paid = None if given_price is None else Decimal(given_price)
    return Executed(exec_id=name, shares=size, price=paid, **(fields | more))


def charge(name: str = f"{ROOT}.01", amount: str | None = "1.05", currency: str = "USD") -> Charged:
    return Charged(name, None if amount is None else Decimal(amount), currency)


def filled(quantity: object = 100, paid: object = "150.25", cost: object = 0) -> OrderFilled:
    return OrderFilled(
        AT, ORDER, ROOT, "AAPL", OrderSide.BUY, shares(quantity), price(paid), AT, money(cost)
    )


def corrected(
    revision: int, quantity: object, paid: object = "150.25", cost: object = 0
) -> FillCorrected:
    words = "corrected" if quantity else "undone"
    return FillCorrected(
        AT,
        ORDER,
        ROOT,
        revision,
        shares(quantity),
        price(paid) if quantity else 0,
        money(cost),
        f"{words} by {ROOT}.{revision + 1:02}",
    )


def tell(book: Book, *heard: Executed | Charged) -> list[Told]:
    """Return everything that the book tells about what was heard, in this order."""
    told: list[Told] = []
    for news in heard:
        match news:
            case Executed():
                told += book.executed(news, ORDER, AT)
            case Charged():
                told += book.charged(news, AT)
    return told
