"""The words about strategies: which there are, and what one has earned."""

import asyncio
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.cli import main
from fillpath.core.models import OrderSide
from fillpath.core.rows import FillRow
from fillpath.data.store.sql_store import SqlStore
from fillpath.strategy.catalogue import BUILT_IN
from fillpath.testing.builders import START
from fillpath.testing.rows import a_fill_row, made_by

Said = pytest.CaptureFixture[str]


def a_trade(number: int, price: int) -> list[FillRow]:
    """Return ten shares bought at 100 and sold at a price, each for a dollar of commission."""
    begun = START + timedelta(hours=number)
    return [
        a_fill_row(
            fill_id=f"exec-{number}-{side}",
            order_id=f"order-{number}-{side}",
            side=side,
            quantity=Decimal(10),
            price=Decimal(100 if side is OrderSide.BUY else price),
            ts=begun + timedelta(minutes=side is OrderSide.SELL),
            commission=Decimal(1),
            strategy_name="trend",
        )
        for side in (OrderSide.BUY, OrderSide.SELL)
    ]


@pytest.fixture
def settings(tmp_path: Path) -> str:
    """Return settings of an account where a strategy won two trades of three."""
    (tmp_path / "data" / "SIM").mkdir(parents=True)
    path = tmp_path / "settings.yaml"
    words = "broker: {provider: simulated}\nexecution: {min_trades: 3}\n"
    path.write_text(f"engine: {{folder: {tmp_path}/data}}\n{words}")

    async def kept() -> None:
        store = SqlStore(f"sqlite:///{tmp_path}/data/SIM/store.sqlite")
        await store.start()
        rows = [*a_trade(0, 104), *a_trade(1, 98), *a_trade(2, 106)]
        await store.apply("SIM", made_by(0, *rows), 0)
        await store.close()

    asyncio.run(kept())
    return str(path)


def test_every_built_in_strategy_is_listed(capsys: Said) -> None:
    assert main(["strategy", "list"]) == 0
    shown = capsys.readouterr().out
    assert main(["strategy", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert [row["short"] for row in told] == list(BUILT_IN)
    assert all(name in shown for name in BUILT_IN)
    assert all(row["summary"] for row in told)


def test_a_strategy_is_shown_with_its_parameters_as_they_would_be(capsys: Said) -> None:
    assert main(["strategy", "show", "breakout", "--param", "window=30"]) == 0

    shown = capsys.readouterr().out
    assert "reads: bars of 1 minute, 31 to begin with" in shown
    assert "true ranges" in shown


def test_a_strategy_without_parameters_says_so(capsys: Said) -> None:
    assert main(["strategy", "show", "gap"]) == 0
    assert "it declares no parameters" in capsys.readouterr().out
    assert main(["strategy", "show", "gap", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == []


def test_an_unknown_strategy_is_one_sentence(capsys: Said) -> None:
    assert main(["strategy", "show", "momentun"]) == 2
    assert "must be module:Class or one of momentum, " in capsys.readouterr().err


def test_what_a_strategy_earned_is_measured_from_its_own_trades(
    settings: str, capsys: Said
) -> None:
    assert main(["strategy", "statistics", "trend", "--settings", settings, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["strategy", "statistics", "trend", "--settings", settings]) == 0
    shown = capsys.readouterr().out

    assert told["record"] == {
        "trades": 3,
        "win_rate": "0.6667",
        "avg_win_pct": "4.8000",
        "avg_loss_pct": "2.2000",
    }
    # f* = (p b - q) / b with b = 4.8 / 2.2
    assert (told["kelly"], told["half_kelly"]) == ("0.5139", "0.2570")
    assert 0 < float(told["shrunk_kelly"]) <= float(told["half_kelly"])
    assert 0 < float(told["win_rate_low"]) < 0.6667
    assert "n_trades                            3 of 3 needed" in shown


def test_too_few_trades_size_nothing_and_say_how_many_there_are(
    settings: str, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SA_EXECUTION__MIN_TRADES", "30")

    assert main(["strategy", "statistics", "trend", "--settings", settings]) == 1
    assert capsys.readouterr().err == "fillpath: not enough trades: 3 of 30\n"


def test_a_strategy_that_never_traded_has_no_statistics(settings: str, capsys: Said) -> None:
    assert main(["strategy", "statistics", "gap", "--settings", settings]) == 1

    said = capsys.readouterr()
    assert said.err == "fillpath: not enough trades: 0 of 3\n"
    assert "win_rate                            not known" in said.out


def test_an_account_without_tables_is_one_sentence(capsys: Said, tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(f"engine:\n  folder: {tmp_path}/none\n")

    assert main(["strategy", "statistics", "trend", "--settings", str(path)]) == 2
    assert "must hold the tables of an account, and has none yet" in capsys.readouterr().err
