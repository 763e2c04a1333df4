"""Which order a message is about: our own name, the account-wide ids, and the order id last.

An order id belongs to one client id and begins anew when it is reset in the gateway, so it names an
order only as long as nothing contradicts it. An account-wide id is given by the broker and may be
missing at first, or be more than one. Our own name comes back with orders and executions; nobody
keeps others from using the same.
"""

from collections.abc import Iterator
from typing import Final

from fillpath.ibkr.tracked import Tracked

MOST_ENDED: Final = 16_384
"""Ended orders that are remembered."""


class Register:
    """Every order that is followed, by each of its names.

    Args:
        client_id: ours; order ids of others name nothing here.
    """

    def __init__(self, client_id: int) -> None:
        self._client_id = client_id
        self._orders: dict[str, Tracked] = {}
        self._by_perm: dict[int, Tracked] = {}
        self._by_number: dict[int, Tracked] = {}
        self._owners: dict[int, int] = {}

    def __iter__(self) -> Iterator[Tracked]:
        """Return every order, oldest first."""
        return iter(self._orders.values())

    def get(self, order_id: str) -> Tracked | None:
        """Return the order that has our name."""
        return self._orders.get(order_id)

    def named(self, broker_order_id: str) -> Tracked | None:
        """Return the order that has one of the account-wide ids, as text."""
        perm = broker_order_id
        return self._by_perm.get(int(perm)) if perm.isascii() and perm.isdigit() else None

    def numbered(self, number: int) -> Tracked | None:
        """Return the order of ours that has an order id."""
        return self._by_number.get(number)

    def add(self, tracked: Tracked) -> None:
        """Follow an order; of those that have ended only the last are remembered."""
        self._orders[tracked.order_id] = tracked
        self.number(tracked, tracked.number)
        if len(self._orders) > MOST_ENDED:
            self._forget()

    def number(self, tracked: Tracked, number: int) -> None:
        """Give an order of ours its order id."""
        if number and tracked.mine:
            tracked.number = number
            self._by_number[number] = tracked

    def give_perm(self, tracked: Tracked, perm: int) -> bool:
        """Add an account-wide id to an order; return whether it is new to it."""
        if not perm or perm in tracked.perms:
            return False
        tracked.perms.append(perm)
        self._by_perm[perm] = tracked
        return True

    def owned(self, perm: int, client_id: int) -> None:
        """Remember which client id placed the order with an account-wide id."""
        if perm:
            self._owners[perm] = client_id

    def is_ours(self, client_id: int | None, perm: int, ref: str) -> bool:
        """Return whether an order is one of this engine, by the client id as far as it is told.

        Args:
            client_id: who placed it; None where the message does not say.
            perm: its account-wide id.
            ref: our name, as it came back.
        """
        owner = self._owners.get(perm) if client_id is None else client_id
        return bool(ref) and owner in (None, self._client_id)

    def find(self, client_id: int | None, perm: int, number: int, ref: str) -> Tracked | None:
        """Return the order that a message is about, None for one not known.

        Args:
            client_id: who placed it; None where the message does not say.
            perm: the account-wide id, 0 when not told.
            number: the order id, 0 when not told.
            ref: our name, empty when not told.
        """
        by_perm = self._by_perm.get(perm)
        if by_perm is not None:
            return by_perm
        if ref and self.is_ours(client_id, perm, ref):
            return self._orders.get(ref)
        if ref or client_id != self._client_id:
            return None
        by_number = self._by_number.get(number)
        # Without a name of ours an order id says little: it was given anew after a reset.
        return by_number if by_number is not None and not (perm and by_number.perms) else None

    def _forget(self) -> None:
        """Forget the oldest order that has ended, when there is one."""
        for order_id, tracked in self._orders.items():
            if tracked.ended is not None:
                del self._orders[order_id]
                for perm in tracked.perms:
                    del self._by_perm[perm]
                    self._owners.pop(perm, None)
                if self._by_number.get(tracked.number) is tracked:
                    del self._by_number[tracked.number]
                break


__all__ = ["MOST_ENDED", "Register"]
