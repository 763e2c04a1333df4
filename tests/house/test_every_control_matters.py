"""A check that is taken out of the cascade, or turned round, is missed by a test of its control."""

import json
import subprocess
import sys
from typing import Final

import pytest

from tests.house.project import ROOT

NOT_NOTICED_YET: Final[frozenset[str]] = frozenset()
"""Checks whose tests are being written; empty when the work on risk is done."""


@pytest.mark.control("P-11", "refuses")
@pytest.mark.no_cover
def test_each_check_taken_out_or_turned_round_is_noticed() -> None:
    program = ROOT / "tools" / "turned_controls.py"

    told = subprocess.run(
        [sys.executable, program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stderr
    noticed = json.loads(told.stdout)
    assert {name for name, test in noticed.items() if not test} - NOT_NOTICED_YET == set()
