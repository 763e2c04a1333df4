"""Historical bars on disk, so that a day asks for each of them once, whatever restarts meanwhile."""

from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from fillpath.core.checking import check_symbol
from fillpath.ibkr.history import DayBar, MinuteBar
from fillpath.runtime.disk import replace_file

T = TypeVar("T")


class _Days(Struct, forbid_unknown_fields=True):
    symbol: str
    con_id: int
    asked_on: date
    bars: list[DayBar]


class _Minutes(Struct, forbid_unknown_fields=True):
    symbol: str
    con_id: int
    day: date
    bars: list[MinuteBar]


class BarFiles:
    """Keep the answers about bars; what cannot be read back counts as never asked.

    Args:
        folder: where; made with the first file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def days(self, symbol: str, con_id: int, asked_on: date) -> list[DayBar] | None:
        """Return the daily bars as they were told on a day, or None."""
        kept = _read(self._path("daily", symbol), _Days)
        if kept is None or (kept.symbol, kept.con_id, kept.asked_on) != (symbol, con_id, asked_on):
            return None
        return kept.bars

    def keep_days(self, symbol: str, con_id: int, asked_on: date, bars: list[DayBar]) -> None:
        """Keep the daily bars of a symbol in the place of those of an earlier day.

        Raises:
            OSError: the disk does not take them; the earlier ones stay.
        """
        self._write(self._path("daily", symbol), _Days(symbol, con_id, asked_on, bars))

    def minutes(self, symbol: str, con_id: int, day: date) -> list[MinuteBar] | None:
        """Return the minutes of a session, or None."""
        kept = _read(self._path(f"minutes-{day}", symbol), _Minutes)
        if kept is None or (kept.symbol, kept.con_id, kept.day) != (symbol, con_id, day):
            return None
        return kept.bars

    def keep_minutes(self, symbol: str, con_id: int, day: date, bars: list[MinuteBar]) -> None:
        """Keep the minutes of a session that is over.

        Raises:
            OSError: the disk does not take them.
        """
        path = self._path(f"minutes-{day}", symbol)
        self._write(path, _Minutes(symbol, con_id, day, bars))

    def _path(self, kind: str, symbol: str) -> Path:
        return self._folder / f"{kind}-{check_symbol(symbol)}.json"

    def _write(self, path: Path, content: Struct) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, msgspec.json.encode(content))


def _read(path: Path, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except (OSError, msgspec.DecodeError):
        return None


__all__ = ["BarFiles"]
