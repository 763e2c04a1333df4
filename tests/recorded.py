"""Where the recorded market days are, for the tests that read them; skipped visibly without."""

import os
from pathlib import Path
from typing import Final

import pytest

_BESIDE: Final = Path(__file__).resolve().parents[2] / "shared" / "data"
RECORDINGS: Final = Path(os.environ.get("FILLPATH_DATA") or _BESIDE)  # noqa: TID251  # the documented switch
needs_recordings: Final = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason=f"no recorded market days in {RECORDINGS}"
)
