"""The lock files are complete, hashed, host-free, and answer to pyproject.toml."""

import re
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.project import ROOT, metadata

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; [^\\]+)? \\$")
PINNED_TOGETHER = ("base", "servers", "dev")
# For older interpreters, for Windows and for browsers only.
ELSEWHERE = {"async-timeout", "colorama", "httpx2-jsfetch"}


def pins(name: str) -> dict[str, set[str]]:
    """Return the versions that a lock holds for each package."""
    found: dict[str, set[str]] = {}
    for row in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        match = PIN.match(row)
        if match:
            found.setdefault(match[1], set()).add(match[2])
    return found


def asked_for(name: str) -> list[str]:
    """Return the requirements of pyproject.toml that a lock answers to."""
    answer: list[str] = (
        metadata()["project"]["dependencies"]
        if name == "base"
        else metadata()["dependency-groups"][name]
    )
    return answer


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_names_no_host_and_no_folder(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "://" not in text
    assert "--index" not in text
    assert "--extra-index" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
@pytest.mark.security("S-31")
def test_every_row_of_a_lock_is_an_exact_pin_with_hashes(path: Path) -> None:
    rows = path.read_text(encoding="utf-8").splitlines()
    packages = [number for number, row in enumerate(rows) if row[:1] not in {"", " ", "#"}]

    assert packages
    for number in packages:
        assert PIN.match(rows[number]), rows[number]
        assert "--hash=sha256:" in rows[number + 1]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_holds_what_the_project_asks_for(path: Path) -> None:
    locked = pins(path.stem)

    for text in asked_for(path.stem):
        wanted = Requirement(text)
        versions = locked[canonicalize_name(wanted.name)]
        assert all(wanted.specifier.contains(version) for version in versions), text


def test_a_later_lock_keeps_the_versions_of_the_first() -> None:
    base = pins("base")

    for name in ("servers", "dev", "docs"):
        later = pins(name)
        assert {name: later[name] for name in base.keys() & later.keys()} == {
            name: base[name] for name in base.keys() & later.keys()
        }


def test_nothing_a_locked_package_needs_is_missing() -> None:
    locked = {name for lock in PINNED_TOGETHER for name in pins(lock)}
    missing = []
    for name in locked - ELSEWHERE:
        for text in requires(name) or []:
            needed = Requirement(text)
            applies = needed.marker is None or needed.marker.evaluate({"extra": ""})
            if applies and canonicalize_name(needed.name) not in locked:
                missing.append(f"{name} needs {needed.name}")

    assert missing == []


def test_the_demo_lock_is_the_demo_extra_and_pulls_in_no_pandas() -> None:
    extra = metadata()["project"]["optional-dependencies"]["demo"]

    assert extra == metadata()["dependency-groups"]["demo"]
    assert list(pins("demo")) == ["bokeh-sampledata"]
    assert "pandas" not in pins("base")


def test_the_servers_lock_is_the_extras_that_talk_to_something_outside() -> None:
    extras = metadata()["project"]["optional-dependencies"]

    assert sorted(
        extras["redis"] + extras["postgres"] + extras["ibkr"] + extras["alerts"]
    ) == sorted(metadata()["dependency-groups"]["servers"])


@pytest.mark.security("S-31")
def test_nothing_but_the_locks_is_asked_of_an_installation() -> None:
    ceilings = (ROOT / "requirements" / "ceilings.in").read_text(encoding="utf-8").splitlines()
    rows = [Requirement(row) for row in ceilings if row and not row.startswith("#")]

    assert "uv" not in metadata()["tool"], (
        "an installation with hashes refuses what is no exact pin"
    )
    for row in rows:
        assert all(row.specifier.contains(version) for version in pins("base")[row.name])
