"""Messages that come by two ways: the second is the echo of the first."""

import hashlib
from collections import OrderedDict
from typing import Final

REMEMBERED: Final = 10_000


class Echoes:
    """Remember the latest messages, and by which way each came first."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._origins: OrderedDict[bytes, str] = OrderedDict()

    def is_echo(self, payload: bytes, origin: str) -> bool:
        """Return whether the very same bytes came by another way before.

        The same bytes by the same way are no echo: that is a producer who repeats itself, or a
        message that comes again, and both must be seen.
        """
        digest = hashlib.blake2b(payload, digest_size=16).digest()
        first = self._origins.setdefault(digest, origin)
        if len(self._origins) > self._remembered:
            self._origins.popitem(last=False)
        return first != origin
