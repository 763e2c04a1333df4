"""What the README shows is true: its Python runs, its commands and its links exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINKS = sorted(set(re.findall(r"\]\(([^)#]+)\)", README)))


def test_the_python_example_runs_as_printed() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)

    exec(compile(example, "README.md", "exec"), {})  # noqa: S102  # our own page


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"python3 dev\.py (\w+)", README))))
def test_every_command_is_one_of_the_door(verb: str) -> None:
    assert f"python3 dev.py {verb}" in (ROOT / "dev.py").read_text(encoding="utf-8")
