"""The example of a kept model: trained on the past, asked later, refused when stale or not ours."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from examples.kept_model import Kept, bar_of, train
from examples.write_prices import main as write_prices
from fillpath.core.errors import ModelError
from fillpath.core.models import Bar, Signal

VIEW = SimpleNamespace(position=lambda _: Decimal(0), working=lambda _: Decimal(0))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with prices, and a model of the first ones."""
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("kept")
    write_prices(folder / "prices.csv")
    train(folder / "prices.csv", "ACME", date(2026, 1, 13), folder / "model")
    return folder


def bars(path: Path) -> list[Bar]:
    head, *lines = path.read_text().splitlines()
    return [bar_of(dict(zip(head.split(","), line.split(","), strict=True))) for line in lines]


def shown(folder: Path, first: date, last: date, **given: object) -> list[Signal]:
    """Show the strategy the bars of some days."""
    strategy = Kept(str(folder / "model"), **given)
    said: list[Signal] = []
    for bar in bars(folder / "prices.csv"):
        if first <= bar.ts.date() <= last:
            said += strategy.on_bar(bar, VIEW)
    return said


def test_it_speaks_about_the_days_after_its_training(kept: Path) -> None:
    assert shown(kept, date(2026, 1, 14), date(2026, 1, 15), confidence="0.5")


def test_it_is_refused_on_days_that_it_has_seen(kept: Path) -> None:
    with pytest.raises(ModelError, match="must be trained within 20 sessions before 2026-01-05"):
        shown(kept, date(2026, 1, 5), date(2026, 1, 6))


def test_it_is_refused_when_it_is_too_old(kept: Path) -> None:
    with pytest.raises(ModelError, match="within 3 sessions before 2026-02-09"):
        shown(kept, date(2026, 2, 9), date(2026, 2, 10), max_age_sessions=3)


def test_a_file_that_was_touched_is_not_opened(kept: Path, tmp_path: Path) -> None:
    (first, *_) = bars(kept / "prices.csv")
    for name in ("key", "ACME"):
        (tmp_path / name).write_bytes((kept / "model" / name).read_bytes())
    (tmp_path / "ACME").write_bytes((tmp_path / "ACME").read_bytes() + b"x")

    with pytest.raises(ModelError, match="it was not loaded"):
        Kept(str(tmp_path)).on_bar(first, VIEW)


def test_without_a_model_it_is_one_sentence(kept: Path, tmp_path: Path) -> None:
    (first, *_) = bars(kept / "prices.csv")

    with pytest.raises(ModelError, match="must hold a model of ACME"):
        Kept(str(tmp_path)).on_bar(first, VIEW)


def test_too_few_bars_make_no_model(kept: Path) -> None:
    with pytest.raises(SystemExit, match="too few bars of ACME"):
        train(kept / "prices.csv", "ACME", date(2026, 1, 5), kept / "other")
