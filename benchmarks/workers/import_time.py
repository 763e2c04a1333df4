"""How long one module takes to import, in a process that has imported nothing else."""

from __future__ import annotations

import sys
import time


def main(module: str, system: str) -> None:
    """Import the module under the clock, then load what is needed to tell."""
    begun = time.perf_counter()
    __import__(module)
    seconds = time.perf_counter() - begun

    import contract  # noqa: PLC0415  # after the clock was stopped: its own imports would be counted

    package = sys.modules[module.partition(".")[0]]
    version = getattr(package, "__version__", "")
    contract.tell("import", system, contract.Outcome(version, 0, 0, 0, seconds, 0.0))


if __name__ == "__main__":
    main(*sys.argv[1:])
