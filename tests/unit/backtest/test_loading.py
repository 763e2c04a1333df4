"""A strategy named on the command line is found, or the name is explained."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from fillpath.backtest.loading import load_strategy, sessions_after
from fillpath.core.errors import ConfigError
from fillpath.strategy.base import Sessions
from fillpath.strategy.catalogue import BUILT_IN
from fillpath.strategy.rules import Momentum

BODY = """
class Silent:
    name = "silent"

    def on_bar(self, bar, view):
        return ()


class Needy(Silent):
    def __init__(self, size):
        self.size = size


class Nameless(Silent):
    name = ""


class Deaf:
    name = "deaf"


class Quoted:
    name = "quoted"

    def on_quote(self, quote, view):
        return ()


class Forgetful(Quoted):
    def on_quote(self, quote):
        return ()


class Greedy(Silent):
    def on_bar(self, bar, view, account):
        return ()


class Flexible(Silent):
    def on_bar(self, *seen, verbose=False):
        return ()


class Waiting(Quoted):
    async def on_quote(self, quote, view):
        return ()


class Listed(Silent):
    on_quote = ["IBM"]


class Numb(Silent):
    on_bar = None


silent = Silent()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    package = tmp_path / "folder_of_strategies"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "quiet.py").write_text(BODY, encoding="utf-8")
    (package / "broken.py").write_text("import a_module_that_nobody_has\n", encoding="utf-8")
    path, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def test_a_class_in_the_folder_is_found(folder: Path) -> None:
    strategy = load_strategy("folder_of_strategies.quiet:Silent", folder=folder)

    assert strategy.name == "silent"


@pytest.mark.parametrize("name", ["Quoted", "Flexible"])
def test_quotes_alone_are_enough_and_arguments_may_be_flexible(folder: Path, name: str) -> None:
    assert load_strategy(f"folder_of_strategies.quiet:{name}", folder=folder).name


def test_the_folder_is_looked_in_once(folder: Path) -> None:
    for _ in range(2):
        load_strategy("folder_of_strategies.quiet:Silent", folder=folder)

    assert sys.path.count(str(folder)) == 1


@pytest.mark.parametrize("reference", ["Silent", "quiet:", ":Silent", "quiet:a b", "quiet:x:y", ""])
def test_a_malformed_name_is_explained(reference: str) -> None:
    with pytest.raises(ConfigError, match="strategy must be module:Class"):
        load_strategy(reference)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere:Silent", "there is no module 'nowhere'"),
        ("folder_of_strategies.none:Silent", "there is no module 'folder_of_strategies.none'"),
        ("folder_of_strategies.quiet:Loud", "has no class Loud"),
        ("folder_of_strategies.quiet:silent", "has no class silent"),
        ("folder_of_strategies.quiet:Needy", "must be constructible without arguments"),
        ("folder_of_strategies.quiet:Nameless", "must have a name"),
        (
            "folder_of_strategies.quiet:Deaf",
            r"must have a method on_bar\(self, bar, view\) or on_quote\(self, quote, view\)$",
        ),
        ("folder_of_strategies.quiet:Numb", r"must have a method on_bar\(self, bar, view\) or"),
        (
            "folder_of_strategies.quiet:Forgetful",
            r"must have on_quote\(self, quote, view\), got on_quote\(self, quote\)$",
        ),
        (
            "folder_of_strategies.quiet:Greedy",
            r"must have on_bar\(self, bar, view\), got on_bar\(self, bar, view, account\)$",
        ),
        ("folder_of_strategies.quiet:Waiting", r"as a plain method, not as a coroutine"),
        (
            "folder_of_strategies.quiet:Listed",
            r"on_quote\(self, quote, view\), and its on_quote is",
        ),
    ],
)
def test_what_is_no_strategy_is_explained(folder: Path, name: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        load_strategy(name, folder=folder)


def test_an_import_that_fails_inside_the_module_stays_the_users_error(folder: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match="a_module_that_nobody_has"):
        load_strategy("folder_of_strategies.broken:Silent", folder=folder)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_strategy_is_found_by_its_short_name_which_is_its_own(name: str) -> None:
    assert load_strategy(name).name == name


def test_parameters_reach_a_built_in_strategy() -> None:
    strategy = load_strategy("momentum", parameters={"lookback": "7"})

    assert isinstance(strategy, Momentum)
    assert strategy.values["lookback"] == 7


def test_a_strategy_that_counts_sessions_is_told_those_of_the_exchange() -> None:
    told: list[Sessions] = []

    class Counting:
        name = "counting"

        def on_bar(self, bar: object, view: object) -> tuple[()]:
            del bar, view
            return ()

        def count_sessions(self, sessions: Sessions) -> None:
            told.append(sessions)

    module = ModuleType("module_that_counts")
    module.Counting = Counting  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module

    load_strategy("module_that_counts:Counting")

    del sys.modules[module.__name__]
    assert told == [sessions_after]


@pytest.mark.parametrize(
    ("first", "last", "sessions"),
    [
        ("2026-11-25", "2026-11-27", 1),  # Thanksgiving is no session, the half day after it is
        ("2026-11-27", "2026-11-30", 1),
        ("2026-11-30", "2026-11-27", 0),
        ("2040-12-31", "2041-01-04", 4),  # beyond the calendar weekdays count
    ],
)
def test_sessions_are_those_of_new_york(first: str, last: str, sessions: int) -> None:
    assert sessions_after(date.fromisoformat(first), date.fromisoformat(last)) == sessions
