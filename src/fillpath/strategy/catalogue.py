"""The strategies that are built in, by short names, and what can be said of any strategy's class."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from fillpath.strategy.declared import DAY, Needs, Parameter, needs_of, parameters_of

BUILT_IN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "momentum": "fillpath.strategy.rules:Momentum",
        "mean-reversion": "fillpath.strategy.rules:MeanReversion",
        "breakout": "fillpath.strategy.rules:Breakout",
        "ml-signal": "fillpath.strategy.ml:MLSignalStrategy",
        "trend": "fillpath.strategy.examples:Trend",
        "weakness": "fillpath.strategy.examples:Weakness",
        "gap": "fillpath.strategy.examples:Gap",
        "reversal": "fillpath.strategy.examples:Reversal",
        "recorded": "fillpath.strategy.examples:Recorded",
    }
)
"""Where each of them is, as ``module:Class``."""


class Described(Struct, frozen=True, kw_only=True):
    """What is known of a strategy without running it.

    Args:
        name: what its signals and orders carry.
        reference: where it is, as ``module:Class``.
        summary: the first sentence of its docstring; empty without one.
        text: the rest of it, line by line.
        needs: the data that it reads.
        parameters: what it can be given.
    """

    name: str
    reference: str
    summary: str
    text: str
    needs: Needs
    parameters: tuple[Parameter, ...]


def reference_of(name: str) -> str:
    """Return where a strategy is: a short name is looked up, anything else is already that."""
    return BUILT_IN.get(name, name)


def described(reference: str, strategy: object) -> Described:
    """Return what a strategy says of itself.

    Args:
        reference: as ``module:Class``.
        strategy: one that was made.
    """
    told = (type(strategy).__doc__ or "").strip().partition("\n    Args:")[0]  # is of its makers
    lines = told.splitlines()
    return Described(
        name=str(getattr(strategy, "name", "")),
        reference=reference,
        summary=lines[0].strip() if lines else "",
        text="\n".join(line.strip() for line in lines[1:]).strip(),
        needs=needs_of(strategy),
        parameters=parameters_of(strategy),
    )


def data_in_words(needs: Needs) -> str:
    """Return which data a strategy reads, such as ``bars of 5 minutes, 21 to begin with``."""
    told = []
    if needs.bar_length is not None:
        told.append(bars_in_words(needs.bar_length))
    if needs.history:
        told.append(f"{needs.history} to begin with")
    if needs.quotes:
        told.append("every quote")
    if needs.symbols:
        told.append(f"of {', '.join(needs.symbols)}")
    return ", ".join(told) or "nothing"


def bars_in_words(length: timedelta) -> str:
    """Return a length of bars, such as ``bars of 5 minutes``."""
    if length == DAY:
        return "bars of whole sessions"
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    number, unit = (60 * minutes + seconds, "second") if seconds else (minutes, "minute")
    return f"bars of {number} {unit}{'s' * (number > 1)}"


__all__ = ["BUILT_IN", "Described", "bars_in_words", "data_in_words", "described", "reference_of"]
