"""Rows that are made when somebody reads them: most runs of a sweep are asked for a figure alone."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, overload

Item = TypeVar("Item")
Row = TypeVar("Row")


class Rows(Sequence[Row]):
    """What the items become, each made once, all at the first look.

    Args:
        make: turns one item into its row; it must not depend on the moment.
        items: what there is; counting them makes nothing.
    """

    __slots__ = ("_count", "_made", "_waiting")

    def __init__(self, make: Callable[[Item], Row], items: Iterable[Item]) -> None:
        kept = tuple(items)
        self._count = len(kept)
        self._waiting: Iterable[Row] | None = map(make, kept)
        self._made: tuple[Row, ...] = ()

    def _all(self) -> tuple[Row, ...]:
        if self._waiting is not None:
            self._made = tuple(self._waiting)
            self._waiting = None
        return self._made

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...

    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        return self._all()[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sequence):
            return self._all() == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


__all__ = ["Rows"]
