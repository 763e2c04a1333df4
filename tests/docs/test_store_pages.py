"""The pages about the tables say what is so: their Python runs, their columns exist."""

import re
from pathlib import Path

import pytest

from fillpath.data.store import schema
from tests.house.project import ROOT
from tools.make_tables import made

HOW_TO = (ROOT / "docs" / "how-to" / "store.md").read_text(encoding="utf-8")
TABLES = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")


def test_the_python_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    program = "\n".join(re.findall(r"```python\n(.*?)```", HOW_TO, flags=re.DOTALL))

    exec(compile(program, "store.py", "exec"), {"__name__": "how_to"})  # noqa: S102  # our own page

    assert "AAPL" in capsys.readouterr().out


def test_the_page_of_tables_is_up_to_date() -> None:
    assert made() == TABLES, "run: python3 dev.py python tools/make_tables.py"


@pytest.mark.parametrize("name", [n for n in schema.metadata.tables if not n.endswith("_kept")])
def test_every_column_of_every_table_has_its_row(name: str) -> None:
    section = TABLES.split(f"\n## {name}\n")[1].split("\n## ")[0]

    for column in schema.metadata.tables[name].c:
        assert f"\n| `{column.name}` |" in section
