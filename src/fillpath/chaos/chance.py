"""Chance that can be repeated: one generator for each concern, all of them made from one seed."""

import hashlib
from random import Random


class Chance:
    """Hand out generators by name.

    A concern that draws more or less often leaves every other one as it was. The names are hashed
    with a fixed function, so that ``PYTHONHASHSEED`` has no part in it.

    Args:
        seed: of the whole run.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, Random] = {}

    def of(self, name: str) -> Random:
        """Return the generator of this concern; the same object every time."""
        stream = self._streams.get(name)
        if stream is None:
            digest = hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()
            stream = self._streams[name] = Random(int.from_bytes(digest, "big"))  # noqa: S311
        return stream

    def happens(self, name: str, probability: float) -> bool:
        """Return whether something of this probability happens now; 0 draws nothing."""
        return probability > 0 and self.of(name).random() < probability
