"""Every page of the documentation can be reached, and every link in it leads somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.project import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
DOCUMENTS = [*PAGES, *sorted(ROOT.glob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def navigation(entry: Any) -> Iterator[str]:
    """Yield the pages of the navigation, however deep they stand."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        for below in entry.values():
            yield from navigation(below)
    else:
        for below in entry:
            yield from navigation(below)


def test_the_navigation_holds_every_page_exactly_once() -> None:
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))

    listed = list(navigation(settings["nav"]))

    assert sorted(listed) == sorted(path.relative_to(DOCS).as_posix() for path in PAGES)


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_a_link_leads_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    ours = [
        target for target in targets if "://" not in target and not target.startswith("mailto:")
    ]

    assert [target for target in ours if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_a_page_has_one_title_and_it_comes_first(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^# .+", text, re.MULTILINE)

    assert len(titles) == 1
    assert text.lstrip().startswith("# ")


def test_every_decision_record_is_in_the_index() -> None:
    index = (DOCS / "adr" / "index.md").read_text(encoding="utf-8")
    records = [path.name for path in (DOCS / "adr").glob("[0-9]*.md")]

    assert [name for name in records if f"({name})" not in index] == []


def test_decision_records_have_numbers_of_their_own() -> None:
    numbers = [path.name[:4] for path in (DOCS / "adr").glob("[0-9]*.md")]

    assert len(numbers) == len(set(numbers))
