"""Recorded signals: JSON lines, every one checked before anything trades."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fillpath.core.models import Signal
from fillpath.core.units import iso, moment
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.signal_lines import FIELDS, LineFault, SignalLines, TimedSignal
from fillpath.data.files.sources import read_text

_EVER = -(1 << 63)


def load_signals(
    paths: Iterable[Path], *, report: BadRowReport, first_quote_at: Mapping[str, int]
) -> list[Signal]:
    """Read signal files into one list, oldest first; equal times keep the order of the files.

    Every line is a JSON object with the fields of ``FIELDS``; ``strategy_name`` and ``metadata``
    may be left out. Numbers keep the digits of the file.

    Args:
        paths: files.
        report: takes every bad line; decides whether to stop.
        first_quote_at: nanoseconds UTC of the first quote of each symbol that can be traded.

    Raises:
        DataError: a bad line that the report does not skip, or a file that cannot be read.
    """
    seen: set[tuple[str, str]] = set()
    loaded: list[TimedSignal] = []
    for path in paths:
        loaded += _load_file(path, report, first_quote_at, seen)
    loaded.sort(key=lambda timed: timed.at)
    return [timed.signal for timed in loaded]


def _load_file(
    path: Path,
    report: BadRowReport,
    first_quote_at: Mapping[str, int],
    seen: set[tuple[str, str]],
) -> list[TimedSignal]:
    source = str(path)
    loaded: list[TimedSignal] = []
    read = SignalLines()
    latest = _EVER
    for row, line in _lines(path):
        try:
            timed = read.signal(line)
            _check_place(timed, latest, first_quote_at)
            _check_new(timed.signal, seen)
        except LineFault as err:
            report.add(source, row, err.kind, str(err))
            continue
        latest = timed.at
        loaded.append(timed)
    return loaded


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line with its number; blank lines are no signals."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield number, line


def _check_place(timed: TimedSignal, latest: int, first_quote_at: Mapping[str, int]) -> None:
    symbol = timed.signal.symbol
    first = first_quote_at.get(symbol)
    if first is None:
        raise LineFault("unknown_symbol", f"there is no quote of {symbol} in any quote file")
    if timed.at < first:
        raise LineFault(
            "before_first_quote",
            f"the signal of {_moment(timed.at)} comes before the first quote of {symbol} at "
            f"{_moment(first)}",
        )
    if timed.at < latest:
        raise LineFault(
            "unsorted",
            f"time must not go back: {_moment(timed.at)} follows {_moment(latest)}",
        )


def _check_new(signal: Signal, seen: set[tuple[str, str]]) -> None:
    assert signal.signal_id is not None, "every recorded signal has its id"
    key = (signal.strategy_name, signal.signal_id)
    if key in seen:
        raise LineFault(
            "duplicate",
            f"the signal_id {signal.signal_id!r} of strategy {signal.strategy_name!r} comes twice",
        )
    seen.add(key)


def _moment(at: int) -> str:
    return iso(moment(at))


__all__ = ["FIELDS", "load_signals"]
