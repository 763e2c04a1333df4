"""Keeps what happened while trading, as it is: conversion waits until the trading is over."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from fillpath.core.commands import Projection
from fillpath.core.events import OrderFilled
from fillpath.core.models import Fill

Kind = TypeVar("Kind", bound=Projection)


class RunRecorder:
    """Keep every projection and every fill of one run in memory, in the order of arrival.

    It is the ``Recorder`` port. Taking an item is one list append, so that recording costs the
    engine next to nothing.
    """

    __slots__ = ("_fills", "filled", "projections", "record", "record_fill")

    record: Callable[[Projection], None]
    record_fill: Callable[[OrderFilled], None]

    def __init__(self) -> None:
        self.projections: list[Projection] = []
        self.filled: list[OrderFilled] = []
        self._fills: list[Fill] = []
        self.record = self.projections.append
        self.record_fill = self.filled.append

    @property
    def fills(self) -> list[Fill]:
        """Return the executions so far as public models; each is converted once."""
        fills = self._fills
        fills.extend(filled.fill for filled in self.filled[len(fills) :])
        return list(fills)

    def of_kind(self, kind: type[Kind]) -> Iterator[Kind]:
        """Yield the projections of one kind, oldest first."""
        return (item for item in self.projections if isinstance(item, kind))
