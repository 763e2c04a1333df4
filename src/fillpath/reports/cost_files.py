"""The report on costs as files for programs: exact rows, one format each."""

import csv
import io
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import msgspec

from fillpath.core.costs import OrderCostRow
from fillpath.core.errors import ConfigError
from fillpath.core.units import iso
from fillpath.reports.cost_report import CostReport, ReportInputs
from fillpath.reports.export import frame

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_json(report: CostReport) -> str:
    """Return the report as one line of JSON; money as strings, statistics as numbers."""
    plain = {**msgspec.to_builtins(report), "answer": report.answer}
    return msgspec.json.encode(plain, order="deterministic").decode()


def as_csv(inputs: ReportInputs) -> str:
    """Return what every parent order cost as CSV; a name that a spreadsheet could run is quoted."""
    held = io.StringIO()
    writer = csv.writer(held)
    names = OrderCostRow.__struct_fields__
    writer.writerow(names)
    for row in inputs.rows:
        writer.writerow([_cell(getattr(row, name)) for name in names])
    return held.getvalue()


def as_parquet(inputs: ReportInputs) -> bytes:
    """Return what every parent order cost as Parquet."""
    held = BytesIO()
    frame(OrderCostRow, inputs.rows).write_parquet(held, compression="zstd")
    return held.getvalue()


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file.

    Raises:
        ConfigError: it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}") from error


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}"
        case datetime():
            return iso(value)
        case str() if value.startswith(_FORMULA):
            return f"'{value}"
        case _:
            return str(value)
