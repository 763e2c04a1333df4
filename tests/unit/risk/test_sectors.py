"""No sector holds more than its share, and what nobody has sorted is a sector too."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from fillpath.core.events import SignalReceived
from fillpath.core.holdings import Holding
from fillpath.core.units import moment, money_units
from fillpath.execution.desk.valuing import same_sector
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Cascade
from fillpath.risk.checks.exposure import check_sector
from fillpath.risk.limits import RiskLimits, Sectors
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection
from fillpath.testing.builders import a_signal
from tests.unit.execution.desk.scene import Scene, a_holding, money, shares
from tests.unit.risk.builders import an_order

SECTORS = Sectors(rows=(("AAPL", "Technology"), ("MSFT", "Technology"), ("XOM", "Energy")))
LIMITS = RiskLimits(sectors=SECTORS)
EMPTY = RiskMemory()


def worth(value: str, symbol: str = "AAPL", side: str = "BUY") -> Ask:
    """Return an entry worth 4,500 in a sector worth this much."""
    return replace(an_order(side), symbol=symbol, sector_value=money_units(Decimal(value)))


@pytest.mark.control("C-20", "passes")
@pytest.mark.parametrize("symbol", ["AAPL", "ZZZ"])
@pytest.mark.parametrize("value", ["0", "20499.99", "20500"])
def test_up_to_its_share_of_equity_a_sector_grows(value: str, symbol: str) -> None:
    assert check_sector(worth(value, symbol), EMPTY, LIMITS) is None


@pytest.mark.control("C-20", "refuses")
@pytest.mark.parametrize(("symbol", "name"), [("AAPL", "Technology"), ("ZZZ", "no known sector")])
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_cent_above_it_an_entry_is_cut(side: str, symbol: str, name: str) -> None:
    objection = check_sector(worth("20500.01", symbol, side), EMPTY, LIMITS)

    assert objection == Objection(
        "SECTOR_CAP",
        f"{name} would be worth 25000.01, the cap of 25 % of equity is 25000",
        money(25_000),
        money("25000.01"),
        29_999_933,
    )


@pytest.mark.control("C-20", "refuses")
def test_a_sector_that_is_full_takes_nothing() -> None:
    objection = check_sector(worth("30000"), EMPTY, LIMITS)

    assert objection is not None
    assert objection.allowed == 0


@pytest.mark.control("C-20", "refuses")
def test_a_value_that_is_not_known_is_no_pass() -> None:
    objection = check_sector(worth("-0.01"), EMPTY, LIMITS)

    assert objection is not None
    assert (objection.check, objection.allowed) == ("CTRL_20_INPUT", 0)


@pytest.mark.control("C-20", "passes")
def test_without_a_file_of_sectors_it_is_off_and_says_so() -> None:
    cascade = Cascade(RiskLimits())

    assert cascade.skipped["C-20"] == "no file says which sectors there are"
    assert "C-20" in Cascade(LIMITS).parent.controls
    assert "C-20" not in Cascade(LIMITS).exit.controls


@pytest.mark.parametrize(
    ("symbol", "names"),
    [("AAPL", ["AAPL", "MSFT"]), ("XOM", ["XOM"]), ("IBM", ["ZZZ"]), ("ZZZ", ["ZZZ"])],
)
def test_what_is_held_is_sorted_by_sector(symbol: str, names: list[str]) -> None:
    holdings = {name: Holding(1) for name in ("AAPL", "MSFT", "XOM", "ZZZ")}

    assert list(same_sector(SECTORS, holdings, symbol)) == names


class TestAtTheDesk:
    """10,000,000 in cash; a sector may hold 1 % of it, 100,000."""

    def scene(self) -> Scene:
        limits = RiskLimits(sectors=SECTORS, max_sector_pct=1)
        return Scene(DeskPolicy(risk=limits), positions=(a_holding(100, strategy="old"),))

    @pytest.mark.control("C-20", "refuses")
    def test_what_is_held_counts_as_the_engine_told(self) -> None:
        scene = self.scene()
        market = replace(scene.view(), sector_value=money(99_000))
        said = a_signal(timestamp=moment(scene.at), metadata={"quantity": 100})

        answer = scene.tell(SignalReceived(scene.at, said, market))

        assert answer.decision.risk_reasons[0].startswith("SECTOR_CAP: Technology would be worth")
        assert [ticket.quantity for ticket in answer.placed] == [shares(7)]

    @pytest.mark.control("C-20", "refuses")
    def test_what_works_to_be_opened_counts_and_what_closes_does_not(self) -> None:
        scene = self.scene()
        scene.signal("FLAT", strategy_name="old", strength="0.5")
        scene.signal(quantity=600, strength="0.5")

        answer = scene.signal(quantity=600, strategy_name="other", strength="0.5")

        (ticket,) = answer.placed
        assert shares(60) < ticket.quantity < shares(70)

    @pytest.mark.control("C-20", "refuses")
    def test_the_rest_of_a_schedule_counts(self) -> None:
        scene = self.scene()
        scene.show(adv=shares(50_000))
        scene.signal(quantity=600)

        answer = scene.signal(quantity=600, strategy_name="other")

        assert scene.desk.state.parents
        assert answer.decisions[0].quantity < shares(70)

    @pytest.mark.control("C-20", "passes")
    def test_the_rest_of_a_schedule_in_another_sector_does_not_count(self) -> None:
        scene = self.scene()
        scene.show(adv=shares(50_000))
        scene.signal(quantity=600)
        words = {"quantity": 600}
        at = moment(scene.at)
        said = a_signal(symbol="XOM", signal_id="sig-x", timestamp=at, metadata=words)

        answer = scene.tell(SignalReceived(scene.at, said, scene.view()))

        assert scene.desk.state.parents
        assert answer.decisions[0].quantity == shares(600)
