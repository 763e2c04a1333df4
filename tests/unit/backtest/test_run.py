"""One replay from a request to its result."""

from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath.backtest.inputs import LoadedInputs
from fillpath.backtest.replay import ReplayInputs
from fillpath.backtest.request import FillProfile, ReplayRequest
from fillpath.backtest.run import Extras, Rules, price_series, run_inputs, run_request, title_of
from fillpath.core.errors import ConfigError, JournalDiverged
from fillpath.core.models import Bar, Quote, Signal, SignalDirection
from fillpath.data.files.bars import LoadedBars
from fillpath.data.journal import FileJournal
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.reports.result import RunFacts, RunResult
from fillpath.strategy.base import StrategyView
from tests.unit.backtest.tapes import SESSION, a_tape, a_wish, every_second
from tests.unit.data.files.builders import a_bar, a_quote, at, jsonl, parquet

TAPE = a_tape(every_second(600))
RULES = Rules(
    policy=DeskPolicy(),
    simulation=SimulationPolicy(profile=FillProfile.QUOTES, cash=Decimal(1_000_000)),
    hash_of=lambda policy: f"age {policy.router.max_quote_age_seconds}",
)
FACTS = RunFacts(title="a day")


def loaded(*signals: Signal) -> LoadedInputs:
    """Return ten quiet minutes of AAPL with these signals."""
    inputs = ReplayInputs(tapes={"AAPL": TAPE}, sessions=(SESSION,), signals=signals)
    return LoadedInputs(
        inputs=inputs,
        bars=LoadedBars(),
        quotes=600,
        quote_age=Decimal(30),
        bad_rows={},
        notes=(),
    )


def ran(*signals: Signal, rules: Rules = RULES, **extras: Any) -> RunResult:
    return run_inputs(loaded(*signals), rules, FACTS, Extras(**extras))


BUY = a_wish(5, strength=1, metadata={"quantity": 100})


class Buyer:
    """Buys at the first bar and at the first quote it is shown."""

    name = "buyer"

    def on_bar(self, bar: Bar, view: StrategyView) -> list[Signal]:
        return [] if view.position(bar.symbol) else [wish(bar.symbol)]

    def on_quote(self, quote: Quote, view: StrategyView) -> list[Signal]:
        return [] if view.position(quote.symbol) else [wish(quote.symbol)]


class BarBuyer:
    """Buys at the first bar it is shown, and sees no quotes."""

    name = "bar-buyer"

    def on_bar(self, bar: Bar, view: StrategyView) -> list[Signal]:
        return [] if view.position(bar.symbol) else [wish(bar.symbol)]


class QuoteBuyer:
    """Buys at the first quote it is shown, and sees no bars."""

    name = "quote-buyer"

    def on_quote(self, quote: Quote, view: StrategyView) -> list[Signal]:
        return [] if view.position(quote.symbol) else [wish(quote.symbol)]


def wish(symbol: str) -> Signal:
    """Return an urgent signal for 100 shares."""
    return Signal(
        symbol=symbol,
        direction=SignalDirection.LONG,
        strength=Decimal(1),
        metadata={"quantity": 100},
    )


# From inputs.


def test_a_run_ends_in_a_result() -> None:
    result = ran(BUY)

    assert [(fill.quantity, fill.price) for fill in result.fills] == [
        (Decimal(100), Decimal("150.01"))
    ]
    assert result.opening_cash == 1_000_000
    assert result.cash == Decimal("984998.24995")
    assert result.equity == Decimal("999998.24995")
    assert [position.symbol for position in result.positions] == ["AAPL"]
    assert result.facts.title == "a day"


def test_the_time_it_took_is_told() -> None:
    assert ran().facts.elapsed_s >= 0


def test_a_strategy_is_shown_the_quotes() -> None:
    result = ran(strategy=Buyer())

    assert [fill.order_id.partition("/")[0] for fill in result.fills] == ["buyer"]


def test_a_strategy_that_reads_bars_sees_no_quotes() -> None:
    assert ran(strategy=BarBuyer()).fills == ()


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []

    ran(BUY, progress=lambda done, total: told.append((done, total)))

    assert told[-1] == (1, 1)


def test_the_age_of_quotes_may_be_set_for_one_run() -> None:
    """A minute after the last quote it is still usable, where the run says so."""
    late = a_wish(640, strength=1, metadata={"quantity": 100})

    fresh, patient = ran(late), ran(late, quote_age=Decimal(60))

    assert len(fresh.fills) == 0
    assert len(patient.fills) == 1


def test_a_journal_is_kept_where_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"

    first = ran(BUY, journal=path)
    again = ran(BUY, journal=path)

    assert path.is_file()
    assert again.fills == first.fills
    assert (again.cash, again.equity) == (first.cash, first.equity)


def test_a_journal_of_other_rules_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    ran(BUY, journal=path)

    with pytest.raises(JournalDiverged, match="written under other settings"):
        ran(BUY, journal=path, quote_age=Decimal(60))


def test_a_strategy_cannot_go_on_in_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    ran(journal=path, strategy=Buyer())

    with pytest.raises(ConfigError, match="holds a run already, and a strategy does not remember"):
        ran(journal=path, strategy=Buyer())


def test_a_strategy_that_fails_closes_the_journal(tmp_path: Path) -> None:
    class Broken(BarBuyer):
        def on_quote(self, quote: Quote, view: StrategyView) -> list[Signal]:
            raise KeyError(quote.symbol, view.now)

    path = tmp_path / "run.journal"
    with pytest.raises(KeyError):
        ran(journal=path, strategy=Broken())

    with closing(FileJournal(path)) as journal:
        assert journal.sequence > 0  # whole, and free for the next who opens it


# From a request.


def asked(folder: Path, **changes: Any) -> ReplayRequest:
    """Return a request with a minute of quotes and one urgent signal for 10 shares."""
    line = {
        "signal_id": "s1",
        "ts": at(5).isoformat(),
        "symbol": "IBM",
        "direction": "LONG",
        "strength": 1,
        "strategy_name": "trend",
        "metadata": {"quantity": 10},
    }
    fields: dict[str, Any] = {
        "quotes": (parquet(folder, [a_quote(n) for n in range(60)], "quotes.parquet"),),
        "signals": (jsonl(folder, line),),
        "seed": 7,
    }
    return ReplayRequest(**(fields | changes))


def test_a_request_is_loaded_and_run(tmp_path: Path) -> None:
    result = run_request(asked(tmp_path), RULES)

    assert [fill.price for fill in result.fills] == [Decimal("181.9")]
    assert result.facts.title == "IBM, 2013-10-07"
    assert (result.facts.profile, result.facts.seed, result.facts.quotes) == ("quotes", 7, 60)
    assert result.facts.notes


def test_cash_and_profile_are_those_of_the_request(tmp_path: Path) -> None:
    request = asked(tmp_path, cash=Decimal(50_000), profile=FillProfile.SPEC)

    result = run_request(request, RULES)

    assert result.opening_cash == 50_000
    # The specified slippage of 0.05 % on the touch, but not beyond the collar.
    assert result.fills[0].price > Decimal("181.9")


def test_displayed_size_is_that_of_the_request(tmp_path: Path) -> None:
    quotes = [a_quote(n, ask_size=4) for n in range(60)]
    path = parquet(tmp_path, quotes, "thin.parquet")

    result = run_request(asked(tmp_path, quotes=(path,), displayed_size=True), RULES)

    assert [fill.quantity for fill in result.fills] == [4, 4, 2]


def test_the_recording_says_how_long_a_quote_is_usable(tmp_path: Path) -> None:
    policies: list[DeskPolicy] = []

    def hash_of(policy: DeskPolicy) -> str:
        policies.append(policy)
        return "rules"

    rules = Rules(policy=DeskPolicy(), simulation=RULES.simulation, hash_of=hash_of)
    run_request(asked(tmp_path), rules)
    run_request(asked(tmp_path, max_quote_age=Decimal(3)), rules)

    ages = [policy.router.max_quote_age_seconds for policy in policies]
    assert ages == [30, 3]


def test_a_strategy_is_found_by_its_name(tmp_path: Path) -> None:
    bars = parquet(tmp_path, [a_bar(0)], "bars.parquet")
    request = asked(
        tmp_path,
        signals=(),
        bars=(bars,),
        strategy=f"{__name__}:BarBuyer",
        cash=Decimal(1_000_000),
    )

    result = run_request(request, RULES)

    # The bar ends at 60 s, a second after the last quote.
    assert [fill.quantity for fill in result.fills] == [100]


def test_a_strategy_may_look_at_quotes_alone(tmp_path: Path) -> None:
    request = asked(
        tmp_path, signals=(), strategy=f"{__name__}:QuoteBuyer", cash=Decimal(1_000_000)
    )

    assert [fill.quantity for fill in run_request(request, RULES).fills] == [100]


def test_a_strategy_is_looked_at_before_any_file(tmp_path: Path) -> None:
    request = asked(tmp_path, quotes=(tmp_path / "nowhere.csv",), strategy="nowhere:Trend")

    with pytest.raises(ConfigError, match="there is no module 'nowhere'"):
        run_request(request, RULES)


def test_nothing_to_do_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give --signals, --strategy or both"):
        run_request(asked(tmp_path, signals=()), RULES)


def test_progress_of_a_request_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    run_request(asked(tmp_path), RULES, lambda done, total: told.append((done, total)))

    assert told[-1] == (1, 1)


def test_the_policy_itself_stays_as_it_was() -> None:
    policy = replace(RULES.policy, router=RouterPolicy(max_quote_age_seconds=5))

    ran(BUY, rules=Rules(policy=policy, simulation=RULES.simulation, hash_of=RULES.hash_of))

    assert policy.router.max_quote_age_seconds == 5


# Headlines and charts.


def test_a_title_names_symbols_and_days() -> None:
    both = {"IBM": TAPE, "AAPL": TAPE}
    one, two = SESSION, SESSION.__class__(SESSION.day.replace(day=10), 0, 1)

    assert title_of(ReplayInputs(tapes=both)) == "AAPL, IBM"
    assert title_of(ReplayInputs(tapes=both, sessions=(one,))) == "AAPL, IBM, 2013-10-07"
    assert (
        title_of(ReplayInputs(tapes=both, sessions=(one, two)))
        == "AAPL, IBM, 2013-10-07 to 2013-10-10"
    )


def test_the_prices_of_every_symbol_go_into_the_charts() -> None:
    prices = price_series({"AAPL": TAPE})

    assert prices["AAPL"].ts is TAPE.ts
    assert (prices["AAPL"].bid is TAPE.bid, prices["AAPL"].ask is TAPE.ask) == (True, True)
