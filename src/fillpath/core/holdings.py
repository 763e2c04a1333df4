"""What is held, in exact integers, with average cost."""

from msgspec import Struct


class Holding(Struct):
    """A position inside the desk; the exact-integer twin of ``models.Position``.

    Args:
        quantity: quantity units, negative when short.
        cost: what the open quantity cost in money units, same sign as the quantity.
        realized: profit taken so far, money units, before commissions.
        stop: protective stop level of the position, price units; None without one.
    """

    quantity: int = 0
    cost: int = 0
    realized: int = 0
    stop: int | None = None

    def trade(self, signed_quantity: int, price: int) -> None:
        """Apply one execution at ``price``; what closes is taken off at average cost."""
        self.exchange(signed_quantity, signed_quantity * price)

    def exchange(self, signed_quantity: int, value: int) -> None:
        """Take shares for ``value`` in money units of the same sign.

        The cost taken off is rounded down to one money unit (1e-14 of the currency); what remains
        and what was realised always add up exactly.
        """
        held = self.quantity
        if held == 0 or (held > 0) == (signed_quantity > 0):
            self.quantity = held + signed_quantity
            self.cost += value
            return
        closing, part = signed_quantity, value
        if abs(signed_quantity) > abs(held):
            closing, part = -held, value * -held // signed_quantity
        taken_off = self.cost * -closing // held
        self.realized -= part + taken_off
        self.cost -= taken_off
        self.quantity = held + closing
        rest = signed_quantity - closing
        if rest:
            self.quantity = rest
            self.cost = value - part

    def split(self, new_shares: int, old_shares: int) -> int:
        """Multiply the quantity by new/old, towards zero, and divide the stop likewise; cost stays.

        Returns:
            Quantity units (scaled by ``old_shares``) lost to the smallest unit; 0 when exact.
        """
        size, lost = divmod(abs(self.quantity) * new_shares, old_shares)
        self.quantity = size if self.quantity > 0 else -size
        if self.stop is not None:
            self.stop = self.stop * old_shares // new_shares
        return lost
