"""What the page on backtests shows works: its strategy runs, and each of its commands."""

import re
import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from fillpath import cli
from fillpath.scheduling.calendar import ExchangeCalendar
from tests.house.project import ROOT

PAGE = (ROOT / "docs" / "how-to" / "backtest.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "cross", raising=False)  # another page has one of that name
    programs = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    for name, program in zip(("cross.py", "average.py"), programs, strict=True):
        (tmp_path / name).write_text(program)
    _write_prices(tmp_path / "prices.csv")
    settings = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    for name, text in zip(("grid.yaml", "ours.yaml"), settings, strict=True):
        (tmp_path / name).write_text(text)
    commands = re.findall(r"^\$ fillpath (.*)$", PAGE, flags=re.MULTILINE)

    codes = [cli.main(command.split()) for command in commands]

    assert codes == [0] * len(commands)
    assert capsys.readouterr().err.count("every figure is the same") == 3
    assert set(pl.read_parquet(tmp_path / "walked" / "orders.parquet")["window"]) == {1, 2}
    page = (tmp_path / "my-test" / "backtest.html").read_text()
    assert "<polyline" in page
    assert "http:" not in page
    assert "https:" not in page


def _write_prices(path: Path) -> None:
    days = ExchangeCalendar().sessions_between(date(2026, 1, 5), date(2026, 1, 5) + timedelta(90))
    rows = ["date,symbol,open,high,low,close,volume"]
    for number, day in enumerate(days):
        price = 100 + number % 25
        rows.append(f"{day.date},ACME,{price},{price + 2},{price - 1},{price + 1},100000")
    path.write_text("\n".join(rows))
