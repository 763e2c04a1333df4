"""The composition root: settings become objects, objects become a run; nothing is decided here."""

import functools
import http.server
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace as changed

from fillpath.backtest.inputs import load_inputs
from fillpath.backtest.request import FillProfile, ReplayRequest
from fillpath.backtest.run import Extras, Rules, run_inputs, run_request, title_of
from fillpath.core.errors import ConfigError
from fillpath.execution.policy import DeskPolicy
from fillpath.reports.result import RunFacts, RunResult
from fillpath.risk.limits import Autonomy
from fillpath.settings import Settings, policy_hash

Progress = Callable[[int, int], None]
DEMO_QUOTE_AGE = Decimal(30)
RECORDED_CASH = Decimal(10_000_000_000)
"""So much, because 1.2 % of a liquid share's daily volume costs hundreds of millions."""


def replay(
    request: ReplayRequest, settings: Settings, progress: Progress | None = None
) -> RunResult:
    """Replay recorded data as asked for."""
    return run_request(request, _rules(settings, request.profile), progress)


def _rules(settings: Settings, profile: FillProfile) -> Rules:
    return Rules(
        policy=_unattended(settings.desk_policy(live=False)),
        simulation=settings.simulation_policy(profile),
        hash_of=policy_hash,
    )


def _unattended(policy: DeskPolicy) -> DeskPolicy:
    """Return the rules where there is nobody to ask: what would wait for a person is sent."""
    autonomy = replace(policy.risk.autonomy, mode=Autonomy.PAPER_ONLY)
    return replace(policy, risk=replace(policy.risk, autonomy=autonomy))


def demo(
    data: Path | None, seed: int, settings: Settings, progress: Progress | None = None
) -> RunResult:
    """Trade the demo signals on real daily prices with a modelled path, or on recorded data."""
    if data is None:
        return _modelled_demo(seed, settings, progress)
    return _recorded_demo(recorded_request(data, seed), settings, progress)


def _recorded_demo(
    request: ReplayRequest, settings: Settings, progress: Progress | None
) -> RunResult:
    """Replay a folder; where it holds no signals, a plain day plan trades it."""
    from fillpath.backtest.recorded_signals import NOTE, recorded_signals  # noqa: PLC0415

    began = time.perf_counter()
    loaded = load_inputs(request)
    inputs = loaded.inputs
    if not request.signals:
        known = {
            (symbol, session.day): volume
            for symbol in inputs.tapes
            for session in inputs.sessions
            if (volume := inputs.adv(symbol, session.day))
        }
        signals = recorded_signals(inputs.tapes, inputs.sessions, known)
        inputs = changed(inputs, signals=signals)
        loaded = changed(loaded, inputs=inputs, notes=(*loaded.notes, NOTE))
    rules = _rules(settings, request.profile)
    simulation = replace(rules.simulation, cash=request.cash)
    facts = RunFacts(
        title=title_of(inputs),
        profile=request.profile,
        seed=request.seed,
        notes=loaded.notes,
        quotes=loaded.quotes,
        bad_rows=loaded.bad_rows,
    )
    extras = Extras(quote_age=loaded.quote_age, progress=progress, began=began)
    return run_inputs(loaded, changed(rules, simulation=simulation), facts, extras)


def _modelled_demo(seed: int, settings: Settings, progress: Progress | None) -> RunResult:
    import numpy as np  # noqa: PLC0415  # not before it is needed: importing it is half the start

    from fillpath.backtest.demo_market import model_market  # noqa: PLC0415
    from fillpath.backtest.demo_signals import DEMO_CASH, demo_signals  # noqa: PLC0415
    from fillpath.backtest.inputs import LoadedInputs  # noqa: PLC0415
    from fillpath.backtest.replay import ReplayInputs, SessionTimes  # noqa: PLC0415
    from fillpath.data.files.bars import LoadedBars  # noqa: PLC0415

    began = time.perf_counter()
    market = model_market(np.random.default_rng(seed))
    sessions = tuple(SessionTimes(s.date, s.open_ns, s.close_ns) for s in market.sessions)
    inputs = ReplayInputs(
        tapes=market.tapes, sessions=sessions, signals=demo_signals(market), adv=market.adv
    )
    quotes = sum(len(tape) for tape in market.tapes.values())
    loaded = LoadedInputs(
        inputs=inputs,
        bars=LoadedBars(),
        quotes=quotes,
        quote_age=DEMO_QUOTE_AGE,
        bad_rows={},
        notes=(market.note,),
    )
    rules = _rules(settings, FillProfile.QUOTES)
    rules = changed(rules, simulation=replace(rules.simulation, cash=DEMO_CASH))
    facts = RunFacts(
        title=title_of(inputs),
        mode="SIM",
        profile=FillProfile.QUOTES,
        seed=seed,
        notes=loaded.notes,
        quotes=quotes,
    )
    extras = Extras(quote_age=DEMO_QUOTE_AGE, progress=progress, began=began)
    return run_inputs(loaded, rules, facts, extras)


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


def _files(folder: Path, pattern: str) -> tuple[Path, ...]:
    found = [*folder.glob(f"{pattern}.parquet"), *folder.glob(f"{pattern}.csv")]
    return tuple(sorted(found))


def serve(folder: Path, port: int) -> None:
    """Serve a report folder on this machine only, until interrupted.

    Raises:
        ConfigError: the port is taken.
    """
    handler = functools.partial(_QuietHandler, directory=str(folder))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise ConfigError(f"port {port} cannot be served on 127.0.0.1: {error}") from error
    with server:
        address = f"http://127.0.0.1:{server.server_port}/report.html"
        print(f"the report is at {address} (Ctrl-C ends)", flush=True)  # noqa: T201
        server.serve_forever()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
