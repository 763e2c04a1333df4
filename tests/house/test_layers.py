"""The layer picture in the docs is the linter's file, and every decision is named in it."""

import re

import pytest

from tests.house.project import ROOT, SOURCE, contract, module_name

PICTURES = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
DECIDING_ROOMS = ("core", "execution", "risk", "strategy")

# Modules of the deciding rooms that act: they await, hold state or fetch, and decide nothing.
SHELL = {
    "fillpath.execution.broker",
    "fillpath.execution.engine",
    "fillpath.execution.quality",
    "fillpath.execution.router",
    "fillpath.execution.seeing",
    "fillpath.execution.sending",
}


def drawn_layers(picture: str) -> list[set[str]]:
    """Return the rows of the picture that carries this mark, top first."""
    match = re.search(rf"<!-- layers: {picture} -->\s*```text\n(.*?)```", PICTURES, re.DOTALL)
    assert match, f"architecture.md has no picture marked {picture!r}"
    rows = [set(re.findall(r"\(?[a-z_]+\)?", row)) for row in match[1].splitlines()]
    return [row for row in rows if row]


def enforced_layers(name: str) -> list[set[str]]:
    """Return the layers that the linter enforces, top first."""
    return [{part.strip() for part in row.split("|")} for row in contract(name)["layers"]]


@pytest.mark.parametrize("name", ["rooms", "execution"])
def test_the_picture_in_the_docs_is_what_the_linter_enforces(name: str) -> None:
    assert drawn_layers(name) == enforced_layers(name)


@pytest.mark.parametrize(("name", "package"), [("rooms", ""), ("execution", "execution")])
def test_a_layer_stands_in_parentheses_only_until_it_is_built(name: str, package: str) -> None:
    waiting = {
        layer.strip("()") for row in enforced_layers(name) for layer in row if layer.startswith("(")
    }
    built = {path.stem for path in (SOURCE / package).iterdir()}

    assert waiting & built == set()


def modules_of_the_deciding_rooms() -> list[str]:
    files = [path for room in DECIDING_ROOMS for path in sorted((SOURCE / room).rglob("*.py"))]
    return [module_name(path) for path in files if path.name != "__init__.py"]


def is_within(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_every_module_of_a_deciding_room_is_pure_or_named_as_shell() -> None:
    pure = set(contract("purity")["source_modules"])

    nowhere = [
        name for name in modules_of_the_deciding_rooms() if not is_within(name, pure | SHELL)
    ]
    both = [name for name in modules_of_the_deciding_rooms() if is_within(name, pure & SHELL)]

    assert nowhere == []
    assert both == []


def test_the_purity_contract_names_only_modules_that_exist() -> None:
    paths = [ROOT / "src" / name.replace(".", "/") for name in contract("purity")["source_modules"]]

    assert [
        path for path in paths if not path.is_dir() and not path.with_suffix(".py").exists()
    ] == []


def test_the_layer_contracts_are_exhaustive() -> None:
    assert contract("rooms")["exhaustive"]
    assert contract("execution")["exhaustive"]


def test_the_only_module_outside_the_layers_is_the_entry_point() -> None:
    assert contract("rooms")["exhaustive_ignores"] == ["__main__"]
