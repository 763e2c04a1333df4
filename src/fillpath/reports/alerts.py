"""Alerts by kind, so that many of one kind do not hide the only one of another."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

from fillpath.core.rows import AlertRow


class AlertGroup(Struct, frozen=True):
    """The alerts of one kind.

    Args:
        code: the kind.
        count: how many there are.
        first: the earliest of them, oldest first.
    """

    code: str
    count: int
    first: tuple[AlertRow, ...]

    @property
    def untold(self) -> int:
        """Return how many there are beside the first ones."""
        return self.count - len(self.first)


def alert_groups(alerts: Iterable[AlertRow], most: int) -> list[AlertGroup]:
    """Return the kinds in alphabetical order, each with at most ``most`` of its alerts."""
    kinds: defaultdict[str, list[AlertRow]] = defaultdict(list)
    for alert in alerts:
        kinds[alert.code].append(alert)
    return [
        AlertGroup(code, len(found), tuple(found[:most])) for code, found in sorted(kinds.items())
    ]


__all__ = ["AlertGroup", "alert_groups"]
