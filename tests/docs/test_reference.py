"""What is made from the code is what the code says now."""

import re
from pathlib import Path

import msgspec
import pytest

from fillpath.cli import COMMANDS
from fillpath.core import models
from fillpath.settings import CATALOGUE
from tests.house.project import ROOT
from tools.make_reference import Field, made, unit

MADE = made()


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(MADE), ids=str)
def test_a_made_file_is_up_to_date(path: Path) -> None:
    written = (ROOT / path).read_text(encoding="utf-8")

    assert written == MADE[path], "run: python3 dev.py python tools/make_reference.py"


def test_every_setting_has_its_row_with_its_variable() -> None:
    rows = [line for line in page("settings.md").splitlines() if line.startswith("| `")]

    for knob, row in zip(CATALOGUE.knobs.values(), rows, strict=True):
        assert row.startswith(f"| `{knob.path[-1]}` | `{knob.variable}` |")


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for name in models.__all__
        if isinstance(kind := getattr(models, name), type) and issubclass(kind, msgspec.Struct)
    ],
)
def test_every_field_of_a_public_model_is_explained(kind: type[msgspec.Struct]) -> None:
    section = page("models.md").split(f"\n## {kind.__name__}\n")[1].split("\n## ")[0]

    for name in kind.__struct_fields__:
        row = next(line for line in section.splitlines() if line.startswith(f"| `{name}` |"))
        assert re.sub(r"\\\|", "", row).count("|") == 6
        assert not row.endswith("|  |"), f"{kind.__name__}.{name} has no meaning"


def test_every_option_of_every_command_has_its_row() -> None:
    text = page("cli.md")

    for command in COMMANDS:
        section = text.split(f"\n## fillpath {' '.join(command.words)}\n")[1].split("\n## ")[0]
        for option in command.options:
            assert f"\n| `{option.name}` |" in section


def test_a_number_without_a_unit_is_refused() -> None:
    with pytest.raises(KeyError, match="weight"):
        unit(Field("weight", "Decimal", "needed"))
