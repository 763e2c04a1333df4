"""Databases are imported by whoever opens one, and by nobody else."""

import subprocess
import sys

import pytest

from tests.house.project import ROOT

DATABASES = ("sqlalchemy", "alembic", "aiosqlite", "sqlite3", "asyncpg", "psycopg")


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("import fillpath", id="import"),
        pytest.param("import fillpath.data.store.folding", id="the package of the store"),
        pytest.param(
            "import contextlib, sys, fillpath.cli as c; sys.argv = ['fillpath', '--help']\n"
            "with contextlib.suppress(SystemExit): c.main()",
            id="help",
        ),
    ],
)
def test_starting_imports_no_database(program: str) -> None:
    shown = f"{program}\nimport sys; print(*sorted({{n.partition('.')[0] for n in sys.modules}}))"

    done = subprocess.run(
        [sys.executable, "-c", shown], capture_output=True, check=True, cwd=ROOT / "src", text=True
    )

    loaded = set(done.stdout.splitlines()[-1].split())
    assert "fillpath" in loaded
    assert loaded.isdisjoint(DATABASES)
