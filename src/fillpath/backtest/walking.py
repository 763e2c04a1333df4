"""Walk-forward: parameters are chosen on past sessions and judged on the sessions after them."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.errors import ConfigError
from fillpath.reports.performance import EquityPoint


class Window(Struct, frozen=True):
    """Numbers of sessions: trained on ``train`` to ``test`` less one, judged on ``test`` to ``last``."""

    train: int
    test: int
    last: int


class Chosen(Struct, frozen=True):
    """What a window chose and what came of it.

    Args:
        window: its sessions.
        parameters: chosen on the training sessions alone.
        trained: objective there; None when no variant had enough to say, and the first was taken.
        tested: total return on the test sessions.
    """

    window: Window
    parameters: dict[str, Any]
    trained: float | None
    tested: float | None


def windows(sessions: int, count: int) -> list[Window]:
    """Return equal windows: the sessions are cut into count + 1 blocks, each after the first is a test.

    Raises:
        ConfigError: there are too few sessions.
    """
    block = sessions // (count + 1)
    if block <= 1:
        raise ConfigError(
            f"--walk-forward {count} needs at least {2 * (count + 1)} sessions, the data have "
            f"{sessions}"
        )
    return [
        Window(
            train=number * block,
            test=(number + 1) * block,
            last=sessions - 1 if number == count - 1 else (number + 2) * block - 1,
        )
        for number in range(count)
    ]


def chained(parts: Sequence[Sequence[EquityPoint]]) -> list[EquityPoint]:
    """Return curves one after the other, each begun with what the one before ended with."""
    found: list[EquityPoint] = []
    for part in parts:
        if not found:
            found += part
            continue
        if part[0].equity <= 0:
            break
        factor = found[-1].equity / part[0].equity
        found += [
            replace(point, equity=point.equity * factor, exposure=point.exposure * factor)
            for point in part[1:]
        ]
    return found
