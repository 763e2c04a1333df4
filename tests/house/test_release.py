"""What is released is what is documented: one version, one changelog entry, a whole wheel."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import fillpath
from tests.house.project import ROOT, SOURCE
from tools import sbom


def test_the_newest_released_version_in_the_changelog_is_the_packages_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+[a-z0-9.]*)\]?", changelog, re.MULTILINE)

    assert versions
    assert versions[0] == fillpath.__version__


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Return the wheel that hatchling builds from this folder, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(Path(folder).glob("*.whl")))


def test_the_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    files = (path for path in SOURCE.rglob("*") if path.is_file())
    ours = {path.relative_to(ROOT / "src").as_posix() for path in files if path.suffix != ".pyc"}

    assert ours - set(wheel.namelist()) == set()


def test_the_wheel_holds_the_built_page_and_nothing_that_builds_it(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()

    assert "fillpath/web/index.html" in names
    assert [name for name in names if "node_modules" in name or name.endswith(".tsx")] == []


@pytest.mark.security("S-31")
def test_the_wheel_holds_the_list_of_its_parts(wheel: zipfile.ZipFile) -> None:
    place = f"fillpath-{fillpath.__version__}.dist-info/sboms/fillpath.cdx.json"

    assert json.loads(wheel.read(place)) == json.loads(sbom.listed(ROOT))


@pytest.mark.security("S-31")
def test_the_list_of_parts_names_what_is_installed_with_its_hashes() -> None:
    parts = {part["purl"]: part for part in sbom.parts(ROOT)}
    names = {name.partition("@")[0] for name in parts}

    assert {"pkg:pypi/msgspec", "pkg:pypi/redis", "pkg:npm/react"} <= names
    assert not {"pkg:npm/vite", "pkg:pypi/pytest"} & names, "nobody who installs it gets these"
    for name, part in parts.items():
        assert part["hashes"], name
        assert part["scope"] in {"required", "optional"}


def test_the_wheel_says_that_it_is_typed(wheel: zipfile.ZipFile) -> None:
    assert "fillpath/py.typed" in wheel.namelist()


def test_the_wheel_gives_the_fillpath_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    information = f"fillpath-{fillpath.__version__}.dist-info"

    assert (
        "fillpath = fillpath.cli:main"
        in wheel.read(
            f"{information}/entry_points.txt",
        ).decode()
    )
    assert f"{information}/licenses/LICENSE" in wheel.namelist()
