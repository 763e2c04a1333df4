"""Backtrader's strategies run on both brokers, are told what they must be, and give our results."""

import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as changed

from fillpath import app_backtest
from fillpath.app_sweep import rules_from
from fillpath.backtest.bridge.exchange_time import ExchangeTime
from fillpath.backtest.engine import BacktestRequest
from fillpath.backtest.request import BacktraderBroker, EngineName, FillProfile, ReplayRequest
from fillpath.backtest.sweeping import Task, run_task
from fillpath.core.errors import ConfigError
from fillpath.core.models import OrderStatus
from fillpath.settings import policy_hash
from tests.house.project import ROOT
from tests.unit.backtest.backtrader_samples import (
    BOTH,
    ORDER,
    OURS,
    SAMPLES,
    SETTINGS,
    THEIRS,
    AverageCross,
    Bracketed,
    OneOfTwo,
    Script,
    Signalled,
    TargetShare,
    Telling,
    by_both,
    ran,
    waves,
    write_days,
)

FLAT = [(100.0, 102.0, 98.0, 101.0)] * 5


class TestSamples:
    @pytest.mark.parametrize("kind", SAMPLES)
    def test_every_kind_of_strategy_trades_on_both(self, kind: type, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", waves(40))

        results = [ran(days, kind, broker) for broker in BOTH]

        for result in results:
            assert len(result.run.fills) > 3
            assert result.performance.trades >= 2
            assert result.closes[-1].equity == float(result.run.equity)

    @pytest.mark.parametrize("kind", [AverageCross, TargetShare, Signalled])
    def test_market_orders_fill_alike_on_both(self, kind: type, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", waves(40))

        theirs, ours = (ran(days, kind, broker).run for broker in BOTH)

        assert [(f.side, f.price, f.quantity, f.commission) for f in theirs.fills] == [
            (f.side, f.price, f.quantity, f.commission) for f in ours.fills
        ]
        assert float(theirs.equity) == pytest.approx(float(ours.equity), abs=1e-6)

    @pytest.mark.parametrize("broker", BOTH)
    def test_a_run_repeats_itself(self, broker: BacktraderBroker, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", waves(30))

        first, second = (ran(days, Bracketed, broker) for _ in range(2))

        assert first.run.orders == second.run.orders
        assert first.run.fills == second.run.fills
        assert first.points == second.points

    def test_parameters_reach_the_strategy(self, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", waves(40))

        quick, slow = (ran(days, AverageCross, OURS, fast=2, slow=slow) for slow in (4, 9))

        assert quick.run.fills != slow.run.fills
        assert quick.parameters == {"fast": 2, "slow": 4}


class TestTelling:
    @pytest.mark.parametrize("broker", BOTH)
    def test_each_status_is_told_once_and_in_order(
        self, broker: BacktraderBroker, tmp_path: Path
    ) -> None:
        days = write_days(tmp_path / "days.csv", waves(40))

        ran(days, OneOfTwo, broker)

        script = OneOfTwo.last
        allowed = {
            ("Submitted", "Accepted", "Completed"),
            ("Submitted", "Accepted", "Canceled"),
            ("Submitted", "Accepted"),
            ("Submitted",),
        }
        stories = {tuple(script.of_order(number)) for number in script.numbers.values()}
        assert stories <= allowed
        assert len(stories) >= 2

    def test_trades_and_cash_are_told_alike(self, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)
        plan = {1: lambda own: own.buy(size=10), 3: lambda own: own.close()}

        theirs, ours = by_both(days, plan)

        for one, other in zip(theirs.script.trades, ours.script.trades, strict=True):
            assert (one.status, one.pnl) == (other.status, other.pnl)
            assert other.pnlcomm == pytest.approx(one.pnlcomm)
        for seen, wanted in zip(ours.script.cashes, theirs.script.cashes, strict=True):
            assert seen == pytest.approx(wanted)
        assert ours.script.executions == theirs.script.executions

    def test_a_reversal_closes_one_trade_and_opens_another(self, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)
        plan = {1: lambda own: own.buy(size=9), 2: lambda own: own.sell(size=20)}

        theirs, ours = by_both(days, plan)

        for outcome in (theirs, ours):
            assert [trade.size for trade in outcome.script.trades] == [9, 0, -11]
            assert outcome.script.position.size == -11
            assert outcome.script.position.price == 100

    @pytest.mark.parametrize("broker", BOTH)
    def test_what_cannot_be_paid_is_told_as_margin(
        self, broker: BacktraderBroker, tmp_path: Path
    ) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)

        result = ran(days, Script, broker, cash=1_000, plan={1: lambda own: own.buy(size=100)})

        assert Script.last.of_order(1) == ["Submitted", "Margin"]
        assert [order.status for order in result.run.orders] == [OrderStatus.REJECTED]

    def test_a_price_that_cannot_be_is_rejected(self, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)
        plan = {1: lambda own: own.buy(size=1, exectype=ORDER.Limit, price=-5)}

        result = ran(days, Script, OURS, plan=plan)

        assert Script.last.of_order(1) == ["Submitted", "Rejected"]
        assert "limit_price" in result.run.orders[0].reason


class TestOrders:
    @pytest.mark.parametrize("broker", BOTH)
    def test_cancel_expiry_and_open_orders(self, broker: BacktraderBroker, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)
        open_orders: list[int] = []

        def first(own: Any) -> None:
            own.kept = own.buy(size=1, exectype=ORDER.Limit, price=90)
            own.buy(size=1, exectype=ORDER.Limit, price=90, valid=timedelta(days=1))
            own.cancel(own.buy(size=1))

        def third(own: Any) -> None:
            open_orders.append(len(own.broker.get_orders_open(safe=True)))
            own.cancel(own.kept)
            own.cancel(own.kept)

        ran(days, Script, broker, plan={1: first, 3: third})

        own = Script.last
        assert own.of_order(1) == ["Submitted", "Accepted", "Canceled"]
        assert own.of_order(2)[-1] == "Expired"
        assert own.of_order(3)[-1] in {"Canceled", "Completed"}
        assert open_orders == [1]

    @pytest.mark.parametrize("broker", BOTH)
    def test_the_end_of_an_entry_takes_its_stop_and_limit_along(
        self, broker: BacktraderBroker, tmp_path: Path
    ) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)

        def enter(own: Any) -> None:
            own.orders = own.buy_bracket(size=1, price=90, stopprice=80, limitprice=120)

        ran(days, Script, broker, plan={1: enter, 3: lambda own: own.cancel(own.orders[0])})

        assert [Script.last.of_order(number)[-1] for number in (1, 2, 3)] == ["Canceled"] * 3

    @pytest.mark.parametrize("broker", BOTH)
    def test_a_filled_target_cancels_the_stop(
        self, broker: BacktraderBroker, tmp_path: Path
    ) -> None:
        days = write_days(tmp_path / "days.csv", [*FLAT[:2], (101, 112, 100.5, 111), FLAT[0]])

        def enter(own: Any) -> None:
            own.sell_or_buy = own.buy_bracket(
                size=1, exectype=ORDER.Market, stopprice=90, limitprice=110
            )

        result = ran(days, Script, broker, plan={1: enter})

        own = Script.last
        assert [own.of_order(number)[-1] for number in (1, 2, 3)] == [
            "Completed",
            "Canceled",
            "Completed",
        ]
        assert len(result.trades) == 1

    def test_a_child_without_a_parent_is_rejected(self, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)

        def late(own: Any) -> None:
            own.sell(size=1, exectype=ORDER.Stop, price=90, parent=own.first)

        plan = {1: lambda own: setattr(own, "first", own.buy(size=1)), 4: late}

        ran(days, Script, OURS, plan=plan)

        assert Script.last.of_order(2) == ["Rejected"]

    @pytest.mark.parametrize("broker", BOTH)
    def test_an_order_at_the_close_fills_there(
        self, broker: BacktraderBroker, tmp_path: Path
    ) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)

        result = ran(
            days, Script, broker, plan={1: lambda own: own.buy(size=1, exectype=ORDER.Close)}
        )

        assert [(fill.price, fill.ts.day) for fill in result.run.fills] == [(Decimal(101), 3)]

    @pytest.mark.parametrize("broker", BOTH)
    @pytest.mark.parametrize(("opened", "price"), [(100, "99"), (98.5, "98.5")])
    def test_a_limit_that_waits_fills_at_its_price_or_at_a_better_open(
        self, broker: BacktraderBroker, opened: float, price: str, tmp_path: Path
    ) -> None:
        days = write_days(tmp_path / "days.csv", [FLAT[0], (opened, 102, 97, 101)])
        plan = {1: lambda own: own.buy(size=1, exectype=ORDER.Limit, price=99)}

        result = ran(days, Script, broker, plan=plan)

        assert [fill.price for fill in result.run.fills] == [Decimal(price)]

    @pytest.mark.parametrize("broker", BOTH)
    def test_fractions_of_a_share_complete(self, broker: BacktraderBroker, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)

        result = ran(days, Script, broker, plan={1: lambda own: own.buy(size=0.1 + 0.2)})

        assert Script.last.of_order(1)[-1] == "Completed"
        assert [fill.quantity for fill in result.run.fills] == [Decimal("0.3")]

    @pytest.mark.parametrize("broker", BOTH)
    def test_symbols_are_traded_by_name(self, broker: BacktraderBroker, tmp_path: Path) -> None:
        files = [
            write_days(tmp_path / "A.csv", FLAT, "AAA"),
            write_days(tmp_path / "B.csv", FLAT[:3], "BBB"),
        ]
        plan = {
            1: lambda own: own.buy(data="BBB", size=5),
            2: lambda own: own.order_target_value("AAA", 1_000),
        }

        result = ran(files, Script, broker, plan=plan)

        assert [(fill.symbol, fill.quantity) for fill in result.run.fills] == [
            ("BBB", Decimal(5)),
            ("AAA", Decimal(9)),
        ]
        assert {held.symbol for held in result.run.positions} == {"AAA", "BBB"}


class TestTime:
    def test_the_future_cannot_be_looked_up(self, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)

        with pytest.raises(IndexError):
            ran(days, Script, OURS, plan={2: lambda own: own.data.close[1]})

    def test_a_bar_carries_the_time_of_the_exchange(self, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)
        seen: list[Any] = []

        ran(days, Script, OURS, plan={1: lambda own: seen.append(own.data.datetime.datetime(0))})

        assert seen[0].isoformat() == "2026-03-02T16:00:00"
        assert ExchangeTime().tzname(seen[0]) == "EST"
        assert ExchangeTime().dst(seen[0]) == timedelta()

    @pytest.mark.parametrize("broker", BOTH)
    def test_sessions_before_the_first_that_counts_only_teach(
        self, broker: BacktraderBroker, tmp_path: Path
    ) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)
        plan = {day: lambda own: own.buy(size=1) for day in range(1, 5)}
        replay = ReplayRequest(
            bars=(days,), strategy="tests.unit.backtest.backtrader_samples:Script"
        )
        request = BacktestRequest(
            replay=replay,
            parameters={"plan": plan},
            first=2,
            last=4,
            engine=EngineName.BACKTRADER,
            broker=broker,
        )

        result = app_backtest.backtest(request, SETTINGS)

        assert Script.last.of_order(1) == ["Rejected"]
        assert [fill.ts.day for fill in result.run.fills] == [5, 6]
        assert len(result.closes) == 4


class TestResults:
    def test_the_files_of_a_run_are_those_of_every_backtest(self, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", waves(30))
        replay = ReplayRequest(
            bars=(days,), strategy="tests.unit.backtest.backtrader_samples:Bracketed"
        )
        request = BacktestRequest(replay=replay, engine=EngineName.BACKTRADER, broker=OURS)
        result = app_backtest.backtest(request, SETTINGS)
        record = app_backtest.record_of(request, result, SETTINGS)
        told = app_backtest.told_of(request, result)

        written = app_backtest.write_backtest(told, result, record, tmp_path / "out")

        names = {path.name for path in written}
        assert {"backtest.html", "equity.parquet", "trades.parquet", "fills.parquet"} <= names
        kept = app_backtest.read_record(tmp_path / "out" / "run.json")
        assert (kept.engine, kept.request.broker) == ("backtrader", OURS)
        assert app_backtest.differences(kept, record) == []
        assert [cost.route for cost in told.costs] == ["backtrader", "all"]

    def test_the_record_tells_engines_apart(self, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", FLAT)
        result = ran(days, Telling, OURS)
        request = BacktestRequest(
            replay=ReplayRequest(bars=(days,)), engine=EngineName.BACKTRADER, broker=OURS
        )

        ours = app_backtest.record_of(request, result, SETTINGS)
        theirs = app_backtest.record_of(changed(request, broker=THEIRS), result, SETTINGS)

        assert ours.request != theirs.request

    @pytest.mark.parametrize("broker", BOTH)
    def test_progress_is_told(self, broker: BacktraderBroker, tmp_path: Path) -> None:
        days = write_days(tmp_path / "days.csv", waves(101))
        replay = ReplayRequest(
            bars=(days,), strategy="tests.unit.backtest.backtrader_samples:Telling"
        )
        told: list[tuple[int, int]] = []

        app_backtest.backtest(
            BacktestRequest(replay=replay, engine=EngineName.BACKTRADER, broker=broker),
            SETTINGS,
            lambda done, total: told.append((done, total)),
        )

        assert told == [(100, 101), (101, 101)]


def test_a_sweep_runs_on_the_engine_that_is_asked_for(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", waves(40))
    alone = ran(days, AverageCross, THEIRS, fast=2)
    replay = ReplayRequest(
        bars=(days,), strategy=f"{AverageCross.__module__}:{AverageCross.__name__}"
    )
    request = BacktestRequest(
        replay=replay, parameters={"fast": 2}, engine=EngineName.BACKTRADER, broker=THEIRS
    )
    rules = partial(rules_from, None, policy_hash(SETTINGS), FillProfile.QUOTES)

    variant = run_task(Task(request, rules, str(ROOT)))

    assert variant.performance == alone.performance


def test_a_strategy_of_the_other_engine_is_one_sentence(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    ours = "tests.unit.backtest.test_backtest_engine:Eager"
    theirs = "tests.unit.backtest.backtrader_samples:Telling"
    for engine, strategy, said in (
        (EngineName.BACKTRADER, ours, "is no Backtrader strategy"),
        (EngineName.REPLAY, theirs, "is a Backtrader strategy: run it with"),
    ):
        replay = ReplayRequest(bars=(days,), strategy=strategy)

        with pytest.raises(ConfigError, match=said):
            app_backtest.backtest(BacktestRequest(replay=replay, engine=engine), SETTINGS)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"strategy": None}, "needs --strategy"),
        ({"signals": (Path("a.jsonl"),)}, "needs --engine replay"),
        ({"quotes": (Path("quotes.csv"),)}, "without quotes"),
        ({"profile": FillProfile.REALISTIC}, "profile realistic is the simulated broker's"),
        ({"strategy": "tests.house.project:ROOT"}, "has no class"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, fields: dict[str, Any], said: str) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    with pytest.raises(ConfigError, match=said):
        ran(days, Telling, THEIRS, replay=fields)


def test_a_parameter_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no parameter speed: it has fast, slow"):
        ran(write_days(tmp_path / "days.csv", FLAT), AverageCross, OURS, speed=3)


@pytest.mark.parametrize("row", ["split,2,", "dividend,,0.25"])
def test_splits_and_dividends_are_refused(tmp_path: Path, row: str) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    actions = tmp_path / "actions.csv"
    actions.write_text(
        f"symbol,ex_date,kind,new_shares_per_old,value_per_share_usd\nACME,2026-03-04,{row}\n"
    )

    with pytest.raises(ConfigError, match="knows no splits"):
        ran(days, Telling, OURS, replay={"corporate_actions": actions})


def test_a_missing_library_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    monkeypatch.setitem(sys.modules, "backtrader", None)

    with pytest.raises(ConfigError, match=r"needs the extra backtrader: install fillpath\[backtr"):
        ran(days, Telling, OURS)


def test_no_part_of_the_program_imports_the_library_before_it_is_asked_for() -> None:
    program = (
        "import sys, fillpath.app_backtest, fillpath.app_sweep, fillpath.app_live, fillpath.cli\n"
        "print('backtrader' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=ROOT / "src",
        text=True,
    )

    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("broker", BOTH)
@pytest.mark.parametrize("name", ["set_coc", "set_coo"])
def test_filling_at_a_price_that_was_seen_already_is_refused(
    tmp_path: Path, broker: BacktraderBroker, name: str
) -> None:
    days = write_days(tmp_path / "days.csv", waves(4))

    with pytest.raises(ConfigError, match=name):
        ran(days, Script, broker, plan={1: lambda own: getattr(own.broker, name)(1)})


@pytest.mark.parametrize("name", ["set_coc", "set_coo"])
def test_saying_that_nobody_cheats_is_allowed(tmp_path: Path, name: str) -> None:
    days = write_days(tmp_path / "days.csv", waves(4))

    result = ran(days, Script, THEIRS, plan={1: lambda own: getattr(own.broker, name)(0)})

    assert result.run.equity == 100_000
