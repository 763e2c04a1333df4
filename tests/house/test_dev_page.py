"""What dev.py does about the page of the dashboard."""

from pathlib import Path

import pytest

from tests.house.bare_project import Project, put_command, write_tool

FAKE_PAGE = """import os, sys
from pathlib import Path
with Path(os.environ["CALLS"] + ".page").open("a") as calls:
    calls.write(sys.argv[1] + "\\n")
sys.exit(int(os.environ.get("PAGE_" + sys.argv[1].upper(), "0")))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty project with dev.py in it."""
    return Project(tmp_path)


def put_page(project: Project) -> None:
    """Give the project a page whose every step ends as PAGE_<VERB> says."""
    (project.root / "tools").mkdir()
    (project.root / "tools" / "page.py").write_text(FAKE_PAGE)
    (project.root / "requirements" / "web.txt").write_text("node==1.0\n    # via a test\n")


def page_calls(project: Project) -> list[str]:
    return (project.root / "calls.page").read_text().splitlines()


def test_the_demo_builds_the_page_with_a_node_of_its_own(project: Project) -> None:
    put_command(project)
    put_page(project)

    project.dev("demo", PAGE_FRESH="1")

    assert page_calls(project) == ["fresh", "build"]
    assert '"groups": ["base", "demo", "web"]' in project.stamp.read_text()


def test_a_page_that_is_built_needs_no_node(project: Project) -> None:
    put_command(project)
    put_page(project)

    project.dev("demo")

    assert page_calls(project) == ["fresh"]
    assert '"groups": ["base", "demo"]' in project.stamp.read_text()


def test_the_demo_goes_on_without_a_page_that_cannot_be_built(project: Project) -> None:
    put_command(project)
    put_page(project)

    answer = project.dev("demo", "--once", PAGE_FRESH="1", PAGE_BUILD="1")

    assert answer.stdout == "['demo', '--once']\n"
    assert "going on without the page of the dashboard" in answer.stderr


def test_no_test_passes_without_the_page(project: Project) -> None:
    put_page(project)

    answer = project.dev("test", "--version", PAGE_FRESH="1", PAGE_BUILD="1")

    assert answer.returncode == 1
    assert answer.stdout == ""


def test_check_names_the_page_when_it_fails(project: Project) -> None:
    put_page(project)
    project.dev("test", "--version")
    for name in ("ruff", "mypy", "lint-imports", "codespell"):
        write_tool(project, name, 0)

    answer = project.dev("check", PAGE_CHECK="1")

    assert answer.returncode == 1
    assert "failed: page" in answer.stderr
