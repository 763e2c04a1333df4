"""Watch what the engine stands on, and hold it while that cannot be trusted."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import TradingHeld, TradingReleased
from fillpath.core.ports import BrokerAdapter
from fillpath.core.units import NANOSECONDS
from fillpath.execution.policy import DeskPolicy
from fillpath.runtime.disk import replace_file

CLOCK: Final = "CLOCK"
SAFE_HOLD: Final = "SAFE_HOLD"
MOST_DRIFT: Final = NANOSECONDS // 2
"""Half a second (control C-49)."""
STARTS_FILE: Final = "starts.json"
MOST_STARTS: Final = 5
STARTS_WITHIN: Final = 60 * NANOSECONDS

Verdict = TradingHeld | TradingReleased | None


def clock_verdict(now: int, drift: int, *, held: bool) -> Verdict:
    """Return what follows from the machine's clock having run away by ``drift`` nanoseconds.

    The engine's own clock only counts up, so no timer moves; but what it stamps is doubtful.
    """
    if abs(drift) > MOST_DRIFT:
        if held:
            return None
        text = (
            f"the machine's clock was set {'forward' if drift > 0 else 'back'} by "
            f"{abs(drift) / NANOSECONDS:.3f} s; set it right, or restart the engine"
        )
        return TradingHeld(now, CLOCK, text)
    return TradingReleased(now, CLOCK, "the clocks agree again") if held else None


class StartLog:
    """Remembers starts that no clean stop followed: an engine that keeps dying must not trade.

    Args:
        folder: of the account.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / STARTS_FILE

    def begin(self, now: int) -> int:
        """Note a start and return how many there were within the last minute, this one included.

        What cannot be read or kept counts as too many.
        """
        recent = self._read(now)
        if recent is None or not self._write([*recent, now]):
            return MOST_STARTS + 1
        return len(recent) + 1

    def end(self) -> None:
        """Note a clean stop."""
        self._write([])

    def _read(self, now: int) -> list[int] | None:
        try:
            starts = msgspec.json.decode(self._path.read_bytes(), type=list[int])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.MsgspecError):
            return None
        return [at for at in starts if now - STARTS_WITHIN < at <= now]

    def _write(self, starts: list[int]) -> bool:
        try:
            replace_file(self._path, msgspec.json.encode(starts))
        except OSError:
            return False
        return True


def safe_hold(now: int, starts: int) -> TradingHeld | None:
    """Return the hold of an engine that was started too often, or None."""
    if starts <= MOST_STARTS:
        return None
    text = (
        f"{starts} starts within a minute without a clean stop: only cancels leave until "
        "fillpath resume"
    )
    return TradingHeld(now, SAFE_HOLD, text)


def fitted(
    wanted: DeskPolicy, broker: BrokerAdapter, at: int, page: Callable[[RaiseAlarm], None]
) -> DeskPolicy:
    """Return the rules as this broker lets them be, and tell what it cannot keep.

    Args:
        wanted: the rules of the settings.
        broker: says what it can.
        at: nanoseconds UTC.
        page: tells a person.
    """
    policy = wanted.for_broker(broker.capabilities)
    if policy.stop_keeper is not wanted.stop_keeper:
        text = f"stops are kept by {policy.stop_keeper}, because this broker keeps none"
        page(RaiseAlarm(at, "STOP_KEEPER", text))
    return policy
