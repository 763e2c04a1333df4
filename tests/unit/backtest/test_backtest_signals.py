"""Ready-made signals and bad rows in a backtest: the same words as in a replay."""

import json
from pathlib import Path
from typing import Any

import pytest

from fillpath import app_backtest, cli
from fillpath.backtest.engine import BacktestRequest, BacktestResult
from fillpath.backtest.request import ReplayRequest
from fillpath.core.errors import ConfigError
from tests.unit.backtest.test_backtest_engine import SETTINGS, days


def signals(path: Path, *moments: str) -> Path:
    """Write one signal to buy ten shares for each moment."""
    lines = [
        json.dumps(
            {
                "symbol": "IBM",
                "direction": "LONG",
                "strength": 0.95,
                "strategy_name": "made",
                "signal_id": f"s{number}",
                "ts": at,
                "metadata": {"quantity": 10},
            }
        )
        for number, at in enumerate(moments)
    ]
    path.write_text("\n".join(lines))
    return path


def ran(tmp_path: Path, *moments: str, **fields: Any) -> BacktestResult:
    replay = ReplayRequest(
        bars=(days(tmp_path / "days.csv"),),
        signals=(signals(tmp_path / "signals.jsonl", *moments),),
    )
    return app_backtest.backtest(BacktestRequest(replay=replay, **fields), SETTINGS)


def test_signals_trade_without_a_strategy(tmp_path: Path) -> None:
    result = ran(tmp_path, "2026-03-04T14:30:00Z")

    assert [(str(fill.price), fill.ts.day) for fill in result.run.fills] == [("102.5", 4)]


def test_signals_of_sessions_that_only_teach_are_not_sent(tmp_path: Path) -> None:
    moments = ("2026-03-03T14:30:00Z", "2026-03-05T14:30:00Z", "2026-03-11T14:30:00Z")

    result = ran(tmp_path, *moments, first=2, last=5)

    assert [fill.ts.day for fill in result.run.fills] == [5]


def test_parameters_need_a_strategy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--param is of a strategy"):
        ran(tmp_path, "2026-03-04T14:30:00Z", parameters={"fast": 1})


def test_nothing_to_trade_is_one_sentence(tmp_path: Path) -> None:
    replay = ReplayRequest(bars=(days(tmp_path / "days.csv"),))

    with pytest.raises(ConfigError, match="--signals or both"):
        app_backtest.backtest(BacktestRequest(replay=replay), SETTINGS)


def test_bad_rows_are_skipped_or_stop_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = days(tmp_path / "days.csv")
    path.write_text(f"{path.read_text()}\n2026-03-29,IBM,1,2,1,1,5")
    made = signals(tmp_path / "signals.jsonl", "2026-03-04T14:30:00Z")
    words = ["backtest", "--signals", str(made), "--data", str(path), "--json"]

    stopped = cli.main(words)
    complaint = capsys.readouterr().err
    skipped = cli.main([*words, "--bad-rows", "skip"])

    assert (stopped, skipped) == (2, 0)
    assert "no session" in complaint
    assert json.loads(capsys.readouterr().out)["fills"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give --data, and --strategy, --signals or both"),
        (["--sweep", "grid.yaml", "--signals", "s.jsonl"], "--sweep tries parameters"),
    ],
)
def test_what_is_missing_is_named(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(days(tmp_path / "days.csv"))] if words else []

    code = cli.main(["backtest", *data, *words])

    assert code == 2
    assert said in capsys.readouterr().err
