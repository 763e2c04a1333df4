"""The orders of all clients: placed, changed, cancelled, matched with the prices that are set."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.ports import Clock
from fillpath.testing.gateway import answers
from fillpath.testing.gateway import order_answers as say
from fillpath.testing.gateway.catalogue import Catalogue, Contract
from fillpath.testing.gateway.checking import Refused, change_refusal, refusal
from fillpath.testing.gateway.filling import NEWS, Fills, Voice, end, with_terms
from fillpath.testing.gateway.market import (
    CLOSING,
    Touch,
    is_triggered,
    is_waiting,
    reaches,
    tradable,
)
from fillpath.testing.gateway.placing import PlacedOrder
from fillpath.testing.gateway.records import ENDED, RESTING, GatewayExecution, GatewayOrder

CANCELLED = "Order Canceled - reason:"
PRESET = "Order TIF was set to DAY based on order preset."
Key = tuple[int, int]


class Parts(Struct, frozen=True):
    """What the book works with."""

    catalogue: Catalogue
    accounts: tuple[str, ...]
    fills: Fills
    voice: Voice
    clock: Clock


class Book:
    """Keep the orders.

    Args:
        parts: contracts, accounts, executions, and how the gateway speaks.

    ``trades_questions`` takes a what-if for an order, as no gateway may.
    """

    def __init__(self, parts: Parts) -> None:
        self.all: list[GatewayOrder] = []
        self.touches: dict[int, Touch] = {}
        self.keep_cancels = False
        self.trades_questions = False
        self._parts = parts
        self._keys: dict[Key, GatewayOrder] = {}
        self._families: defaultdict[Key, list[GatewayOrder]] = defaultdict(list)
        self._next: dict[int, int] = {}
        self._perm = 1_700_000_000

    def next_id(self, client_id: int) -> int:
        """Return the lowest order id that a client may use."""
        return self._next.get(client_id, 1)

    def reset_ids(self, client_id: int, number: int = 1) -> None:
        """Begin again with the order ids of a client, as a person can at the workstation."""
        self._next[client_id] = number
        for key in [key for key in self._keys if key[0] == client_id and key[1] >= number]:
            if not self._keys[key].is_open:
                del self._keys[key]
                self._families.pop(key, None)

    def find(self, client_id: int, order_id: int) -> GatewayOrder | None:
        """Return the order that a client has given this number, or None."""
        return self._keys.get((client_id, order_id))

    def open_orders(self) -> Iterator[GatewayOrder]:
        """Yield what is transmitted and may still trade."""
        return (order for order in self.all if order.is_open)

    def completed_orders(self) -> Iterator[GatewayOrder]:
        """Yield what has ended since the day began."""
        return (order for order in self.all if order.status and not order.is_open)

    def new_day(self) -> None:
        """Forget what has ended."""
        self.all = [order for order in self.all if order.is_open or order.is_held]

    def touch(self, contract: Contract) -> Touch:
        """Return the market of a contract."""
        return self.touches.setdefault(contract.con_id, Touch())

    def place(self, key: Key, contract: Contract, placed: PlacedOrder) -> GatewayOrder | Refused:
        """Take a new order, or change the one of this number, or say why not."""
        known = self._keys.get(key)
        problem = change_refusal(known, placed) if known else self._new_refusal(key)
        problem = problem or refusal(placed, contract, self._parts.catalogue, self._parts.accounts)
        if problem:
            self._say_error(key, problem)
            return problem
        if placed.what_if and self.trades_questions:
            placed = replace(placed, what_if=False)
        if placed.what_if:
            return self._what_if(key, contract, placed)
        if known:
            known.placed = placed
            known.messages += 1
            self._after(known)
            return known
        return self.add(key, contract, placed)

    def add(self, key: Key, contract: Contract, placed: PlacedOrder) -> GatewayOrder:
        """Take a new order without asking whether it may be."""
        order = self._new(key, contract, placed)
        self._keys[key] = order
        if not placed.tif:
            with_terms(order, tif="DAY")
            self._say_error(key, Refused(10349, PRESET))
        self._join_brackets(order)
        self._after(order)
        return order

    def keep(
        self, key: Key, contract: Contract, placed: PlacedOrder, state: tuple[str, str]
    ) -> GatewayOrder:
        """Take an order that does not trade, in a state and for a reason, and say so."""
        order = self._new(key, contract, placed)
        self._keys[key] = order
        status, reason = state
        if status in ENDED:
            end(order, status, reason, self._parts.clock)
        order.status = status
        self._say(order, "openOrder", "orderStatus")
        return order

    def double(self, order: GatewayOrder) -> GatewayOrder:
        """Make a second order of the same numbers, but for the account-wide one."""
        key = (order.client_id, order.order_id)
        second = self._new(key, order.contract, order.placed)
        self._after(second)
        return second

    def _what_if(self, key: Key, contract: Contract, placed: PlacedOrder) -> GatewayOrder:
        """Show what an order would be, first with no amounts as the real one does; keep nothing."""
        order = self._made(key, contract, placed)
        order.status = "PreSubmitted"
        self._say(order, "openOrder")
        touch = self.touch(contract)
        price = placed.limit_price or touch.price(buys=order.buys) or touch.mark()
        if price is not None:
            shares = order.quantity if order.buys else -order.quantity
            account = self._parts.fills.accounts[order.account]
            marks = lambda held: self.touch(held).mark()  # noqa: E731  # a mark is all that is asked
            order.margins = account.margins(contract, shares, price, marks)
            self._say(order, "openOrder")
        return order

    def _new(self, key: Key, contract: Contract, placed: PlacedOrder) -> GatewayOrder:
        client_id, order_id = key
        order = self._made(key, contract, placed)
        self.all.append(order)
        self._family(order).append(order)
        self._next[client_id] = max(self.next_id(client_id), order_id + 1)
        return order

    def _made(self, key: Key, contract: Contract, placed: PlacedOrder) -> GatewayOrder:
        self._perm += 1
        return GatewayOrder(
            client_id=key[0],
            order_id=key[1],
            perm_id=self._perm,
            contract=contract,
            placed=placed,
            account=placed.account or self._parts.accounts[0],
        )

    def cancel(self, client_id: int, order_id: int) -> None:
        """Do what ``cancelOrder`` asks, or say why not."""
        key = (client_id, order_id)
        order = self._keys.get(key)
        about = f"OrderId {order_id} that needs to be cancelled"
        living = [
            each
            for each in (self._family(order) if order else ())
            if each.order_id == order_id and (each.is_open or each.is_held)
        ]
        for each in living:
            self.ask_cancel(each)
        if order is None:
            self._say_error(key, Refused(10147, f"{about} is not found."))
        elif not living:
            text = f"{about} cannot be cancelled, state: {order.status}."
            self._say_error(key, Refused(10148, text))

    def ask_cancel(self, order: GatewayOrder) -> None:
        """Cancel an order, or let it be pending while cancels are kept back."""
        if order.is_open:
            order.status = "PendingCancel"
            self._say(order, "orderStatus")
        if not self.keep_cancels:
            self.end(order)

    def cancel_all(self) -> None:
        """Cancel every order of every client."""
        for order in list(self.all):
            if order.is_open or order.is_held:
                self.ask_cancel(order)

    def end(
        self, order: GatewayOrder, status: str = "Cancelled", code: int = 202, text: str = CANCELLED
    ) -> None:
        """Let an order end and say so, with the orders that hang on it."""
        if order.status in ENDED:
            return
        end(order, status, text, self._parts.clock)
        if code:
            self._say_error((order.client_id, order.order_id), Refused(code, text))
        self._say(order, "orderStatus")
        for child in self._children(order):
            self.end(child)

    def revive(self, order: GatewayOrder, status: str = "Submitted", why_held: str = "") -> None:
        """Put an order into any state and say so."""
        order.status = status
        order.why_held = why_held
        self._say(order, "openOrder", "orderStatus")

    def fill(
        self,
        order: GatewayOrder,
        shares: Decimal,
        price: Decimal,
        news: tuple[str, ...] = NEWS,
    ) -> GatewayExecution:
        """Execute shares of an order, whatever its state, and what follows from it."""
        done = self._parts.fills.fill(order, shares, price, news)
        self._reduce_group(order, shares)
        if order.status == "Filled":
            for child in self._children(order):
                self._submit(child)
        return done

    def match(self, contract: Contract) -> None:
        """Trade whatever the market of a contract allows now."""
        touch = self.touch(contract)
        for order in list(self.all):
            if order.contract.con_id == contract.con_id and order.is_open:
                self._match(order, touch)

    def auction(self, contract: Contract, price: Decimal, *, opening: bool) -> None:
        """Trade the orders of the opening or closing auction at one price."""
        for order in list(self.all):
            kind = order.placed.tif == "OPG" if opening else order.placed.order_type in CLOSING
            if order.contract.con_id != contract.con_id or not order.is_open or not kind:
                continue
            if reaches(order, price):
                self.fill(order, order.remaining, price)
            else:
                self.end(order)

    def _new_refusal(self, key: Key) -> Refused | None:
        if key[1] < self.next_id(key[0]):
            return Refused(103, "Duplicate order id")
        return None

    def _join_brackets(self, order: GatewayOrder) -> None:
        """Link the children of one parent: where one trades, the others shrink."""
        parent = self._keys.get((order.client_id, order.placed.parent_id))
        if parent is not None and not order.placed.oca_group:
            with_terms(order, oca_group=str(parent.perm_id), oca_type=3)

    def _after(self, order: GatewayOrder) -> None:
        """Transmit an order, with the family that it completes, or hold it and show it once."""
        if not order.placed.transmit:
            self._say(order, "openOrder")
            return
        family = [each for each in self._family(order) if each.is_held or each is order]
        for each in family:
            self._submit(each)
        for each in family:
            if each.is_open:
                self._match(each, self.touch(each.contract))

    def _family(self, order: GatewayOrder) -> list[GatewayOrder]:
        """Return parent and children, parents first."""
        return self._families[order.client_id, order.placed.parent_id or order.order_id]

    def _children(self, order: GatewayOrder) -> list[GatewayOrder]:
        return [
            each
            for each in self._families[order.client_id, order.order_id]
            if each.placed.parent_id == order.order_id and (each.is_open or each.is_held)
        ]

    def _submit(self, order: GatewayOrder) -> None:
        """Let an order rest where it has to wait, else work."""
        if order.status not in {"", *RESTING}:
            return
        parent = self._keys.get((order.client_id, order.placed.parent_id))
        waits = is_waiting(order) or (parent is not None and parent.status != "Filled")
        order.status = "PreSubmitted" if waits else "Submitted"
        self._say(order, "openOrder", "orderStatus")

    def _match(self, order: GatewayOrder, touch: Touch) -> None:
        parent = self._keys.get((order.client_id, order.placed.parent_id))
        if parent is not None and parent.status != "Filled":
            return
        if is_waiting(order) and not order.why_held and is_triggered(order, touch):
            order.triggered = True
            self._submit(order)
        while order.is_open and (deal := tradable(order, touch)):
            if order.placed.tif == "FOK" and deal[0] < order.remaining:
                break
            touch.take(deal[0], buys=order.buys)
            self.fill(order, *deal)
        if order.is_open and order.placed.tif in {"IOC", "FOK"}:
            self.end(order)

    def _reduce_group(self, order: GatewayOrder, shares: Decimal) -> None:
        """Cancel the others of a group, or make them smaller by what was traded."""
        group = order.placed.oca_group
        for other in list(self.all) if group else ():
            if other is order or other.placed.oca_group != group or not other.is_open:
                continue
            rest = other.quantity - shares
            if order.placed.oca_type == 1 or rest <= other.filled:
                self.end(other)
            else:
                with_terms(other, quantity=rest)
                self._say(other, "openOrder", "orderStatus")

    def _say(self, order: GatewayOrder, *kinds: str) -> None:
        for kind in kinds:
            text = say.open_order(order) if kind == "openOrder" else say.order_status(order)
            self._parts.voice.to_client(order.client_id, text)

    def _say_error(self, key: Key, problem: Refused) -> None:
        told = answers.error(key[1], problem.code, problem.text)
        self._parts.voice.to_client(key[0], told)


__all__ = ["Book", "Key", "Parts"]
