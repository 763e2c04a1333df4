"""What is still to come of a sliced order, for whoever looks at it."""

from collections.abc import Mapping
from typing import Any

from fillpath.core.units import iso, moment, quantity_decimal
from fillpath.execution.slicing import Schedule
from fillpath.service.control import Act, Request
from fillpath.service.live import Live


class Plans:
    """Answer what a running schedule has planned.

    Args:
        live: the account's engine.
    """

    def __init__(self, live: Live) -> None:
        self._live = live

    def acts(self) -> Mapping[str, Act]:
        """Return what can be asked, by name."""
        return {"plan": self.plan}

    async def plan(self, request: Request) -> Mapping[str, Any]:
        """Return the slices that are still to come; none of an order whose schedule has ended."""
        parent = self._live.desk.state.parents.get(str(request.get("order_id")))
        if parent is None or parent.stopped:
            return {"slices": []}
        return {"slices": planned(parent.schedule)}


def planned(schedule: Schedule) -> list[Mapping[str, Any]]:
    """Return the slices of a schedule that are neither released nor missed."""
    return [
        {
            "number": index + 1,
            "due_at": iso(moment(schedule.start + index * schedule.interval)),
            "quantity": f"{quantity_decimal(size):f}",
        }
        for index, size in enumerate(schedule.planned)
        if index >= schedule.next_slice and size
    ]


__all__ = ["Plans", "planned"]
