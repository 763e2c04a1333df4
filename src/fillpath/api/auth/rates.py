"""How often somebody may ask: buckets that refill, and waits that grow. No clock, no I/O.

A kill is never asked about here.
"""

from collections import OrderedDict
from typing import Final

from msgspec import Struct

from fillpath.core.units import NANOSECONDS

MOST_KEYS: Final = 10_000
MINUTE_NS: Final = 60 * NANOSECONDS
LONGEST_WAIT_NS: Final = 15 * MINUTE_NS
FORGOTTEN_NS: Final = 60 * MINUTE_NS


class Bucket(Struct):
    """What somebody has left.

    Args:
        left: nanoseconds of refilling that are saved up.
        at: when it was looked at last, nanoseconds UTC.
    """

    left: int
    at: int


class Rates:
    """Let a key do so much in a second, and twice that in one burst.

    Args:
        per_second: how often, above 0.
    """

    def __init__(self, per_second: int) -> None:
        self._price = NANOSECONDS // per_second
        self._most = 2 * per_second * self._price
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, key: str, now: int) -> int:
        """Return 0 and count one, or the nanoseconds to wait, and count nothing."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._most, now)
            if len(self._buckets) > MOST_KEYS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        bucket.left = min(self._most, bucket.left + max(now - bucket.at, 0))
        bucket.at = max(now, bucket.at)
        if bucket.left < self._price:
            return self._price - bucket.left
        bucket.left -= self._price
        return 0


class Failures(Struct):
    """Attempts that failed.

    Args:
        count: how many.
        at: the last one, nanoseconds UTC.
    """

    count: int = 0
    at: int = 0


class Patience:
    """Make whoever fails wait: after each ``attempts`` failures twice as long as before.

    Args:
        attempts: failures that cost no wait, above 0.
    """

    def __init__(self, attempts: int) -> None:
        self._attempts = attempts
        self._failures: OrderedDict[str, Failures] = OrderedDict()

    def wait(self, key: str, now: int) -> int:
        """Return the nanoseconds until the next attempt is looked at; 0: now."""
        failed = self._failures.get(key)
        if failed is None or now - failed.at > FORGOTTEN_NS:
            return 0
        rounds, over = divmod(failed.count, self._attempts)
        if not rounds or over:
            return 0
        wait: int = min(MINUTE_NS << min(rounds - 1, 10), LONGEST_WAIT_NS)
        return max(failed.at + wait - now, 0)

    def failed(self, key: str, now: int) -> None:
        """Count a failure; an attempt counts as one until it has succeeded."""
        failed = self._failures.get(key)
        if failed is None or now - failed.at > FORGOTTEN_NS:
            failed = self._failures[key] = Failures()
            if len(self._failures) > MOST_KEYS:
                self._failures.popitem(last=False)
        self._failures.move_to_end(key)
        failed.count += 1
        failed.at = now

    def forgiven(self, key: str) -> None:
        """Take one failure back: the attempt has succeeded."""
        failed = self._failures.get(key)
        if failed is not None and failed.count:
            failed.count -= 1

    def forgotten(self, key: str) -> None:
        """Forget every failure of a key."""
        self._failures.pop(key, None)
