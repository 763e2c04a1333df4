"""What the how-to pages show works: their Python runs, their example trades, their words exist."""

import asyncio
import csv
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from math import sin
from pathlib import Path

import pytest

from fillpath import cli
from fillpath.data.store.sql_store import SqlStore

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how-to"
STRATEGY = (HOW_TO / "strategy.md").read_text(encoding="utf-8")
EMBED = (HOW_TO / "embed.md").read_text(encoding="utf-8")
OPEN = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder that has the examples, as a clone has them."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def _run(page: str) -> dict[str, object]:
    """Run every piece of Python on a page, from top to bottom, as one program."""
    program = "\n".join(re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL))
    names: dict[str, object] = {"__name__": "how_to"}
    exec(compile(program, "how_to.py", "exec"), names)  # noqa: S102  # our own page
    return names


def _mid(symbol: str, minute: int) -> float:
    """Return a price in cents that swings every quarter of an hour, and slowly beside it."""
    base = {"ACME": 15_000, "BOLT": 4_000}[symbol]
    return base + round(40 * sin(minute * 0.3927) + 60 * sin(minute * 0.0648 + base))


def _write_recording(folder: Path) -> None:
    """Write one day of minutes: quotes and the bars that go with them."""
    with (folder / "quotes.csv").open("w", newline="") as target:
        quotes = csv.writer(target)
        quotes.writerow(["ts", "symbol", "bid_price", "ask_price", "bid_size", "ask_size"])
        for minute in range(1, 391):
            for symbol in ("ACME", "BOLT"):
                mid = _mid(symbol, minute)
                known = (OPEN + minute * MINUTE).isoformat()
                quotes.writerow([known, symbol, (mid - 1) / 100, (mid + 1) / 100, 300, 300])
    with (folder / "bars.csv").open("w", newline="") as target:
        bars = csv.writer(target)
        bars.writerow(["ts", "ts_end", "symbol", "open", "high", "low", "close", "volume"])
        for minute in range(1, 391):
            for symbol in ("ACME", "BOLT"):
                first, last = _mid(symbol, minute - 1) / 100, _mid(symbol, minute) / 100
                ends = OPEN + minute * MINUTE
                span = [(ends - MINUTE).isoformat(), ends.isoformat(), symbol]
                bars.writerow([*span, first, max(first, last), min(first, last), last, 500])


def test_the_parts_work_from_your_own_code(
    somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(EMBED)

    printed = capsys.readouterr().out
    assert "STALE_QUOTE" in printed
    assert printed.count("SLICE ORDERED twap") == 5
    assert (somewhere / "my.journal").exists()


def test_the_signal_and_the_bare_test_of_the_strategy_page_run(somewhere: Path) -> None:
    del somewhere

    assert "answers" in _run(STRATEGY)


def test_the_strategy_of_the_page_asks_for_ten_shares_and_then_lets_its_record_size(
    somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write_recording(somewhere)
    (command,) = re.findall(r"\$ fillpath (replay .*--strategy examples\.dips:Dips.*)", STRATEGY)

    assert cli.main([*command.split(), "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    bought = [order for order in told["orders"] if order["side"] == "BUY"]
    assert {order["strategy_name"] for order in told["orders"]} == {"dips"}
    assert {order["quantity"] for order in bought[:30]} == {"10"}
    sized = [row for row in told["decisions"] if row.get("kelly_fraction")]
    assert sized
    assert {row["direction"] for row in sized} == {"LONG"}
    assert (somewhere / "my-run" / "report.html").exists()


@pytest.mark.parametrize("page", [STRATEGY, EMBED], ids=["strategy", "embed"])
def test_the_options_of_the_page_exist(page: str) -> None:
    shown = [c for c in cli.COMMANDS if c.words == ("replay",) or c.words[0] == "strategy"]

    assert set(re.findall(r"[ `](--[a-z][a-z-]+)", page)) <= {
        option.name for command in shown for option in command.options
    }


def test_the_commands_about_strategies_work(
    somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write_recording(somewhere)
    listed, shown = re.findall(r"\$ fillpath (strategy (?:list|show).*)", STRATEGY)
    (replayed,) = re.findall(r"\$ fillpath (replay .*--param .*)", STRATEGY)

    codes = [cli.main(command.split()) for command in (listed, shown)]
    told = capsys.readouterr().out
    code = cli.main([*replayed.split(), "--json"])

    assert [*codes, code] == [0, 0, 0]
    assert "mean-reversion" in told
    assert "reads: bars of 1 minute, 11 to begin with" in told
    assert json.loads(capsys.readouterr().out)["signals"]["received"] > 0


def test_what_a_strategy_has_earned_is_said_as_the_page_says(
    somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (command,) = re.findall(r"\$ fillpath (strategy statistics .*)", STRATEGY)
    (somewhere / "fillpath.yaml").write_text(
        "broker: {provider: simulated}\nengine: {folder: data}\n"
    )
    (somewhere / "data" / "SIM").mkdir(parents=True)

    async def tables() -> None:
        store = SqlStore(f"sqlite:///{somewhere}/data/SIM/store.sqlite")
        await store.start()
        await store.close()

    asyncio.run(tables())

    assert cli.main(command.split()) == 1
    assert capsys.readouterr().err == "fillpath: not enough trades: 0 of 30\n"


def test_the_commands_of_a_live_strategy_can_be_given() -> None:
    commands = re.findall(r"\$ fillpath (strategy (?:run|running|statistics) .*)", STRATEGY)

    chosen = [cli.parser().parse_args(command.split()) for command in commands]

    assert [command.split()[1] for command in commands] == ["run", "running", "statistics"]
    assert dict(chosen[0].parameters) == {"bar_minutes": 5}


@pytest.mark.parametrize("page", [STRATEGY, EMBED], ids=["strategy", "embed"])
def test_the_files_and_reasons_of_the_page_exist(page: str) -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "src" / "fillpath").rglob("*.py")]
    files = re.findall(r"`((?:core|backtest|execution)/[\w/]+\.py)`", page)
    reasons = re.findall(r"`([A-Z]+_[A-Z_]+|DUPLICATE|SUPERSEDED|REJECTED)`", page)

    assert [file for file in files if not (ROOT / "src" / "fillpath" / file).is_file()] == []
    assert [word for word in reasons if not any(f'"{word}"' in text for text in sources)] == []
