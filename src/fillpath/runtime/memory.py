"""Python's memory housekeeping, kept out of the way while the engine runs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG: Final = 200_000
MIDDLE: Final = 50
OLD: Final = 100


@contextmanager
def calm_collector() -> Iterator[None]:
    """Freeze what exists and collect rarely inside the block.

    Events, orders and records hold no cycles, so reference counts free them; the default
    thresholds would walk all of them again and again.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    try:
        yield
    finally:
        gc.freeze()  # what was made inside is old by now, and need not be walked as if it were young
        gc.set_threshold(*before)
        gc.unfreeze()
