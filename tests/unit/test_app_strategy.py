"""A runner is put together from settings, and what cannot be is refused before anything runs."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fillpath.app_strategy import Asked, built, running
from fillpath.cli import main
from fillpath.core.errors import ConfigError
from fillpath.core.models import OrderSide
from fillpath.data.store.sql_store import SqlStore
from fillpath.runner.frames import Ready
from fillpath.runner.knowing import Account
from fillpath.settings import Settings, load_settings
from fillpath.strategy.declared import Needs
from fillpath.testing.builders import START
from fillpath.testing.rows import a_fill_row, a_snapshot_row, an_order_row, made_by

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
READY = Ready(name="trend", needs=Needs(history=2), bars=True, quotes=False, records=True)


def the_settings(folder: Path, **changes: str) -> Settings:
    variables = {
        "SA_ENGINE__FOLDER": str(folder),
        "SA_BROKER__PROVIDER": "simulated",
        "SA_REDIS__URL": "redis://127.0.0.1:1/0",
    }
    return load_settings(None, variables | changes)


def asked(**changes: Any) -> Asked:
    fields: dict[str, Any] = {"reference": "momentum", "symbols": ("AAPL",), "parameters": {}}
    return Asked(**(fields | changes))


def ignore(sentence: str) -> None:
    del sentence


def test_without_an_address_nothing_runs(tmp_path: Path) -> None:
    settings = the_settings(tmp_path, SA_REDIS__URL="")

    with pytest.raises(ConfigError, match=r"redis\.url must be"):
        built(asked(), settings, ignore)
    with pytest.raises(ConfigError, match=r"redis\.url must be"):
        asyncio.run(running(settings))


@pytest.mark.parametrize(
    ("symbols", "why"),
    [((), "must name at least one"), (("aapl",), "--symbols: "), ((",",), "at least one")],
)
async def test_symbols_are_checked(tmp_path: Path, symbols: tuple[str, ...], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        built(asked(symbols=symbols), the_settings(tmp_path), ignore)


async def test_a_run_is_planned_as_it_was_asked(tmp_path: Path) -> None:
    settings = the_settings(tmp_path, SA_REDIS__PER_ACCOUNT="true")

    runner, close = built(asked(symbols=("AAPL,MSFT", "AAPL")), settings, ignore)

    await close()
    plan = runner._plan  # noqa: SLF001  # nobody else asks
    assert plan.symbols == ("AAPL", "MSFT")
    assert plan.account == "SIM"
    assert runner._parts.line.stream == "execution:signals:SIM"  # noqa: SLF001


async def test_a_strategy_without_a_key_does_not_run_where_signals_are_signed(
    tmp_path: Path,
) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "gap.key").write_text("k" * 32)
    (keys / "gap.key").chmod(0o600)
    settings = the_settings(tmp_path, SA_REDIS__STRATEGY_KEYS=str(keys))

    runner, close = built(asked(), settings, ignore)

    await close()
    assert runner._plan.key("gap") == b"k" * 32  # noqa: SLF001
    with pytest.raises(ConfigError, match=r"there is no file trend\.key in"):
        runner._plan.key("trend")  # noqa: SLF001


async def test_what_it_holds_is_read_from_the_tables_where_there_are_some(tmp_path: Path) -> None:
    account = Account("trend")
    runner, close = built(asked(), the_settings(tmp_path), ignore)
    await runner._parts.refresh(account)  # noqa: SLF001  # there are none yet
    (tmp_path / "SIM").mkdir()
    store = SqlStore(f"sqlite:///{tmp_path}/SIM/store.sqlite")
    await store.start()
    first = a_fill_row(strategy_name="trend", side=OrderSide.BUY)
    work = an_order_row(strategy_name="trend")
    await store.apply("SIM", made_by(0, first, work, a_snapshot_row()), 0)

    await runner._parts.refresh(account)  # noqa: SLF001

    before = account.known(START)
    second = a_fill_row(strategy_name="trend", side=OrderSide.BUY, fill_id="second")
    await store.apply("SIM", made_by(1, second), 1)
    await runner._parts.refresh(account)  # noqa: SLF001
    await store.close()
    await close()
    assert before.position("AAPL") == first.quantity
    assert before.at_work("AAPL") > 0
    assert before.cash is not None
    assert account.known(START).position("AAPL") == 2 * first.quantity


async def test_history_is_what_is_over_of_what_it_is_shown(tmp_path: Path) -> None:
    bars, days = tmp_path / "bars.csv", tmp_path / "days.csv"
    head = "symbol,open,high,low,close,volume"
    rows = [
        f"{when},{symbol},1,1,1,1,1"
        for when in ("2026-11-20T15:00:00Z,2026-11-20T15:01:00Z",)
        for symbol in ("AAPL", "MSFT")
    ]
    bars.write_text("\n".join([f"ts,ts_end,{head}", *rows, ""]))
    day = "{},AAPL,1,1,1,1,1"
    days.write_text("\n".join([f"date,{head}", day.format("2026-11-19"), day.format("2040-11-20")]))
    told: list[str] = []

    runner, close = built(asked(history=(bars, days)), the_settings(tmp_path), told.append)

    await close()
    found = runner._parts.history(READY)  # noqa: SLF001
    assert [(bar.symbol, bar.ts.day) for bar in found] == [("AAPL", 19), ("AAPL", 20)]
    assert told == ["AAPL: 0 bars of history, trend says nothing before it has seen 2"]


def test_a_strategy_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SA_REDIS__URL", "redis://127.0.0.1:1/0")
    monkeypatch.chdir(tmp_path)

    assert main(["strategy", "run", "momentun", "--symbols", "AAPL"]) == 2
    assert "must be module:Class or one of momentum" in capsys.readouterr().err
