"""What is remembered of the protection of one position."""

from msgspec import Struct, field

from fillpath.core.holdings import Holding

Key = tuple[str, str]
"""Strategy and symbol."""


class Guard(Struct):
    """The protection of what one strategy holds in one symbol.

    Args:
        origin: the order that opened the position; the names of protective orders begin with it.
        signal_id: the signal behind that order.
        paid: what is protected, and what it cost.
        level: price at which it is given up, price units; 0 before the first.
        target: price at which the profit is taken, price units; 0 without one.
        best: best price since it is held, price units; only where the stop trails.
        stop: name of the stop order, empty without one.
        goal: name of the order at the target, empty without one.
        group: the group of both and of every exit.
        exits: exits that joined the group and may work.
        fired: why the engine sells it, empty while its level was not reached.
        watch: prices that the engine waits for, low and high; None without a watch.
        failures: stops in a row that ended unasked.
        again_at: nanoseconds before which no other stop is tried.
        wakes_at: nanoseconds of its timer, 0 without one.
        late: whether the broker takes too long to confirm a change.
        ended: how the last stop ended, for a person.
        alarm: why it is not protected, empty while it is.
    """

    origin: str = ""
    signal_id: str = ""
    paid: Holding = field(default_factory=Holding)
    level: int = 0
    target: int = 0
    best: int = 0
    stop: str = ""
    goal: str = ""
    group: str = ""
    exits: list[str] = field(default_factory=list)
    fired: str = ""
    watch: tuple[int | None, int | None] | None = None
    failures: int = 0
    again_at: int = 0
    wakes_at: int = 0
    late: bool = False
    ended: str = ""
    alarm: str = ""

    @property
    def held(self) -> int:
        """Return what is protected, signed quantity units."""
        return self.paid.quantity


__all__ = ["Guard", "Key"]
