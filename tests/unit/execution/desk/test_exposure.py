"""What works counts before it is filled: sales that open shorts, orders in doubt, spent cash."""

from typing import Any

import pytest

from fillpath.execution.policy import DeskPolicy, RouterPolicy, SizingPolicy
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import AccountFacts
from tests.unit.execution.desk.scene import Scene, a_holding, money, price, shares
from tests.unit.risk.builders import NO_SIZE

ORDER = "trend/sig-1"
LARGE = 50_000


def roomy(cash: int, **limits: Any) -> Scene:
    """Return a desk on which one position may be everything."""
    wide: dict[str, Any] = {
        "max_position_pct": 100,
        "cash_reserve_pct": 0,
        "size": NO_SIZE,
    } | limits
    policy = DeskPolicy(
        sizing=SizingPolicy(max_position_pct=100, cash_reserve_pct=0),
        risk=RiskLimits(**wide),
        router=RouterPolicy(max_quote_age_seconds=180),
    )
    return Scene(policy, cash=cash)


class TestShorting:
    def test_a_sale_that_opens_a_short_counts_until_it_is_filled(self) -> None:
        scene = Scene()
        scene.signal("SHORT", quantity=100, strength="0.95")
        (ticket,) = scene.tickets.values()
        book = scene.desk.state.book
        counted = [book.shorting]
        scene.accept(ORDER)
        scene.fill(ORDER, 40)
        counted.append(book.shorting)
        scene.fill(ORDER, 60)
        counted.append(book.shorting)

        assert ticket.limit is not None
        assert counted == [shares(100) * ticket.limit, shares(60) * ticket.limit, 0]

    @pytest.mark.parametrize("end", ["refuse", "expire", "cancelled"])
    def test_however_it_ends_it_counts_no_more(self, end: str) -> None:
        scene = Scene()
        scene.signal("SHORT", quantity=100)

        getattr(scene, end)(ORDER)

        assert scene.desk.state.book.shorting == 0

    def test_a_sale_of_what_is_held_does_not_count(self) -> None:
        scene = Scene(positions=(a_holding(100),))

        scene.signal("FLAT")

        assert scene.desk.state.book.shorting == 0

    def test_the_rest_of_a_schedule_counts(self) -> None:
        scene = Scene()
        scene.show(adv=shares(LARGE))
        scene.signal("SHORT", quantity=1_000)
        book = scene.desk.state.book
        before = book.shorting
        scene.trade(f"{ORDER}#1", "149.99")

        scene.kill()

        assert before > shares(800) * price("149.99")
        assert book.shorting == 0

    def test_the_rest_of_an_exit_does_not(self) -> None:
        scene = Scene(positions=(a_holding(1_000),))
        scene.show(adv=shares(LARGE))

        scene.signal("FLAT")

        assert scene.desk.state.parents
        assert scene.desk.state.book.shorting == 0

    def test_what_is_taken_back_counts_again(self) -> None:
        scene = Scene()
        scene.signal("SHORT", quantity=100)
        scene.accept(ORDER)
        scene.fill(ORDER, 40)
        (ticket,) = scene.tickets.values()
        (fill_id,) = scene.desk.state.orders[ORDER].fills

        scene.correct(ORDER, fill_id, 30)

        assert ticket.limit is not None
        assert scene.desk.state.book.shorting == shares(70) * ticket.limit


@pytest.mark.control("C-18", "refuses")
def test_longs_and_shorts_together_are_no_more_than_the_account() -> None:
    scene = roomy(30_000)
    scene.signal("SHORT", quantity=100)

    answer = scene.signal(quantity=150, strategy_name="other", symbol="AAPL", strength="0.5")

    gross = [r for r in answer.decision.risk_reasons if r.startswith("GROSS_EXPOSURE")]
    assert gross
    assert sum(ticket.quantity for ticket in answer.placed) < shares(150)


class TestDoubt:
    @pytest.mark.control("C-17", "C-46", "refuses")
    def test_an_order_in_doubt_counts_in_full(self) -> None:
        scene = Scene(cash=100_000)  # 5 % are 33 shares at 150
        scene.signal(quantity=33)
        scene.doubt(ORDER)

        answer = scene.signal("LONG", strategy_name="other", quantity=33)

        assert answer.outcomes == ["REFUSED POSITION_FULL"]
        assert scene.desk.state.book.buying["AAPL"] == shares(33)
        assert scene.desk.state.book.reserved > money(4_900)

    @pytest.mark.control("C-46", "refuses")
    def test_nothing_is_added_on_its_side(self) -> None:
        scene = Scene()
        scene.signal(quantity=10)
        scene.doubt(ORDER)

        assert scene.signal(quantity=10, strategy_name="other").outcomes == ["HELD IN_DOUBT"]

    @pytest.mark.control("C-46", "passes")
    def test_when_the_broker_has_spoken_it_goes_on(self) -> None:
        scene = Scene()
        scene.signal(quantity=10)
        scene.doubt(ORDER)
        scene.accept(ORDER)

        assert scene.signal(quantity=10, strategy_name="other").outcomes == ["ORDERED"]


class TestSettledCash:
    def settled(self, kind: str = "cash", cash: int | None = 20_000) -> Scene:
        scene = Scene(cash=100_000)
        told = None if cash is None else money(cash)
        scene.desk.state.risk.account = AccountFacts(kind=kind, settled_cash=told)
        return scene

    @pytest.mark.control("C-19", "refuses")
    def test_what_is_spent_is_settled_no_more(self) -> None:
        scene = self.settled(cash=14_000)
        scene.signal(quantity=20)
        scene.trade(ORDER, "150")

        answer = scene.signal(quantity=10, strategy_name="other")

        left = scene.desk.state.risk.account.settled_cash
        assert left == money(14_000) - shares(20) * price(150)
        assert answer.decision.risk_reasons[0].startswith("CASH: ")
        assert [ticket.quantity for ticket in answer.placed] == [shares(6)]

    @pytest.mark.control("C-32", "refuses")
    def test_what_a_sale_brings_is_not_spent_before_it_settles(self) -> None:
        scene = Scene(cash=100, positions=(a_holding(100, strategy="other"),))
        account = scene.desk.state.risk.account
        account.kind, account.settled_cash = "cash", money(100)
        scene.signal("FLAT", strategy_name="other")
        scene.trade("other/sig-1", "150")

        answer = scene.signal(quantity=5)

        assert scene.desk.state.book.cash > money(15_000)
        assert account.settled_cash == money(100)
        assert answer.placed == []

    def test_a_fill_by_somebody_else_spends_it_too(self) -> None:
        scene = self.settled()

        scene.fill("external:77", 10, "150")

        assert scene.desk.state.risk.account.settled_cash == money(20_000) - money(1_500)

    @pytest.mark.parametrize(("kind", "cash"), [("margin", 20_000), ("cash", None)])
    def test_where_it_is_not_known_or_needed_nothing_is_counted(
        self, kind: str, cash: int | None
    ) -> None:
        scene = self.settled(kind, cash)

        scene.fill("external:77", 10, "150")

        told = None if cash is None else money(cash)
        assert scene.desk.state.risk.account.settled_cash == told
