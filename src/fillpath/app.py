"""The composition root: settings become objects, objects become a run; nothing is decided here."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from msgspec.structs import replace as changed

from fillpath.backtest.demo_inputs import (
    DEMO_QUOTE_AGE,
    modelled_inputs,
    recorded_inputs,
    recorded_request,
)
from fillpath.backtest.request import FillProfile, ReplayRequest
from fillpath.backtest.run import Extras, Rules, run_inputs, run_request, title_of
from fillpath.execution.policy import DeskPolicy
from fillpath.reports.result import RunFacts, RunResult
from fillpath.risk.limits import Autonomy
from fillpath.settings import Settings, policy_hash

Progress = Callable[[int, int], None]


def replay(
    request: ReplayRequest, settings: Settings, progress: Progress | None = None
) -> RunResult:
    """Replay recorded data as asked for."""
    return run_request(request, rules_for(settings, request.profile), progress)


def rules_for(settings: Settings, profile: FillProfile) -> Rules:
    """Return the rules of a run where nobody watches."""
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
    began = time.perf_counter()
    loaded = recorded_inputs(request)
    rules = rules_for(settings, request.profile)
    simulation = replace(rules.simulation, cash=request.cash)
    facts = RunFacts(
        title=title_of(loaded.inputs),
        profile=request.profile,
        seed=request.seed,
        notes=loaded.notes,
        quotes=loaded.quotes,
        bad_rows=loaded.bad_rows,
    )
    extras = Extras(quote_age=loaded.quote_age, progress=progress, began=began)
    return run_inputs(loaded, changed(rules, simulation=simulation), facts, extras)


def _modelled_demo(seed: int, settings: Settings, progress: Progress | None) -> RunResult:
    from fillpath.backtest.demo_signals import DEMO_CASH, demo_signals  # noqa: PLC0415  # slow

    began = time.perf_counter()
    loaded = modelled_inputs(seed, demo_signals)
    rules = rules_for(settings, FillProfile.QUOTES)
    rules = changed(rules, simulation=replace(rules.simulation, cash=DEMO_CASH))
    facts = RunFacts(
        title=title_of(loaded.inputs),
        mode="SIM",
        profile=FillProfile.QUOTES,
        seed=seed,
        notes=loaded.notes,
        quotes=loaded.quotes,
    )
    extras = Extras(quote_age=DEMO_QUOTE_AGE, progress=progress, began=began)
    return run_inputs(loaded, rules, facts, extras)


__all__ = ["demo", "recorded_request", "replay", "rules_for"]
