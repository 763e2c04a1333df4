"""Executions: how they come about, are told, corrected, taken back and charged for."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.ports import Clock
from fillpath.testing.gateway import order_answers as say
from fillpath.testing.gateway.accounts import Account
from fillpath.testing.gateway.catalogue import Contract
from fillpath.testing.gateway.records import ENDED, GatewayExecution, GatewayOrder
from fillpath.testing.gateway.wire import Message, Value

NEWS: Final = ("execDetails", "openOrder", "orderStatus", "commissionReport")


class Voice(Struct, frozen=True):
    """How the gateway speaks.

    Args:
        to_client: sends a message to a client, if it is connected.
        moved: tells whoever asked for it that a position changed.
    """

    to_client: Callable[[int, Message], None]
    moved: Callable[[str, Contract], None]


class Charge(Struct, frozen=True):
    """What an execution cost, as it is told."""

    amount: Value
    currency: str = "USD"


class Fills:
    """Make executions.

    Args:
        accounts: whose they are, by name.
        voice: how they are told.
        clock: when they are.
    """

    def __init__(self, accounts: dict[str, Account], voice: Voice, clock: Clock) -> None:
        self.all: list[GatewayExecution] = []
        self.charges: dict[str, Charge] = {}
        self.day = 1
        self.accounts = accounts
        self._voice = voice
        self._clock = clock
        self._made = 0

    def fill(
        self,
        order: GatewayOrder,
        shares: Decimal,
        price: Decimal,
        news: tuple[str, ...] = NEWS,
    ) -> GatewayExecution:
        """Execute so many shares of an order, whatever its state, and tell what ``news`` names."""
        self._made += 1
        order.filled += shares
        order.paid += shares * price
        order.last_price = price
        done = self._execution(order, f"0000{self.day:04x}.{self._made:08x}.01.01", shares, price)
        self._book(done, shares, price)
        self.charges[done.exec_id] = self._usual(done)
        self._voice.moved(order.account, order.contract)
        if order.filled >= order.quantity and order.status != "Filled":
            order.status = "Filled"
            order.why_held = ""
            order.reason = f"Filled Size: {order.filled:f}"
            order.ended_at = self._clock.now()
        self.tell(done, news)
        return done

    def correct(self, wrong: GatewayExecution, shares: Decimal, price: Decimal) -> GatewayExecution:
        """Replace an execution; the name of the new one differs in its last part alone."""
        order = wrong.order
        root, _, revision = wrong.exec_id.rpartition(".")
        order.filled += shares - wrong.shares
        order.paid += shares * price - wrong.shares * wrong.price
        right = self._execution(order, f"{root}.{int(revision) + 1:02}", shares, price)
        self._book(wrong, -wrong.shares, wrong.price)
        self._book(right, shares, price)
        if wrong.shares and not shares:
            self._give_back(wrong)
        self._voice.moved(order.account, order.contract)
        self.tell(right, ("execDetails",))
        return right

    def charge(self, done: GatewayExecution, charge: Charge) -> None:
        """Say what an execution cost, perhaps again."""
        self.charges[done.exec_id] = charge
        self.tell(done, ("commissionReport",))

    def tell(self, done: GatewayExecution, news: tuple[str, ...]) -> None:
        """Say to whoever placed the order what ``news`` names, in its order."""
        for kind in news:
            self._voice.to_client(done.order.client_id, self.news(done, kind))

    def news(self, done: GatewayExecution, kind: str) -> Message:
        """Return one message about an execution.

        Raises:
            KeyError: ``kind`` is none of them.
        """
        return {
            "execDetails": lambda: say.execution(done),
            "openOrder": lambda: say.open_order(done.order),
            "orderStatus": lambda: say.order_status(done.order),
            "commissionReport": lambda: self.report(done),
        }[kind]()

    def report(self, done: GatewayExecution) -> Message:
        """Return what an execution cost."""
        charge = self.charges.get(done.exec_id, Charge("1"))
        return say.commission_report(
            done.exec_id, charge.amount, charge.currency, done.order.order_id
        )

    def new_day(self) -> None:
        """Forget the executions of yesterday."""
        self.all.clear()
        self.charges.clear()
        self.day += 1

    def _execution(
        self, order: GatewayOrder, exec_id: str, shares: Decimal, price: Decimal
    ) -> GatewayExecution:
        done = GatewayExecution(
            exec_id=exec_id,
            at=self._clock.now(),
            shares=shares,
            price=price,
            cumulative=order.filled,
            average=order.average,
            exchange="ISLAND",
            order=order,
        )
        order.executions.append(done)
        self.all.append(done)
        return done

    def _book(self, done: GatewayExecution, shares: Decimal, price: Decimal) -> None:
        order = done.order
        account = self.accounts[order.account]
        account.trade(order.contract, shares if order.buys else -shares, price)

    def _give_back(self, busted: GatewayExecution) -> None:
        """Give back what an execution cost that was taken back, however it was corrected before."""
        first = f"{busted.exec_id.rpartition('.')[0]}.01"
        charge = self.charges.get(first)
        if charge is not None and isinstance(charge.amount, Decimal):
            self.accounts[busted.order.account].charge(busted.order.contract, -charge.amount)

    def _usual(self, done: GatewayExecution) -> Charge:
        """Return half a cent a share, a dollar at least, and book it."""
        amount = max(Decimal(1), done.shares * Decimal("0.005"))
        self.accounts[done.order.account].charge(done.order.contract, amount)
        return Charge(amount)


def with_terms(order: GatewayOrder, **changes: object) -> None:
    """Change what an order says, without anybody being told."""
    order.placed = replace(order.placed, **changes)


def end(order: GatewayOrder, status: str, reason: str, clock: Clock) -> None:
    """Let an order end, once."""
    if order.status not in ENDED:
        order.status = status
        order.why_held = ""
        order.reason = reason
        order.ended_at = clock.now()


__all__ = ["NEWS", "Charge", "Fills", "Voice", "end", "with_terms"]
