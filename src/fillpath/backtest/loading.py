"""A strategy class by its name, as ``--strategy module:Class`` gives it."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from fillpath.core.errors import ConfigError
from fillpath.strategy.base import Strategy


def load_strategy(reference: str, *, folder: Path | None = None) -> Strategy:
    """Import ``module:Class``, make one without arguments and check that it is a strategy.

    Args:
        reference: dotted module and class, such as ``my_strategies.trend:Breakout``.
        folder: where else modules are looked for, usually the working folder.

    Raises:
        ConfigError: the reference is malformed, does not lead to a class, or the class is no
            strategy. Errors inside the user's own module pass through unchanged.
    """
    module_name, colon, class_name = reference.partition(":")
    if not colon or not module_name or not class_name.isidentifier():
        raise ConfigError(f"strategy must be module:Class, got {reference!r}")
    kind = getattr(_module(reference, module_name, folder), class_name, None)
    if not isinstance(kind, type):
        raise ConfigError(
            f"strategy {reference!r}: the module {module_name} has no class {class_name}"
        )
    try:
        strategy = kind()
    except TypeError as err:
        raise ConfigError(
            f"strategy {reference!r} must be constructible without arguments: {err}"
        ) from err
    return _checked(reference, strategy)


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


def _checked(reference: str, strategy: object) -> Strategy:
    if not callable(getattr(strategy, "on_bar", None)):
        raise ConfigError(f"strategy {reference!r} must have a method on_bar(bar, view)")
    name = getattr(strategy, "name", None)
    if not isinstance(name, str) or not name:
        raise ConfigError(f"strategy {reference!r} must have a name, a text that is not empty")
    assert isinstance(strategy, Strategy), "on_bar and name are what a strategy has"
    return strategy


__all__ = ["load_strategy"]
