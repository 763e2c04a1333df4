"""Orders that depend on each other: parents with stop and limit, and orders that cancel others."""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from fillpath.backtest.bridge.ledger import Wish


class Place(Enum):
    """Where an order is."""

    HELD = auto()
    """It waits for the rest of its family to be sent, or for its parent to be filled."""
    QUEUED = auto()
    """It leaves at the next release."""
    CLOSING = auto()
    """It waits for the close of a session."""
    WORKING = auto()
    """The simulated broker has it."""
    OVER = auto()
    """It has ended."""


class Item(Struct, eq=False):
    """One order of Backtrader's and what became of it.

    Args:
        order: Backtrader's.
        wish: what it asks for.
        left: quantity units that may still fill.
        done: quantity units filled.
        place: where it is.
        broker_order_id: the simulated broker's name for it.
        filled: whether all of it was.
        reduced: whether the fill of a linked order took something off it.
        expiring: whether its time was over when its cancel was sent.
        parent: the order that must be filled first.
        children: orders that wait for it.
        others: what it cancels as soon as it fills or ends, itself among them.
    """

    order: Any
    wish: Wish
    left: int
    done: int = 0
    place: Place = Place.HELD
    broker_order_id: str = ""
    filled: bool = False
    reduced: bool = False
    expiring: bool = False
    parent: "Item | None" = None
    children: list["Item"] = field(default_factory=list)
    others: list["Item"] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Return whether it has ended."""
        return self.place is Place.OVER

    def lead(self) -> str:
        """Let others be linked to it, and return the name of the group.

        The simulated broker knows the group of an order that it has not got yet.
        """
        self.others = self.others or [self]
        if not self.wish.group and self.place is not Place.WORKING:
            self.wish = replace(self.wish, group=f"oco-{self.wish.number}")
        return self.wish.group

    def family(self) -> Iterator["Item"]:
        """Yield its parent, or itself, and then every child of that."""
        head = self.parent or self
        yield head
        yield from head.children

    def due_children(self) -> list["Item"]:
        """Return the children that may work now: those of a parent that is filled."""
        if not self.filled:
            return []
        return [child for child in self.children if child.place is Place.HELD]

    def doomed(self) -> list["Item"]:
        """Return what its end, or its first fill, takes along.

        Of linked orders the others; of a family the other children, and where the end was no fill
        everything.
        """
        found = [other for other in self.others if other is not self]
        if self.over and (self.parent is not None or not self.filled):
            found += [one for one in self.family() if one is not self]
        return [one for one in found if not one.over]


__all__ = ["Item", "Place"]
