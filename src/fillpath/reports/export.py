"""Writes a result as files: six Parquet tables and one HTML page, all of them or none.

Decimals stay exact: prices with 8 decimals, quantities with 6, money with 14, as the engine holds
them; quotients (average prices, basis points, milliseconds) with 20. The same result always gives
the same bytes.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from errno import ELOOP
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from types import MappingProxyType, UnionType
from typing import Any, Final, get_args, get_origin

from msgspec import Struct
from msgspec.json import encode
from msgspec.structs import FieldInfo, astuple, fields

from fillpath.core.costs import OrderCostRow
from fillpath.core.errors import ConfigError
from fillpath.core.rows import DecisionRow, FillRow, MarketRow, OrderRow, QualityRow
from fillpath.core.units import nanoseconds
from fillpath.reports.dividends import DividendRow
from fillpath.reports.result import RunResult

PAGE: Final = "report.html"
TABLES: Final = (
    "orders.parquet",
    "fills.parquet",
    "quality.parquet",
    "decisions.parquet",
    "costs.parquet",
    "dividends.parquet",
)
BACKTEST: Final = (
    "backtest.html",
    "equity.parquet",
    "trades.parquet",
    "variants.parquet",
    "run.json",
)
"""What a backtest adds."""
_OURS: Final = frozenset({PAGE, *TABLES, *BACKTEST})

_PRICES: Final = "limit_price stop_price price expected_price signal_price bid ask per_share"
_QUANTITIES: Final = "quantity filled_quantity bid_size ask_size adv"
_MONEY: Final = (
    "commission notional cash reserved equity long_value short_value delay execution opportunity fees "
    "shortfall wagner_delay wagner_opportunity"
)
_SCALES: Final = {
    **dict.fromkeys(_PRICES.split(), 8),
    **dict.fromkeys(_QUANTITIES.split(), 6),
    **dict.fromkeys(_MONEY.split(), 14),
}
_QUOTIENT_SCALE: Final = 20
_PREFIX: Final = ".fillpath-"


def write(
    result: RunResult,
    out_dir: Path,
    costs: Sequence[OrderCostRow] = (),
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> list[Path]:
    """Write the Parquet tables and the page into ``out_dir``; return their paths.

    ``more`` are files that a backtest adds, by name: some of ``BACKTEST``.

    Everything is written beside the folder first and takes its place at the end, so that nothing
    half done remains. The files of an earlier run are replaced.

    Raises:
        ConfigError: ``out_dir`` is a file, holds something that fillpath did not write, or cannot
            be written.
    """
    from fillpath.reports.page import render  # noqa: PLC0415  # only a written page needs Jinja2

    check_out_dir(out_dir)
    page = render(result)
    with _in_one_sentence(out_dir):
        target = _resolved(out_dir)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as folder:
            _write_tables(result, costs, folder)
            (folder / PAGE).write_text(page, encoding="utf-8")
            for name, content in more.items():
                (folder / name).write_bytes(content)
            _take_place(folder, target)
    return [target / name for name in (*TABLES, PAGE, *more)]


def write_files(files: Mapping[str, bytes], out_dir: Path) -> list[Path]:
    """Write files of several backtests together into ``out_dir``; return their paths.

    Raises:
        ConfigError: ``out_dir`` cannot be taken.
    """
    check_out_dir(out_dir)
    with _in_one_sentence(out_dir):
        target = _resolved(out_dir)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as folder:
            for name, content in files.items():
                (folder / name).write_bytes(content)
            _take_place(folder, target)
    return [target / name for name in files]


def check_out_dir(out_dir: Path) -> None:
    """Refuse a folder that holds something else or cannot be written, before any work is done.

    Whether it can be written is tried with an empty folder beside it, which is removed at once.

    Raises:
        ConfigError: ``out_dir`` is a file, holds something that fillpath did not write, or cannot
            be written.
    """
    with _in_one_sentence(out_dir):
        target = _resolved(out_dir)
        if target.exists():
            _check_contents(out_dir, target)
        beside = _nearest_folder(out_dir, target.parent)
        with TemporaryDirectory(prefix=_PREFIX, dir=beside) as probe:
            (Path(probe) / target.relative_to(beside)).mkdir(parents=True)


@contextmanager
def _in_one_sentence(out_dir: Path) -> Iterator[None]:
    """Turn what the file system refuses into one sentence."""
    try:
        yield
    except OSError as err:
        reason = err.strerror or str(err)
        raise ConfigError(f"--out {out_dir} cannot be written: {reason}") from err


def _resolved(out_dir: Path) -> Path:
    try:
        return out_dir.resolve()
    except RuntimeError as err:  # how Python before 3.13 says it
        raise OSError(ELOOP, "Symbolic links that lead to themselves") from err


def _check_contents(out_dir: Path, target: Path) -> None:
    if not target.is_dir():
        raise ConfigError(f"--out must be a folder, got the file {out_dir}")
    foreign = sorted(entry.name for entry in target.iterdir() if entry.name not in _OURS)
    if foreign:
        raise ConfigError(
            f"--out must be a new or empty folder or that of an earlier run, got {out_dir}, "
            f"which holds {foreign[0]}"
        )
    if target.is_mount():
        raise ConfigError(
            f"--out is replaced as a whole, and the mount {out_dir} cannot be: name a folder in it"
        )


def _nearest_folder(out_dir: Path, wanted: Path) -> Path:
    """Return the folder that is there already and in which the others would be made."""
    found = next(folder for folder in (wanted, *wanted.parents) if folder.exists())
    if not found.is_dir():
        raise ConfigError(f"--out {out_dir} cannot be a folder: {found} is a file")
    return found


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    workshop = Path(mkdtemp(prefix=_PREFIX, dir=target.parent))
    try:
        # One level down, because mkdtemp makes a folder that nobody else may read.
        folder = workshop / target.name
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(workshop)


def _take_place(folder: Path, target: Path) -> None:
    earlier = folder.parent / "earlier"
    if target.exists():
        target.rename(earlier)
    try:
        folder.rename(target)
    except OSError:
        if earlier.exists():
            earlier.rename(target)
        raise


def window_tables(
    windows: Sequence[tuple[RunResult, Sequence[OrderCostRow]]],
) -> dict[str, bytes]:
    """Return the Parquet tables of several runs, one after the other, by name.

    The first column, ``window``, is the number of the run, from 1: names of orders repeat.
    """
    import polars as pl  # noqa: PLC0415  # see frame

    every = [_tables(result, costs) for result, costs in windows]
    found = {}
    for place, name in enumerate(TABLES):
        frames = [
            frame(*tables[place]).select(pl.lit(number).cast(pl.Int64).alias("window"), pl.all())
            for number, tables in enumerate(every, start=1)
        ]
        held = BytesIO()
        pl.concat(frames).write_parquet(held, compression="zstd")
        found[name] = held.getvalue()
    return found


def _write_tables(result: RunResult, costs: Sequence[OrderCostRow], folder: Path) -> None:
    for name, (kind, rows) in zip(TABLES, _tables(result, costs), strict=True):
        # Through memory, because polars has errors of its own for a full disk.
        held = BytesIO()
        frame(kind, rows).write_parquet(held, compression="zstd")
        (folder / name).write_bytes(held.getbuffer())


def _tables(
    result: RunResult, costs: Sequence[OrderCostRow]
) -> tuple[tuple[type[Struct], Sequence[Struct]], ...]:
    return (
        (OrderRow, result.orders),
        (FillRow, result.fills),
        (QualityRow, result.quality),
        (DecisionRow, result.decisions),
        (OrderCostRow, costs),
        (DividendRow, result.dividends),
    )


def frame(kind: type[Struct], rows: Sequence[Struct]) -> Any:
    """Return the rows in columns; an empty table has the same columns as a full one."""
    import polars as pl  # noqa: PLC0415  # slow to import, and only a written table needs it

    columns = []
    for field, values in _columns(kind, rows):
        if field.name == "market":
            columns += [_column(inner, known) for inner, known in _market_columns(values)]
        else:
            columns.append(_column(field, values))
    return pl.DataFrame(columns)


def _columns(
    kind: type[Struct], rows: Sequence[Struct]
) -> Iterator[tuple[FieldInfo, Sequence[Any]]]:
    named = fields(kind)
    values = zip(*map(astuple, rows), strict=True) if rows else ((),) * len(named)
    yield from zip(named, values, strict=True)


def _market_columns(
    markets: Sequence[MarketRow | None],
) -> Iterator[tuple[FieldInfo, Sequence[Any]]]:
    nothing = (None,) * len(fields(MarketRow))
    known = [nothing if market is None else astuple(market) for market in markets]
    values = zip(*known, strict=True) if known else ((),) * len(nothing)
    yield from zip(fields(MarketRow), values, strict=True)


def _column(field: FieldInfo, values: Sequence[Any]) -> Any:
    import polars as pl  # noqa: PLC0415  # see frame

    kind = get_args(field.type)[0] if isinstance(field.type, UnionType) else field.type
    name = field.name
    # Through text and integers, because that is ten times faster than value by value, and as exact.
    if kind is Decimal:
        digits = [None if value is None else format(value, "f") for value in values]
        scale = _SCALES.get(name, _QUOTIENT_SCALE)
        return pl.Series(name, digits, dtype=pl.String).cast(pl.Decimal(38, scale))
    if kind is datetime:
        stamps = [None if value is None else nanoseconds(value) // 1_000 for value in values]
        return pl.Series(name, stamps, dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))
    if get_origin(kind) in {dict, tuple}:
        written = [encode(value, order="sorted").decode() for value in values]
        texts = pl.Series(name, written, dtype=pl.String)
        lists = pl.List(pl.String)
        return texts if get_origin(kind) is dict else texts.str.json_decode(lists)
    plain: dict[Any, Any] = {int: pl.Int64, bool: pl.Boolean}
    return pl.Series(name, values, dtype=plain.get(kind, pl.String))
