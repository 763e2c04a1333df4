"""One replay from a request to its result."""

import asyncio
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
from msgspec import Struct
from msgspec.structs import replace as changed

from fillpath import __version__
from fillpath.backtest.inputs import LoadedInputs, load_inputs
from fillpath.backtest.loading import load_strategy
from fillpath.backtest.moments import Moments
from fillpath.backtest.needing import check_needs
from fillpath.backtest.replay import Replay, ReplayInputs, ReplayPlan
from fillpath.backtest.request import ReplayRequest
from fillpath.backtest.showing import BarShow, QuoteShow, ReplayView, splits_for
from fillpath.core.destinations import AUCTIONS
from fillpath.core.errors import ConfigError
from fillpath.data.files.quotes import QuoteTape
from fillpath.data.journal import FileJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.simulating.policy import RealisticPolicy
from fillpath.reports.dividends import dividend_rows
from fillpath.reports.recorder import RunRecorder
from fillpath.reports.result import AccountEnd, PriceSeries, RunFacts, RunResult, summarise
from fillpath.strategy.base import AnyStrategy, QuoteStrategy, Strategy

Progress = Callable[[int, int], None]


class Rules(Struct, frozen=True, kw_only=True):
    """Every policy of a run, built from settings.

    Args:
        policy: the desk's.
        simulation: the simulated broker's.
        hash_of: returns the hash of a desk policy, for the journal.
    """

    policy: DeskPolicy
    simulation: SimulationPolicy
    hash_of: Callable[[DeskPolicy], str]


def run_request(
    request: ReplayRequest, rules: Rules, progress: Progress | None = None
) -> RunResult:
    """Load the request's files, replay them and return the result.

    Raises:
        DataError: a file is wrong.
        ConfigError: the request cannot be carried out.
        JournalError: the journal cannot be continued.
    """
    if not request.signals and request.strategy is None:
        raise ConfigError("give --signals, --strategy or both: without them nothing would trade")
    began = time.perf_counter()
    strategy = None
    if request.strategy is not None:
        strategy = load_strategy(request.strategy, parameters=request.parameters)
    elif request.parameters:
        raise ConfigError("--param is of a strategy: give --strategy too")
    loaded = load_inputs(request)
    age = loaded.quote_age if request.max_quote_age is None else request.max_quote_age
    rules = rules_as_asked(rules, request)
    facts = RunFacts(
        title=title_of(loaded.inputs),
        profile=request.profile,
        session=request.session,
        seed=request.seed,
        notes=loaded.notes,
        quotes=loaded.quotes,
        bad_rows=loaded.bad_rows,
    )
    return run_inputs(
        loaded,
        rules,
        facts,
        Extras(strategy, request.journal, age, progress, began),
    )


def rules_as_asked(rules: Rules, request: ReplayRequest) -> Rules:
    """Return the rules with what a request says about the simulated broker."""
    simulation = replace(
        rules.simulation,
        profile=request.profile,
        cash=request.cash,
        displayed_size=request.displayed_size,
        realistic=_seeded(rules.simulation, request),
        of_bars=not request.quotes,
    )
    policy = _of_bars(rules.policy) if simulation.of_bars else rules.policy
    return changed(rules, policy=policy, simulation=simulation)


def _of_bars(policy: DeskPolicy) -> DeskPolicy:
    """Return the rules without the breaker on slippage.

    What a fill costs on bars is a convention, such as the extreme of a bar for a stop. As a measure
    of execution it would switch every strategy with stops off.
    """
    breakers = replace(policy.risk.breakers, slippage_fills=0)
    return replace(policy, risk=replace(policy.risk, breakers=breakers))


def _seeded(simulation: SimulationPolicy, request: ReplayRequest) -> RealisticPolicy | None:
    """Return the rules of the profile realistic with the seed of the run, None for other profiles."""
    if request.profile is not FillProfile.REALISTIC:
        return None
    return replace(simulation.realistic or RealisticPolicy(), seed=request.seed)


class Extras(Struct, frozen=True):
    """What else a run may be given.

    Args:
        strategy: is shown bars and quotes.
        journal: where the journal is kept; None keeps it in a temporary folder.
        quote_age: seconds that a quote stays usable; None leaves the policy as it is.
        progress: called now and then with (done, in all).
        began: when the work began, from the performance counter.
        watch: returns what else is called at its moments, given the replay; it sends no signals.
    """

    strategy: AnyStrategy | None = None
    journal: Path | None = None
    quote_age: Decimal | None = None
    progress: Progress | None = None
    began: float = 0.0
    watch: Callable[[Replay], Moments] | None = None


def run_inputs(loaded: LoadedInputs, rules: Rules, facts: RunFacts, extras: Extras) -> RunResult:
    """Replay loaded inputs and return the result."""
    policy = rules.policy
    if extras.quote_age is not None:
        policy = policy.at_quote_age(extras.quote_age)
    if rules.simulation.profile is FillProfile.REALISTIC:
        policy = replace(policy, destinations=AUCTIONS)
    plan = ReplayPlan(
        policy=policy,
        simulation=rules.simulation,
        policy_hash=run_hash(rules.hash_of(policy), rules.simulation, loaded.inputs),
        version=__version__,
    )
    recorder = RunRecorder()
    with _journal(extras.journal) as journal:
        if extras.strategy is not None and journal.sequence:
            raise ConfigError(
                f"the journal {extras.journal} holds a run already, and a strategy does not remember "
                "what it knew then: start the run anew with a new journal"
            )
        replay = Replay(loaded.inputs, plan, journal, recorder)
        shows = _shows(replay, loaded, extras.strategy)
        if extras.watch is not None:
            shows.append(extras.watch(replay))
        asyncio.run(replay.run(shows, extras.progress))
    account = replay.account()
    result = summarise(
        recorder,
        facts=_timed(facts, extras.began),
        account=AccountEnd(
            opening_cash=Decimal(str(rules.simulation.cash)),
            cash=account.cash,
            equity=account.equity,
            positions=account.positions,
        ),
        prices=price_series(loaded.inputs.tapes),
    )
    return changed(result, dividends=dividend_rows(replay.paid))


def run_hash(rules: str, simulation: SimulationPolicy, inputs: ReplayInputs) -> str:
    """Return a hash of all that a run depends on: a journal is continued by the same run only."""
    digest = hashlib.sha256(f"{rules} {simulation!r} {inputs.splits!r}".encode())
    if inputs.dividends:
        digest.update(repr(inputs.dividends).encode())
    if simulation.profile is FillProfile.REALISTIC:
        digest.update(repr(simulation.realistic).encode())
    for symbol, tape in sorted(inputs.tapes.items()):
        volumes = [inputs.adv(symbol, session.day) for session in inputs.sessions]
        closes = [inputs.prior_close(symbol, session.day) for session in inputs.sessions]
        digest.update(f"{symbol} {volumes} {closes}".encode())
        for column in (tape.ts, tape.bid, tape.ask, tape.bid_size, tape.ask_size):
            digest.update(np.ascontiguousarray(column).data)
    for signal in inputs.signals:
        digest.update(f"{signal.strategy_name}/{signal.signal_id}/{signal.timestamp};".encode())
    return digest.hexdigest()


def _timed(facts: RunFacts, began: float) -> RunFacts:
    return changed(facts, elapsed_s=round(time.perf_counter() - began, 3))


def _shows(replay: Replay, loaded: LoadedInputs, strategy: AnyStrategy | None) -> list[Moments]:
    if strategy is None:
        return []
    check_needs(strategy, loaded)
    view = ReplayView(replay, strategy.name)
    shows: list[Moments] = []
    waiting = splits_for(strategy, loaded.inputs)
    if isinstance(strategy, Strategy):
        shows.append(BarShow(loaded.bars, strategy, view, waiting))
    if isinstance(strategy, QuoteStrategy):
        shows.append(QuoteShow(loaded.inputs.tapes, strategy, view, waiting))
    return shows


@contextmanager
def _journal(path: Path | None) -> Iterator[FileJournal]:
    """Open the journal at ``path``, or one that is thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="fillpath-") as folder:
        # Nobody waits for the disk to have what is thrown away in any case.
        kept = path is not None
        journal = FileJournal(path or Path(folder) / "replay.journal", durable=kept)
        try:
            yield journal
        finally:
            journal.close()


def price_series(tapes: Mapping[str, QuoteTape]) -> dict[str, PriceSeries]:
    """Return the quotes of each symbol for charts."""
    return {
        symbol: PriceSeries(ts=tape.ts, bid=tape.bid, ask=tape.ask)
        for symbol, tape in tapes.items()
    }


def title_of(inputs: ReplayInputs) -> str:
    """Return a headline: symbols and days."""
    symbols = ", ".join(sorted(inputs.tapes))
    days = [session.day.isoformat() for session in inputs.sessions]
    if not days:
        return symbols
    span = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    return f"{symbols}, {span}"
