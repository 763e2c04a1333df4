"""Threads that nobody asked for: numpy's linear algebra starts one for each core on import."""

import os
from collections.abc import MutableMapping
from typing import Final

COUNT: Final = "OPENBLAS_NUM_THREADS"


def calm_threads(environment: MutableMapping[str, str] = os.environ) -> None:
    """Ask for one linear algebra thread, unless the user asked for another number.

    Nothing here multiplies matrices, and idle threads that spin take time from the engine. It must
    be called before numpy is imported.
    """
    environment.setdefault(COUNT, "1")
