"""The table of security in the docs is what the marks on the tests say."""

import re

import pytest

from tests.house.project import ROOT
from tests.security import REQUIREMENTS
from tools.make_security import PAGE, page, table

WEB = ROOT / "web" / "src"
MADE_OF_TEXT = re.compile(
    r"dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\("
)


def test_the_page_names_every_requirement_and_its_tests() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_a_requirement_is_shown_by_a_test(name: str) -> None:
    assert table()[name]


def test_there_are_as_many_requirements_as_the_specification_has() -> None:
    assert list(REQUIREMENTS) == [f"S-{number:02}" for number in range(1, 37)]


@pytest.mark.security("S-25")
@pytest.mark.fault("F-100")
def test_the_page_makes_nothing_of_text() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in sorted(WEB.rglob("*.ts*"))
        for match in MADE_OF_TEXT.finditer(path.read_text(encoding="utf-8"))
        if not path.name.endswith(".test.tsx")
    ]

    assert found == []


@pytest.mark.security("S-28")
def test_no_server_is_started_for_debugging() -> None:
    programs = [*(ROOT / "src").rglob("*.py")]
    wanted = re.compile(r"debug=True|reload=True|docs_url=\"|openapi_url=\"")

    assert [path for path in programs if wanted.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.security("S-05")
def test_no_password_is_built_in() -> None:
    programs = [*(ROOT / "src").rglob("*.py")]
    wanted = re.compile(r"(?i)\b(password|passwd|secret)\w*\s*[:=]+\s*[\"'][^\"'{}]{4,}[\"']")
    found = [
        f"{path.name}: {match[0]}"
        for path in programs
        for match in wanted.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []
