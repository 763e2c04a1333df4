"""What the demo runs on: modelled days of real prices, or a folder of recorded data."""

# ruff: noqa: PLC0415  # the modelled market is not imported where recorded data are replayed

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from fillpath.backtest.inputs import LoadedInputs, load_inputs
from fillpath.backtest.replay import ReplayInputs, SessionTimes
from fillpath.backtest.request import ReplayRequest
from fillpath.core.errors import ConfigError
from fillpath.core.models import Signal
from fillpath.data.files.bars import LoadedBars

DEMO_QUOTE_AGE: Final = Decimal(30)
RECORDED_CASH: Final = Decimal(10_000_000_000)
"""So much, because 1.2 % of a liquid share's daily volume costs hundreds of millions."""


def recorded_request(data: Path, seed: int) -> ReplayRequest:
    """Return the request that replays a folder of recorded data.

    The folder holds ``quotes*`` files, may hold ``daily*`` or ``bars_1d*`` files for the volumes,
    ``corporate_actions.csv`` and ``signals*.jsonl``.

    Raises:
        ConfigError: the folder is missing, or holds no quotes.
    """
    if not data.is_dir():
        raise ConfigError(f"--data must be a folder, got {data}")
    quotes = _files(data, "quotes*")
    if not quotes:
        raise ConfigError(f"{data} holds no quotes*.parquet or quotes*.csv")
    actions = data / "corporate_actions.csv"
    return ReplayRequest(
        quotes=quotes,
        daily=_files(data, "daily*") or _files(data, "bars_1d*"),
        signals=tuple(sorted(data.glob("signals*.jsonl"))),
        corporate_actions=actions if actions.is_file() else None,
        cash=RECORDED_CASH,
        seed=seed,
    )


def recorded_inputs(request: ReplayRequest) -> LoadedInputs:
    """Read a recording; where it holds no signals, a plain day plan trades it.

    Raises:
        DataError: a bad row, unless bad rows are skipped.
    """
    from fillpath.backtest.recorded_signals import NOTE, recorded_signals

    loaded = load_inputs(request)
    inputs = loaded.inputs
    if request.signals:
        return loaded
    known = {
        (symbol, session.day): volume
        for symbol in inputs.tapes
        for session in inputs.sessions
        if (volume := inputs.adv(symbol, session.day))
    }
    signals = recorded_signals(inputs.tapes, inputs.sessions, known)
    return replace(loaded, inputs=replace(inputs, signals=signals), notes=(*loaded.notes, NOTE))


def modelled_inputs(seed: int, speak: Callable[[Any], tuple[Signal, ...]]) -> LoadedInputs:
    """Model the demo's market.

    Args:
        seed: the same seed gives the same market.
        speak: returns the signals for a market.

    Raises:
        ConfigError: the package with the daily prices is not installed.
    """
    import numpy as np

    from fillpath.backtest.demo_market import model_market

    market = model_market(np.random.default_rng(seed))
    sessions = tuple(SessionTimes(s.date, s.open_ns, s.close_ns) for s in market.sessions)
    inputs = ReplayInputs(
        tapes=market.tapes, sessions=sessions, signals=speak(market), adv=market.adv
    )
    return LoadedInputs(
        inputs=inputs,
        bars=LoadedBars(),
        quotes=sum(len(tape) for tape in market.tapes.values()),
        quote_age=DEMO_QUOTE_AGE,
        bad_rows={},
        notes=(market.note,),
    )


def _files(folder: Path, pattern: str) -> tuple[Path, ...]:
    found = [*folder.glob(f"{pattern}.parquet"), *folder.glob(f"{pattern}.csv")]
    return tuple(sorted(found))


__all__ = [
    "DEMO_QUOTE_AGE",
    "RECORDED_CASH",
    "modelled_inputs",
    "recorded_inputs",
    "recorded_request",
]
