"""Orders that are linked (OCA): what one of them fills, the others lose at once.

A group ends when a fill has left none of its orders working; whoever joins it afterwards is too
late, and is cancelled. So a position is never closed twice, whichever order gets there first.
"""

from collections import OrderedDict
from typing import Final

from fillpath.execution.broker.book import Working

ENDED_GROUPS: Final = 65_536


class Groups:
    """Who is linked with whom among the orders that work."""

    def __init__(self) -> None:
        self._members: dict[str, dict[str, Working]] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def join(self, work: Working) -> None:
        """Link an order that works with the others of its group."""
        self._members.setdefault(work.group, {})[work.order.order_id] = work

    def leave(self, work: Working) -> None:
        """Take out an order that works no more."""
        members = self._members.get(work.group)
        if members is not None:
            members.pop(work.order.order_id, None)
            if not members:
                del self._members[work.group]

    def others(self, group: str, order_id: str) -> list[Working]:
        """Return the orders that are linked with one, oldest first."""
        members = self._members.get(group, {})
        return [work for name, work in members.items() if name != order_id]

    def filled(self, group: str) -> None:
        """Note that a fill has taken from the group; without an order that works it has ended."""
        if group not in self._members:
            self._ended[group] = None
            if len(self._ended) > ENDED_GROUPS:
                self._ended.popitem(last=False)

    def has_ended(self, group: str) -> bool:
        """Return whether the group was filled, so that nobody may join it any more."""
        return group in self._ended
