"""A strategy class by its name, as ``--strategy module:Class`` gives it."""

import sys
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import import_module
from inspect import iscoroutinefunction, signature
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final

from fillpath.core.errors import ConfigError
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.strategy.base import AnyStrategy, QuoteStrategy, SessionStrategy, Strategy
from fillpath.strategy.catalogue import BUILT_IN, reference_of
from fillpath.strategy.declared import weekdays

METHODS: Final = MappingProxyType({"on_bar": "bar", "on_quote": "quote"})
"""What a strategy may answer, by the method that answers it; it needs one of them."""


def load_strategy(
    reference: str,
    *,
    folder: Path | None = None,
    parameters: Mapping[str, Any] = MappingProxyType({}),
) -> AnyStrategy:
    """Import ``module:Class``, make one and check that it is a strategy.

    Args:
        reference: dotted module and class, such as ``my_strategies.trend:Breakout``, or the short
            name of a built-in strategy.
        folder: where else modules are looked for, usually the working folder.
        parameters: arguments by name; without any, the class is made without arguments.

    Raises:
        ConfigError: the reference is malformed, does not lead to a class, or the class is no
            strategy. Errors inside the user's own module pass through unchanged.
    """
    reference = reference_of(reference)
    kind = class_of(reference, folder)
    if any(base.__module__.partition(".")[0] == "backtrader" for base in kind.__mro__):
        raise ConfigError(
            f"strategy {reference!r} is a Backtrader strategy: run it with fillpath backtest "
            "--engine backtrader"
        )
    try:
        strategy = kind(**parameters)
    except TypeError as err:
        if parameters:
            given = ", ".join(sorted(parameters))
            raise ConfigError(f"strategy {reference!r} must take {given}: {err}") from err
        raise ConfigError(
            f"strategy {reference!r} must be constructible without arguments: {err}"
        ) from err
    if isinstance(strategy, SessionStrategy):
        strategy.count_sessions(sessions_after)
    return _checked(reference, strategy)


def sessions_after(first: date, last: date) -> int:
    """Return the sessions of New York after one day until another, itself included.

    Days that the calendar does not know count like the weekdays that they are.
    """
    calendar = _calendar()
    if first < calendar.first or last > calendar.last:
        return weekdays(first, last)
    return max(calendar.number(last) - calendar.number(first), 0)


@cache
def _calendar() -> ExchangeCalendar:
    return ExchangeCalendar()


def class_of(reference: str, folder: Path | None = None) -> type:
    """Import ``module:Class`` and return the class, whatever it is.

    Raises:
        ConfigError: the reference is malformed, or does not lead to a class.
    """
    module_name, colon, class_name = reference.partition(":")
    if not colon or not module_name or not class_name.isidentifier():
        raise ConfigError(
            f"strategy must be module:Class or one of {', '.join(BUILT_IN)}, got {reference!r}"
        )
    kind = getattr(_module(reference, module_name, folder), class_name, None)
    if not isinstance(kind, type):
        raise ConfigError(
            f"strategy {reference!r}: the module {module_name} has no class {class_name}"
        )
    return kind


def source_of(reference: str) -> Path | None:
    """Return the file that a strategy was written in; None for those that are built in.

    Raises:
        ConfigError: the reference is malformed, or does not lead to a class.
    """
    kind = class_of(reference_of(reference))
    found = getattr(sys.modules.get(kind.__module__), "__file__", None)
    if found is None or kind.__module__.partition(".")[0] == __package__.partition(".")[0]:
        return None
    path = Path(found)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _module(reference: str, name: str, folder: Path | None) -> ModuleType:
    if folder is not None and str(folder) not in sys.path:
        sys.path.append(str(folder))
    try:
        return import_module(name)
    except ModuleNotFoundError as err:
        wanted = name.split(".")
        if err.name not in {".".join(wanted[:depth]) for depth in range(1, len(wanted) + 1)}:
            raise  # the module is there; something that it imports is not
        raise ConfigError(f"strategy {reference!r}: there is no module {err.name!r}") from err


def _checked(reference: str, strategy: object) -> AnyStrategy:
    found = [name for name in METHODS if getattr(strategy, name, None) is not None]
    if not found:
        raise ConfigError(
            f"strategy {reference!r} must have a method on_bar(self, bar, view) or "
            "on_quote(self, quote, view)"
        )
    for method in found:
        _check_method(reference, method, getattr(strategy, method))
    name = getattr(strategy, "name", None)
    if not isinstance(name, str) or not name:
        raise ConfigError(f"strategy {reference!r} must have a name, a text that is not empty")
    assert isinstance(strategy, Strategy | QuoteStrategy), "a method and name are what one has"
    return strategy


def _check_method(reference: str, name: str, method: object) -> None:
    """Refuse what would fail at the first call, which may come late in a long run."""
    wanted = f"strategy {reference!r} must have {name}(self, {METHODS[name]}, view)"
    if not callable(method):
        raise ConfigError(f"{wanted}, and its {name} is no method")
    if iscoroutinefunction(method):
        raise ConfigError(f"{wanted} as a plain method, not as a coroutine (async)")
    shape = signature(method)
    try:
        shape.bind(None, None)
    except TypeError as err:
        given = ", ".join(["self", *map(str, shape.parameters.values())])
        raise ConfigError(f"{wanted}, got {name}({given})") from err


__all__ = ["class_of", "load_strategy", "sessions_after", "source_of"]
