"""fillpath on the shared work: the product's own replay, with a durable journal on disk.

The run section begins with reading the recorded quotes from their file, because that is where
fillpath touches each of them; the peers' own quote objects are made before their clock starts.
Signals are made before the clock starts, as the peers' strategies and quantities are. The rules are
built by hand and keep no protective stops, because the peers place none on this work.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import contract
import msgspec
from fillpath_bars import BarTrader

import fillpath
from fillpath.backtest.engine import BacktestRequest, ReplayEngine
from fillpath.backtest.replay import Replay, ReplayInputs, ReplayPlan, SessionTimes
from fillpath.backtest.request import ReplayRequest
from fillpath.backtest.run import Rules
from fillpath.backtest.tape_costs import tape_costs
from fillpath.core.commands import OrderClosed
from fillpath.core.models import OrderStatus, Signal, SignalDirection
from fillpath.core.units import quantity_units
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.quotes import LoadedQuotes, load_quotes
from fillpath.data.journal.chained import FileJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.policy import DeskPolicy
from fillpath.reports.recorder import RunRecorder
from fillpath.risk.limits import PriceLimits, RateLimits, RiskLimits, SizeLimits
from fillpath.scheduling.calendar import ExchangeCalendar, new_york_date

# Nobody trades like a benchmark: counts, rates and turnover would end each run within a second. All
# checks still run.
LIMITS = RiskLimits(
    max_trades_per_day=10_000_000,
    max_turnover_pct=100_000_000,
    # The recording ends long before the close, and what rests then is to rest until the close.
    price=PriceLimits(cancel_quote_age_seconds=604_800),
    size=SizeLimits(basket_pct=10_000),
    rates=RateLimits(
        strategy_per_second=100_000,
        symbol_per_second=100_000,
        account_per_second=100_000,
        open_orders_symbol=100_000,
        open_orders_total=100_000,
        repeated_count=0,
        order_to_trade=0,
    ),
)
DONE = {OrderStatus.FILLED, OrderStatus.EXPIRED}  # filled, or still open at the close
# On the disk of the project: a temporary folder may be memory, where durability costs nothing.
JOURNALS = Path(__file__).resolve().parents[2] / ".tools" / "bench"


class Line(msgspec.Struct):
    """One line of a signal file."""

    signal_id: str
    ts: datetime
    symbol: str
    direction: SignalDirection
    strength: Decimal
    strategy_name: str
    metadata: dict[str, int]


def signals(folder: Path) -> tuple[Signal, ...]:
    """Return the signals of a file."""
    decoder = msgspec.json.Decoder(Line)
    lines = decoder.decode_lines((folder / "signals.jsonl").read_bytes())
    return tuple(
        Signal(
            signal_id=line.signal_id,
            timestamp=line.ts,
            symbol=line.symbol,
            direction=line.direction,
            strength=line.strength,
            strategy_name=line.strategy_name,
            metadata=line.metadata,
        )
        for line in lines
    )


def sessions(calendar: ExchangeCalendar, inputs: contract.Inputs) -> tuple[SessionTimes, ...]:
    """Return the trading days of the input."""
    first, last = new_york_date(inputs.ts[0]), new_york_date(inputs.ts[-1])
    return tuple(
        SessionTimes(session.date, session.open_ns, session.close_ns)
        for session in calendar.sessions_between(first, last)
    )


def quotes(folder: Path, calendar: ExchangeCalendar) -> LoadedQuotes:
    """Return the quotes of a file, every row checked."""
    report = BadRowReport()
    return load_quotes(
        [folder / "quotes.parquet"], report=report, regular_hours=True, calendar=calendar
    )


def run(work: str, inputs: contract.Inputs) -> contract.Outcome:  # noqa: ARG001  # all works alike
    """Set up, run and count one work."""
    JOURNALS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=JOURNALS) as folder:
        journal = FileJournal(Path(folder) / "bench.journal")
        try:
            return measured(inputs, journal)
        finally:
            journal.close()


def measured(inputs: contract.Inputs, journal: FileJournal) -> contract.Outcome:
    """Run with this journal and count."""
    begun = contract.now()
    calendar = ExchangeCalendar()
    adv = quantity_units(Decimal(inputs.adv))
    spoken = signals(inputs.folder)
    days = sessions(calendar, inputs)
    cash = Decimal(contract.CASH)
    plan = ReplayPlan(
        policy=DeskPolicy(risk=LIMITS),
        simulation=SimulationPolicy(profile=FillProfile.QUOTES, cash=cash),
        version=fillpath.__version__,
    )
    recorder = RunRecorder()
    ready = contract.now()
    loaded = quotes(inputs.folder, calendar)
    recorded = ReplayInputs(
        tapes=loaded.tapes, sessions=days, signals=spoken, adv=lambda _symbol, _day: adv
    )
    asyncio.run(Replay(recorded, plan, journal, recorder).run())
    done = contract.now()
    return contract.Outcome(
        version=fillpath.__version__,
        orders=sum(end.status in DONE for end in recorder.of_kind(OrderClosed)),
        fills=len(recorder.fills),
        quotes=loaded.used,
        seconds=done - ready,
        setup_seconds=ready - begun,
        notional=float(sum(fill.price * fill.quantity for fill in recorder.fills)),
        note="quotes read from the file inside the run section",
    )


def run_bars(folder: Path) -> contract.Outcome:
    """Run a backtest as ``fillpath backtest`` does, files, journal and performance included."""
    rules = Rules(
        policy=DeskPolicy(risk=LIMITS),
        simulation=SimulationPolicy(profile=FillProfile.QUOTES),
        hash_of=repr,
    )
    request = BacktestRequest(
        replay=ReplayRequest(
            bars=(folder / "bars.parquet",),
            strategy=f"{BarTrader.__module__}:{BarTrader.__name__}",
            cash=Decimal(contract.CASH),
        ),
        parameters={"folder": str(folder)},
    )
    ready = contract.now()
    result = ReplayEngine(rules).run(request)
    done = contract.now()
    fills = result.run.fills
    return contract.Outcome(
        version=fillpath.__version__,
        orders=len(result.run.orders),
        fills=len(fills),
        quotes=BarTrader.latest.seen,
        seconds=done - ready,
        setup_seconds=0.0,
        notional=float(sum(fill.price * fill.quantity for fill in fills)),
        note="bars read from the file, journal and performance inside the run section",
        position=float(sum(position.quantity for position in result.run.positions)),
    )


def run_fills(folder: Path) -> contract.Outcome:
    """Work out the mean cost and markouts of all fills, both files read and checked."""
    ready = contract.now()
    *_, total = tape_costs(
        [folder / "fills.parquet"],
        [folder / "quotes.parquet"],
        report=BadRowReport(),
        calendar=ExchangeCalendar(),
    )
    done = contract.now()
    return contract.Outcome(
        version=fillpath.__version__,
        orders=total.fills,
        fills=total.fills,
        quotes=total.quotes,
        seconds=done - ready,
        setup_seconds=0.0,
        notional=total.notional,
        note=contract.costs_note(total.cost_bps or 0.0, total.markouts_bps["300s"] or 0.0),
    )


if __name__ == "__main__":
    contract.serve(run, {"bars": run_bars, "fill-costs": run_fills})
