"""What a command shows and writes of a run: tables on the terminal, files in a folder, a bar."""

# ruff: noqa: PLC0415

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fillpath.cli_table import Progress


def check_out(folder: Path | None) -> None:
    """Refuse an output folder before the work rather than after it."""
    if folder is not None:
        from fillpath.reports.export import check_out_dir

        check_out_dir(folder)


def show(result: Any, *, as_json: bool) -> None:
    """Print the tables of a run, or one JSON object."""
    if as_json:
        from fillpath.reports.output import to_json

        sys.stdout.write(to_json(result).rstrip("\n") + "\n")
        return
    from rich.console import Console

    from fillpath.reports.tables import print_tables

    print_tables(result, Console())


def write(result: Any, folder: Path, *, quiet: bool) -> None:
    """Write the files of a run and say which they are."""
    from fillpath.backtest.costs import costs_of
    from fillpath.reports.export import write as written_to

    written = written_to(result, folder, costs_of(result))
    if not quiet:
        names = ", ".join(path.name for path in written)
        sys.stdout.write(f"wrote {names} to {folder}\n")


@contextmanager
def progress_bar(title: str) -> Iterator[Progress | None]:
    """Show a bar on a terminal; elsewhere nobody would see it move."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


__all__ = ["check_out", "progress_bar", "show", "write"]
