"""A guarded server for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.api.gate.desks import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    with made.desk:
        yield made
