"""Day trades, margin, volatility and absence at the desk: entries stop, exits never do."""

from typing import Any

import pytest

from fillpath.core.events import AccountReported, SessionOpened, VolatilitySeen
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import BreakerLimits, DayTradeLimits, DayTradeRegime, RiskLimits
from tests.unit.execution.desk.scene import Scene, money, price, seconds
from tests.unit.risk.builders import NO_RATE

DAY = 9_293
HOUR = seconds(3_600)
BROKER, LEGACY, MARGIN, OFF = DayTradeRegime


def a_trader(cash: float = 20_000, regime: DayTradeRegime = LEGACY, made: int = 0) -> Scene:
    """Return an account that has made so many day trades today."""
    guard = DayTradeLimits(regime=regime)
    scene = Scene(DeskPolicy(risk=RiskLimits(pdt_guard=guard, rates=NO_RATE)), cash=cash)
    scene.tell(SessionOpened(scene.at, scene.at + HOUR, DAY))
    for number in range(made):
        scene.signal(quantity=1)
        scene.trade(f"trend/sig-{2 * number + 1}")
        scene.signal("FLAT")
        scene.trade(f"trend/sig-{2 * number + 2}")
    return scene


def outcome(scene: Scene, direction: str = "LONG", **changes: Any) -> str:
    (told,) = scene.signal(direction, **({"quantity": 1} | changes)).outcomes
    return told


class TestDayTrades:
    @pytest.mark.control("C-30", "refuses")
    def test_a_small_account_does_not_open_what_could_be_its_fourth(self) -> None:
        assert outcome(a_trader(made=3)) == "REFUSED DAY_TRADES"

    @pytest.mark.control("C-30", "passes")
    def test_it_opens_what_could_be_its_third(self) -> None:
        assert outcome(a_trader(made=2)) == "ORDERED"

    @pytest.mark.control("C-30", "passes")
    def test_an_account_above_the_floor_is_free(self) -> None:
        assert outcome(a_trader(cash=26_000, made=3)) == "ORDERED"

    @pytest.mark.fault("F-107")
    @pytest.mark.control("C-30", "passes")
    def test_an_exit_always_leaves_and_a_fourth_is_then_a_fact(self) -> None:
        scene = a_trader(cash=25_010, made=3)
        scene.signal(quantity=5)
        scene.trade("trend/sig-7")
        scene.show("139.99", "140.01")
        assert outcome(scene, metadata={"signal_price": 140}) == "REFUSED DAY_TRADES"

        assert outcome(scene, "FLAT", quantity=None) == "ORDERED"

    def test_the_equity_of_the_morning_counts_too(self) -> None:
        scene = a_trader(cash=24_900, made=3)
        outcome(scene)
        scene.desk.state.risk.watched.marks.start = money(24_999)
        scene.desk.state.book.cash = money(40_000)

        assert outcome(scene) == "REFUSED DAY_TRADES"

    def test_a_working_entry_counts_as_one_to_come(self) -> None:
        scene = a_trader(made=2)
        scene.signal(quantity=1)

        assert outcome(scene, symbol="MSFT", metadata={"signal_price": 150}) != "ORDERED"

    @pytest.mark.control("C-30", "refuses")
    @pytest.mark.parametrize(("left", "told"), [(0, "REFUSED DAY_TRADES"), (1, "ORDERED")])
    def test_the_brokers_number_is_obeyed_whatever_the_equity(self, left: int, told: str) -> None:
        scene = a_trader(cash=100_000, regime=BROKER)
        scene.tell(AccountReported(scene.at, money(100_000), day_trades_left=left))

        assert outcome(scene) == told

    def test_a_broker_without_a_limit_frees_a_small_account(self) -> None:
        scene = a_trader(regime=BROKER, made=3)
        scene.tell(AccountReported(scene.at, money(20_000), day_trades_left=-1))

        assert outcome(scene) == "ORDERED"

    @pytest.mark.control("C-30", "refuses")
    def test_nonsense_of_the_broker_is_no_leave(self) -> None:
        scene = a_trader(regime=BROKER)
        scene.tell(AccountReported(scene.at, money(20_000), day_trades_left=-7))

        assert outcome(scene) == "REFUSED CTRL_30_INPUT"

    @pytest.mark.parametrize("regime", [OFF, MARGIN])
    def test_other_regimes_name_why_it_is_off(self, regime: DayTradeRegime) -> None:
        scene = a_trader(regime=regime, made=3)

        assert outcome(scene) == "ORDERED"
        assert scene.desk.policy.cascade.skipped["C-30"] == f"pdt_guard.regime is {regime}"

    def test_only_off_stops_watching_the_margin(self) -> None:
        margin = [a_trader(regime=r).desk.policy.cascade.skipped for r in DayTradeRegime]

        assert ["C-31" in skipped for skipped in margin] == [False, False, False, True]


class TestMargin:
    @pytest.mark.control("C-31", "refuses")
    @pytest.mark.parametrize(
        ("excess", "told"),
        [
            pytest.param("37.50", "ORDERED", id="exactly enough"),
            pytest.param("37.49", "REFUSED INTRADAY_MARGIN", id="a cent short"),
            pytest.param("-1", "REFUSED INTRADAY_MARGIN", id="in deficit"),
        ],
    )
    def test_the_brokers_margin_pays_for_the_worst_fill(self, excess: str, told: str) -> None:
        scene = a_trader(cash=100_000, regime=BROKER)
        scene.tell(
            AccountReported(
                scene.at, money(100_000), day_trades_left=-1, margin_excess=money(excess)
            )
        )

        assert outcome(scene) == told

    @pytest.mark.control("C-31", "passes")
    def test_an_exit_needs_no_margin(self) -> None:
        scene = a_trader(cash=100_000, regime=BROKER)
        scene.signal(quantity=1)
        scene.trade("trend/sig-1")
        scene.tell(AccountReported(scene.at, money(100_000), margin_excess=-money(5)))

        assert outcome(scene, "FLAT", quantity=None) == "ORDERED"

    @pytest.mark.control("C-31", "refuses")
    def test_a_short_needs_the_least_equity(self) -> None:
        scene = a_trader(cash=1_999, regime=MARGIN)
        scene.show("9.99", "10.01")

        assert outcome(scene, "SHORT") == "REFUSED MARGIN_MINIMUM"

    def test_a_frozen_account_sells_nothing_short(self) -> None:
        scene = a_trader(cash=100_000)
        scene.desk.state.risk.watched.deficits.frozen_until = scene.at + HOUR

        assert outcome(scene, "SHORT") == "REFUSED MARGIN_FREEZE"
        assert outcome(scene) == "ORDERED"

    def test_a_cheap_short_is_looked_at_closely(self) -> None:
        guard = RiskLimits(price_floor=1, rates=NO_RATE)
        scene = Scene(DeskPolicy(risk=guard), cash=100_000)
        scene.show("2.99", "3.01")

        assert outcome(scene, "SHORT") == "ORDERED"


class TestVolatility:
    @pytest.mark.control("C-25", "refuses")
    def test_entries_stop_while_the_index_is_too_high_and_exits_do_not(self) -> None:
        scene = a_trader(cash=100_000)
        scene.signal(quantity=1)
        scene.trade("trend/sig-1")
        scene.tell(VolatilitySeen(scene.at, price("35.01")))

        assert outcome(scene) == "REFUSED VOLATILITY_INDEX"
        assert outcome(scene, "FLAT", quantity=None) == "ORDERED"

    @pytest.mark.control("C-25", "passes")
    def test_at_the_limit_they_go_on(self) -> None:
        scene = a_trader(cash=100_000)
        scene.tell(VolatilitySeen(scene.at, price(35)))

        assert outcome(scene) == "ORDERED"


class TestPresence:
    def watched_for(self, hours: int) -> Scene:
        breakers = BreakerLimits(operator_heartbeat_hours=hours)
        limits = RiskLimits(breakers=breakers, rates=NO_RATE)
        return Scene(DeskPolicy(risk=limits), cash=100_000)

    @pytest.mark.control("C-25", "refuses")
    @pytest.mark.parametrize(
        ("later", "told"), [(48 * HOUR, "ORDERED"), (48 * HOUR + 1, "REFUSED OPERATOR_SILENT")]
    )
    def test_entries_stop_when_no_person_has_acted_for_two_days(
        self, later: int, told: str
    ) -> None:
        scene = self.watched_for(48)
        scene.at += later

        assert outcome(scene) == told

    def test_an_act_lets_them_go_on(self) -> None:
        scene = self.watched_for(48)
        scene.at += 49 * HOUR
        scene.clear()

        assert outcome(scene) == "ORDERED"

    def test_in_simulation_nobody_has_to_be_there(self) -> None:
        scene = self.watched_for(0)
        scene.at += 1_000 * HOUR

        assert outcome(scene) == "ORDERED"


class TestReports:
    @pytest.mark.control("C-25", "refuses")
    @pytest.mark.parametrize(
        ("age", "told"),
        [
            pytest.param(300, "ORDERED", id="just young enough"),
            pytest.param(301, "REFUSED CTRL_25_INPUT", id="too old"),
        ],
    )
    def test_an_old_report_is_no_equity(self, age: int, told: str) -> None:
        scene = a_trader(cash=100_000)
        scene.tell(AccountReported(scene.at, money(100_000)))
        scene.at += seconds(age)

        assert outcome(scene) == told
