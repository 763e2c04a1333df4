"""The kill switch as a value: set or cleared, by whom, why and since when."""

from msgspec import Struct

from fillpath.core.errors import ModelError


class KillSwitch(Struct, frozen=True, kw_only=True, gc=False):
    """Whether trading is stopped; while it is, nothing leaves, not even an exit.

    Args:
        killed: trading is stopped.
        reason: why it was stopped; empty while cleared.
        by: who stopped it, or who cleared it last; empty at the start.
        since: nanoseconds UTC of that act, None when nobody said.
    """

    killed: bool = False
    reason: str = ""
    by: str = ""
    since: int | None = None

    def set(self, reason: str, by: str, at: int | None = None) -> "KillSwitch":
        """Return the switch stopped; a second stop keeps the first one's reason and time.

        Raises:
            ModelError: no reason or no name is given.
        """
        _check_named(by)
        if not reason.strip():
            raise ModelError("reason must say why trading stops, got an empty text")
        return self if self.killed else KillSwitch(killed=True, reason=reason, by=by, since=at)

    def cleared(self, by: str, at: int | None = None) -> "KillSwitch":
        """Return the switch cleared; clearing a cleared switch changes nothing.

        Raises:
            ModelError: no name is given.
        """
        _check_named(by)
        return KillSwitch(by=by, since=at) if self.killed else self


def _check_named(by: str) -> None:
    if not by.strip():
        raise ModelError("by must name a person or a breaker, got an empty text")
