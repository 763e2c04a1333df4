"""How long a message takes from the decision to the market: drawn from a seed and a name.

The same seed and name always take equally long, whatever else happens in between, so that a run
that was interrupted goes on as it would have gone.
"""

from hashlib import blake2b
from typing import Final

from fillpath.core.units import NANOSECONDS

MILLISECOND: Final = NANOSECONDS // 1_000
_BYTES: Final = 8
_BITS: Final = 8 * _BYTES


def latency(seed: int, name: str, shortest: int, longest: int) -> int:
    """Return the nanoseconds that a message is on its way.

    Uniform over the whole numbers of the range: ``shortest + floor(u (longest - shortest + 1))``,
    where ``u`` is the hash of seed and name, read as a fraction of one.

    Args:
        seed: of the run.
        name: of the message, such as ``order-1/submit``; each message has its own.
        shortest: nanoseconds, 0 or more.
        longest: nanoseconds, at least ``shortest``.
    """
    digest = blake2b(f"{seed}/{name}".encode(), digest_size=_BYTES).digest()
    return shortest + (int.from_bytes(digest, "big") * (longest - shortest + 1) >> _BITS)


__all__ = ["MILLISECOND", "latency"]
