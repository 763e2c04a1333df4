"""A model that is trained once, kept in a signed file, and refused when it is too old.

Train it on the first bars of a file, up to a day, then test it on the bars after them:

    python3 dev.py run backtest --strategy examples.kept_model:Kept --data later.csv

Run it: python3 dev.py python examples/kept_model.py prices.csv ACME 2026-01-30
"""
# ruff: noqa: INP001, T201  # a script beside the package

import csv
import secrets
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fillpath.core.errors import ModelError
from fillpath.core.models import Bar, Signal
from fillpath.strategy.base import StrategyView
from fillpath.strategy.ml import MLSignalStrategy, Model, seal, unseal

FOLDER = Path("model")
RULE: dict[str, Any] = {"bar_minutes": 5, "horizon": 6, "confidence": "0.52"}


class Kept(MLSignalStrategy):
    """Ask the model that was kept for each symbol; it never learns anything new."""

    name = "kept-model"

    def __init__(self, folder: str = str(FOLDER), **given: Any) -> None:
        super().__init__(**{**RULE, **given, "train_every": 0})
        self._folder = Path(folder)

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Take the model at the first bar of a symbol, unless it is too old or knows that bar."""
        if bar.symbol not in self.models:
            self.use(read(self._folder, bar.symbol), bar.ts_end)
        return super().on_bar(bar, view)


def read(folder: Path, symbol: str) -> Model:
    """Return the model of a symbol; it is opened only when its signature is right."""
    kept, key = folder / symbol, folder / "key"
    if not kept.exists() or not key.exists():
        raise ModelError(f"{folder} must hold a model of {symbol} and its key: train one first")
    return unseal(kept.read_bytes(), key.read_bytes())


def train(prices: Path, symbol: str, until: date, folder: Path = FOLDER) -> Model:
    """Show the bars of a file up to a day to a strategy that learns, and keep its last model."""
    teacher = MLSignalStrategy(**RULE, train_every=20)
    view = SimpleNamespace(position=lambda _: Decimal(0), working=lambda _: Decimal(0))
    with prices.open(newline="", encoding="utf-8") as source:
        for row in csv.DictReader(source):
            bar = bar_of(row)
            if bar.symbol == symbol and bar.ts_end.date() <= until:
                list(teacher.on_bar(bar, view))
    if symbol not in teacher.models:
        sys.exit(f"{prices} has too few bars of {symbol} until {until} to learn from")
    folder.mkdir(mode=0o700, exist_ok=True)
    key = folder / "key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(32))
    (folder / symbol).write_bytes(seal(teacher.models[symbol], key.read_bytes()))
    return teacher.models[symbol]


def bar_of(row: dict[str, str]) -> Bar:
    """Return a row of a file as a bar."""
    times = ("ts", "ts_end")
    fields: dict[str, Any] = {
        name: datetime.fromisoformat(row[name]).astimezone(UTC) for name in times
    }
    for name in ("open", "high", "low", "close", "volume"):
        fields[name] = Decimal(row[name])
    return Bar(symbol=row["symbol"], **fields)


if __name__ == "__main__":
    model = train(Path(sys.argv[1]), sys.argv[2], date.fromisoformat(sys.argv[3]))
    print(f"{model.symbol}: trained on {model.trained_from} to {model.trained_until}")
