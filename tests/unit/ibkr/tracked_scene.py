"""A tracker and short words for what a gateway says to it."""

from decimal import Decimal
from typing import Any, Final

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import BrokerEvent
from fillpath.core.models import Order, OrderSide, OrderType
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import (
    Charged,
    Dropped,
    Executed,
    Heard,
    OrderShown,
    Said,
    StatusShown,
)
from fillpath.ibkr.judging import Out
from fillpath.ibkr.tracked import Need, Tracked
from fillpath.ibkr.tracking import Tracker

ACCOUNT: Final = "DU1"
CLIENT: Final = 7
SECOND: Final = 10**9
REF: Final = "alpha/sig-1"


class Scene:
    """One tracker; every word is heard a millisecond after the one before."""

    def __init__(self) -> None:
        self.tracker = Tracker(CLIENT)
        self.tracker.account = ACCOUNT
        self.now = 1_000 * SECOND
        self.out: list[Out] = []

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * SECOND)

    def take(self, out: list[Out]) -> list[Out]:
        """Keep what follows."""
        self.out.extend(out)
        self.now += 1_000_000
        return out

    def place(self, order_id: str = REF, number: int = 11, **fields: Any) -> Order:
        """Place an order for 100 AAPL."""
        order = an_order(order_id, **fields)
        self.tracker.placed(a_form(order, number), order, self.now)
        self.now += 1_000_000
        return order

    def hear(self, *news: Heard) -> list[Out]:
        """Hear some words and return what follows from them."""
        return [one for heard in news for one in self.take(self.tracker.hear(heard, self.now))]

    def look_up(self, *shown: Heard) -> list[Out]:
        """Look up executions, open and completed orders, and be shown these."""
        asked_at = self.now
        self.now += 1_000_000
        self.tracker.asking(asked_at)
        heard = self.hear(*shown)
        return [*heard, *self.take(self.tracker.looked_up(asked_at, self.now))]

    def tracked(self, order_id: str = REF) -> Tracked:
        """Return the order as it is followed."""
        found = self.tracker.register.get(order_id)
        assert found is not None
        return found

    def order(self, order_id: str = REF) -> Order:
        """Return the order as it stands."""
        found = self.tracker.stands(order_id)
        assert found is not None
        return found

    @property
    def events(self) -> list[BrokerEvent]:
        """Return what the engine was told."""
        return [one for one in self.out if not isinstance(one, RaiseAlarm | Need)]

    @property
    def told(self) -> list[str]:
        """Return the kinds of what the engine was told."""
        return [type(event).__name__ for event in self.events]

    @property
    def alarms(self) -> list[str]:
        """Return the codes of what a person was told."""
        return [one.code for one in self.out if isinstance(one, RaiseAlarm)]


def an_order(order_id: str = REF, **fields: Any) -> Order:
    """Return an order for 100 AAPL at most at 150."""
    usual: dict[str, Any] = {
        "symbol": "AAPL",
        "side": OrderSide.BUY,
        "quantity": 100,
        "order_type": OrderType.LIMIT,
        "limit_price": 150,
        "order_id": order_id,
    }
    return Order(**(usual | fields))


def a_stop(order_id: str = REF, trigger: str = "140") -> dict[str, Any]:
    """Return what makes an order a stop."""
    return {
        "order_id": order_id,
        "order_type": OrderType.STOP,
        "limit_price": None,
        "stop_price": trigger,
        "side": OrderSide.SELL,
    }


def a_form(order: Order, number: int) -> OrderForm:
    """Return what is sent for it."""
    return OrderForm(
        order_id=number,
        contract=ContractForm("AAPL", 265598),
        action=order.side.value,
        quantity=order.quantity,
        order_type="LMT" if order.order_type is OrderType.LIMIT else "STP",
        limit_price=order.limit_price,
        aux_price=order.stop_price,
        account=ACCOUNT,
        order_ref=order.order_id,
    )


def shown(status: str = "Submitted", **fields: Any) -> OrderShown:
    """Return an open order as it is shown."""
    usual: dict[str, Any] = {
        "order_id": 11,
        "client_id": CLIENT,
        "perm_id": 900,
        "order_ref": REF,
        "account": ACCOUNT,
        "con_id": 265598,
        "symbol": "AAPL",
        "action": "BUY",
        "quantity": Decimal(100),
        "order_type": "LMT",
        "limit_price": Decimal(150),
        "tif": "DAY",
    }
    return OrderShown(**(usual | fields), status=status)


def completed(status: str = "Cancelled", filled: str = "0", **fields: Any) -> OrderShown:
    """Return an ended order as it is shown."""
    return shown(
        status,
        **({"order_id": 0, "client_id": 0, "completed": True, "filled": Decimal(filled)} | fields),
    )


def status(word: str, filled: str = "0", **fields: Any) -> StatusShown:
    """Return a status."""
    usual: dict[str, Any] = {
        "order_id": 11,
        "client_id": CLIENT,
        "perm_id": 900,
        "parent_id": 0,
        "filled": Decimal(filled),
        "remaining": 100 - Decimal(filled),
        "average_price": None,
    }
    return StatusShown(**(usual | fields), status=word)


def executed(shares: str, number: int = 1, revision: int = 1, **fields: Any) -> Executed:
    """Return an execution at 149.90."""
    usual: dict[str, Any] = {
        "request": -1,
        "exec_id": f"0001.{number:04}.01.{revision:02}",
        "order_id": 11,
        "client_id": CLIENT,
        "perm_id": 900,
        "order_ref": REF,
        "account": ACCOUNT,
        "con_id": 265598,
        "symbol": "AAPL",
        "side": "BOT",
        "shares": Decimal(shares),
        "price": Decimal("149.90"),
        "traded_at": 900 * SECOND,
    }
    return Executed(**(usual | fields))


def charged(
    amount: str | None, number: int = 1, revision: int = 1, currency: str = "USD"
) -> Charged:
    """Return what an execution cost."""
    name = f"0001.{number:04}.01.{revision:02}"
    return Charged(name, None if amount is None else Decimal(amount), currency)


def dropped() -> Dropped:
    """Return the end of the connection."""
    return Dropped("the socket was closed")


def code(number: int, text: str = "words", about: int = 11) -> Said:
    """Return a message about the order."""
    return Said(about, number, text)


def working(**fields: Any) -> Scene:
    """Return a tracker with one order that works."""
    scene = Scene()
    scene.place(**fields)
    scene.hear(shown())
    scene.out.clear()
    return scene
