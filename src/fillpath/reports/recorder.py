"""Keeps what happened while trading, as it is: conversion waits until the trading is over."""

from collections.abc import Iterator
from typing import TypeVar

from fillpath.core.commands import Projection
from fillpath.core.models import Fill

Kind = TypeVar("Kind", bound=Projection)


class RunRecorder:
    """Keep every projection and every fill of one run in memory, in the order of arrival.

    It is the ``Recorder`` port. Taking an item is one list append, so that recording costs the
    engine next to nothing.
    """

    __slots__ = ("fills", "projections")

    def __init__(self) -> None:
        self.projections: list[Projection] = []
        self.fills: list[Fill] = []

    def record(self, item: Projection) -> None:
        """Take one projection."""
        self.projections.append(item)

    def record_fill(self, fill: Fill) -> None:
        """Take one applied fill."""
        self.fills.append(fill)

    def of_kind(self, kind: type[Kind]) -> Iterator[Kind]:
        """Yield the projections of one kind, oldest first."""
        return (item for item in self.projections if isinstance(item, kind))
