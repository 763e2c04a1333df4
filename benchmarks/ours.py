"""fillpath as one more system: its interpreter, its worker and its command."""

from __future__ import annotations

import importlib.util
import platform
import sys
from pathlib import Path

from benchmarks.peers import WORKERS, Absent, System
from benchmarks.works import FILLPATH

WORKER = WORKERS / "fillpath_worker.py"
MODULE = (
    "fillpath.backtest.replay"  # what a first run needs, as with the peers; not the bare package
)


def ourselves(worker: Path = WORKER) -> System | Absent:
    """Return fillpath as it stands in this environment, or why it cannot be measured."""
    if importlib.util.find_spec("fillpath") is None:
        return Absent(FILLPATH, "it is not in this environment; start with python3 dev.py bench")
    if not worker.exists():
        return Absent(FILLPATH, f"its worker {worker.parent.name}/{worker.name} is not there")
    import fillpath  # noqa: PLC0415  # only where it is found

    return System(
        name=FILLPATH,
        version=fillpath.__version__,
        interpreter=platform.python_version(),
        python=Path(sys.executable),
        worker=worker,
        module=MODULE,
    )
