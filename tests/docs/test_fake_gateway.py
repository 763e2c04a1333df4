"""The example on the page about the fake gateway runs and prints what it says."""

import re
from pathlib import Path

import pytest

from fillpath.testing.gateway import Gateway, faults

PAGE = (
    Path(__file__).resolve().parents[2].joinpath("docs/how-to/fake-gateway.md").read_text("utf-8")
)


def test_the_example_prints_what_its_comments_say(capsys: pytest.CaptureFixture[str]) -> None:
    [program] = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(program, "fake_gateway.py", "exec"), {"__name__": "how_to"})  # noqa: S102  # ours

    assert capsys.readouterr().out.splitlines() == ["Submitted 40", "Filled 1"]


def test_every_fault_is_on_the_page() -> None:
    named = set(faults.__all__) - {"Fault", "REQUEST_FAULTS"}

    assert {name for name in named if not re.search(rf"`{name}\b", PAGE)} == set()


def test_every_call_in_the_tables_exists() -> None:
    rows = [row.split("|")[1] for row in PAGE.splitlines() if row.startswith("| `")]
    calls = {name for row in rows for name in re.findall(r"`([a-z_]+)\(", row)}
    gateway = Gateway()

    assert "quote" in calls
    assert {name for name in calls if not hasattr(gateway, name)} == set()
