"""What the desk is told about symbols and the market, and what it does about it."""

from typing import Any

import pytest

from fillpath.core.events import MarketHalted, ReferenceSeen, TradingStatusSeen
from fillpath.core.models import OrderType
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import Instruments, RiskLimits, SessionLimits
from fillpath.testing.builders import SYMBOL
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, price, seconds, shares

NASDAQ = {"con_id": 265598, "currency": "USD", "exchange": "NASDAQ"}
REVIEWED = DeskPolicy(
    risk=RiskLimits(instruments=Instruments(rows=((SYMBOL, "265598", "liquid", "USD", "NASDAQ"),)))
)
LIVE = DeskPolicy(risk=RiskLimits(session=SessionLimits(facts_required=True)))


def refer(scene: Scene, close: Any = 0, **told: Any) -> Answer:
    """Tell the desk what a symbol is and how it closed."""
    given: dict[str, Any] = {"symbol": SYMBOL, "prior_close": price(close) if close else 0} | told
    return scene.tell(ReferenceSeen(scene.at, **given))


def status(scene: Scene, word: str, **told: Any) -> Answer:
    """Tell the desk whether the symbol trades."""
    return scene.tell(TradingStatusSeen(scene.at, SYMBOL, word, **told))


def market(scene: Scene, reason: str, level: int = 1) -> Answer:
    """Tell the desk that the whole market halts, or goes on."""
    return scene.tell(MarketHalted(scene.at, reason, level))


@pytest.fixture
def scene() -> Scene:
    return Scene()


class TestContract:
    @pytest.mark.control("C-37", "refuses")
    @pytest.mark.parametrize(
        ("other", "text"),
        [
            ({"con_id": 1}, "con_id was 265598 and is 1"),
            ({"currency": "EUR"}, "currency was USD and is EUR"),
            ({"exchange": "IBIS"}, "exchange was NASDAQ and is IBIS"),
        ],
    )
    def test_a_symbol_that_becomes_another_contract_is_quarantined(
        self, scene: Scene, other: dict[str, Any], text: str
    ) -> None:
        refer(scene, **NASDAQ)

        answer = refer(scene, **(NASDAQ | other))

        assert answer.alarms == ["SYMBOL_QUARANTINED"]
        assert scene.desk.state.quarantined == {SYMBOL: f"CONTRACT_CHANGED: {text}"}
        assert scene.signal(quantity=100).outcomes == ["REFUSED SYMBOL_QUARANTINED"]

    @pytest.mark.control("C-37", "refuses")
    def test_one_that_is_not_what_was_reviewed_is_quarantined(self) -> None:
        scene = Scene(REVIEWED)

        refer(scene, con_id=7, currency="EUR", exchange="IBIS")

        assert scene.desk.state.quarantined == {
            SYMBOL: "CONTRACT_CHANGED: con_id was reviewed as 265598 and is 7, "
            "currency was reviewed as USD and is EUR, exchange was reviewed as NASDAQ and is IBIS"
        }

    @pytest.mark.control("C-37", "passes")
    @pytest.mark.parametrize("again", [NASDAQ, {}, {"con_id": 265598}])
    @pytest.mark.parametrize("policy", [DeskPolicy(), REVIEWED])
    def test_what_stays_the_same_or_is_not_told_is_no_change(
        self, policy: DeskPolicy, again: dict[str, Any]
    ) -> None:
        scene = Scene(policy)
        refer(scene, **NASDAQ)

        answer = refer(scene, **again)

        assert answer == []
        facts = scene.desk.state.risk.symbols[SYMBOL]
        assert (facts.con_id, facts.currency, facts.exchange) == (265598, "USD", "NASDAQ")

    def test_what_is_told_is_taken_down(self, scene: Scene) -> None:
        refer(scene, 150, instrument_class="liquid", tick=price("0.05"))
        refer(scene)

        facts = scene.desk.state.risk.symbols[SYMBOL]
        assert (facts.instrument_class, facts.tick) == ("liquid", price("0.05"))
        assert facts.prior_close == price(150)


class TestOpening:
    """The market stands at 149.99 / 150.01."""

    @pytest.mark.control("C-38", "refuses")
    @pytest.mark.fault("F-84")
    @pytest.mark.parametrize("close", ["119.99", "200.01", "1500", "15"])
    def test_a_symbol_that_opens_far_from_its_close_is_not_traded(
        self, scene: Scene, close: str
    ) -> None:
        refer(scene, close)

        answer = scene.signal(quantity=100)

        assert answer.alarms == ["SYMBOL_QUARANTINED"]
        assert answer.outcomes == ["REFUSED SYMBOL_QUARANTINED"]
        assert answer.placed == []

    @pytest.mark.control("C-38", "passes")
    @pytest.mark.parametrize("close", ["125", "187.5", "150"])
    def test_one_that_opens_near_it_is(self, scene: Scene, close: str) -> None:
        refer(scene, close)

        assert scene.signal(quantity=100).outcomes == ["ORDERED"]

    @pytest.mark.control("C-38", "refuses")
    @pytest.mark.control("C-38", "passes")
    @pytest.mark.parametrize(("close", "bad"), [("120", False), ("119.99", True)])
    @pytest.mark.parametrize("direction", ["up", "down"])
    def test_the_open_may_be_a_quarter_away(
        self, scene: Scene, close: str, direction: str, *, bad: bool
    ) -> None:
        close = close if direction == "up" else {"120": "200", "119.99": "200.01"}[close]
        refer(scene, close)

        scene.quote()

        assert bool(scene.desk.state.quarantined) is bad

    @pytest.mark.control("C-38", "refuses")
    @pytest.mark.fault("F-84")
    def test_what_rests_is_cancelled_and_what_runs_is_stopped(self) -> None:
        scene = Scene(positions=(a_holding(),))
        scene.show(ask="150.03", bid="149.97", adv=shares(1_000_000_000))
        resting = scene.signal(quantity=100, strategy_name="other").placed[0].order_id
        scene.accept(resting)
        refer(scene, 400)

        answer = scene.quote()

        assert answer.cancels == [resting]
        assert scene.desk.state.quarantined[SYMBOL] == (
            "CORPORATE_ACTION: it opens at 150, more than 25 % away from the close before of 400"
        )

    def test_what_is_held_or_worked_is_looked_at_before_it_trades(self) -> None:
        holding = Scene(positions=(a_holding(),))
        working = Scene()
        working.signal(quantity=100)

        assert refer(holding, 150).watched == [SYMBOL]
        assert refer(working, 150).watched == [SYMBOL]
        assert refer(Scene(), 150).watched == []

    def test_the_first_usable_quote_is_the_open_and_no_later_one(self, scene: Scene) -> None:
        refer(scene, 150)
        scene.quote(bid=None)
        assert scene.desk.state.risk.unopened == {SYMBOL: None}
        scene.quote()

        answer = scene.quote("299.99", "300.01")

        assert answer.alarms == []
        assert scene.desk.state.risk.symbols[SYMBOL].opened == price(150)
        assert refer(scene, 150) == []
        assert scene.desk.state.risk.unopened == {}

    @pytest.mark.control("C-38", "passes")
    @pytest.mark.fault("F-84")
    def test_a_split_explains_the_open(self, scene: Scene) -> None:
        refer(scene, 1050)
        scene.quote()
        scene.sleep(1)

        answer = scene.split(7, 1)

        assert answer.alarms == ["SYMBOL_RELEASED"]
        assert scene.desk.state.risk.symbols[SYMBOL].prior_close == price(150)
        assert scene.signal(quantity=100).outcomes == ["ORDERED"]

    @pytest.mark.control("C-38", "refuses")
    def test_another_split_does_not(self, scene: Scene) -> None:
        refer(scene, 1050)
        scene.quote()
        scene.sleep(1)

        answer = scene.split(2, 1)

        assert answer.alarms == []
        assert scene.signal(quantity=100).outcomes == ["REFUSED SYMBOL_QUARANTINED"]

    def test_a_split_releases_no_other_quarantine(self, scene: Scene) -> None:
        refer(scene, 150)
        scene.quote()
        scene.quarantine()
        scene.sleep(1)

        assert scene.split(1, 1).alarms == []
        assert SYMBOL in scene.desk.state.quarantined

    def test_a_close_that_was_told_with_the_split_or_after_it_is_in_new_shares(
        self, scene: Scene
    ) -> None:
        refer(scene, 150)
        scene.split(7, 1)

        assert scene.desk.state.risk.symbols[SYMBOL].prior_close == price(150)

    def test_the_next_session_needs_a_close_of_its_own(self, scene: Scene) -> None:
        refer(scene, 150)
        status(scene, "TRADING", lower_band=price(140), upper_band=price(160))
        scene.signal(quantity=100)
        scene.close()

        facts = scene.desk.state.risk.symbols[SYMBOL]
        assert (facts.prior_close, facts.opened) == (0, 0)
        assert (facts.lower_band, facts.upper_band) == (0, 0)
        scene.open()
        refer(scene, 400)
        assert scene.quote().alarms == ["SYMBOL_QUARANTINED"]

    def test_protective_stops_stay(self) -> None:
        scene = Scene()
        order_id = scene.signal(quantity=100).placed[0].order_id
        scene.accept(order_id)
        order = scene.desk.state.orders[order_id]
        order.ticket = type(order.ticket)(
            **{name: getattr(order.ticket, name) for name in order.ticket.__struct_fields__}
            | {"order_type": OrderType.STOP}
        )
        refer(scene, 400)

        assert scene.quote().cancels == []


class TestHalts:
    @pytest.mark.control("C-34", "refuses")
    @pytest.mark.fault("F-85")
    @pytest.mark.parametrize("word", ["HALTED", "PAUSED", "UNKNOWN", ""])
    def test_nothing_is_sent_into_a_halt(self, scene: Scene, word: str) -> None:
        answer = status(scene, word)

        assert answer.alarms == ["HALTED"]
        assert scene.signal(quantity=100).outcomes == ["REFUSED HALTED"]

    @pytest.mark.control("C-34", "passes")
    def test_when_it_ends_signals_are_taken_again(self, scene: Scene) -> None:
        status(scene, "HALTED")

        answer = status(scene, "TRADING")

        assert answer.alarms == ["HALT_ENDED"]
        assert scene.signal(quantity=100).outcomes == ["ORDERED"]

    @pytest.mark.parametrize("word", ["TRADING", "HALTED"])
    def test_the_same_again_is_no_news(self, scene: Scene, word: str) -> None:
        status(scene, word)

        assert status(scene, word) == []

    @pytest.mark.fault("F-85")
    def test_what_rests_stays(self, scene: Scene) -> None:
        scene.accept(scene.signal(quantity=100).placed[0].order_id)

        assert status(scene, "HALTED").cancels == []
        assert market(scene, "down 7 %").cancels == []

    @pytest.mark.control("C-34", "passes")
    def test_an_exit_leaves_all_the_same(self) -> None:
        scene = Scene(positions=(a_holding(),))
        status(scene, "HALTED")

        assert scene.signal("FLAT").outcomes == ["ORDERED"]

    @pytest.mark.control("C-34", "refuses")
    def test_where_it_must_be_known_silence_is_no_yes(self) -> None:
        scene = Scene(LIVE)
        refer(scene, 150)

        assert scene.signal(quantity=100).outcomes == ["REFUSED CTRL_34_INPUT"]

    @pytest.mark.fault("F-87")
    @pytest.mark.control("C-34", "refuses")
    def test_a_halt_of_the_whole_market_stops_entries_until_it_ends(self, scene: Scene) -> None:
        assert market(scene, "down 7 %").alarms == ["HALTED"]
        assert scene.signal(quantity=100).outcomes == ["REFUSED HALTED"]
        assert market(scene, "down 7 %") == []

        assert market(scene, "").alarms == ["HALT_ENDED"]
        assert scene.signal(quantity=100).outcomes == ["ORDERED"]

    def test_what_was_told_is_taken_down(self, scene: Scene) -> None:
        status(
            scene,
            "TRADING",
            lower_band=price(140),
            upper_band=price(160),
            short_restricted=True,
            shortable=shares(5),
            delayed=True,
        )

        facts = scene.desk.state.risk.symbols[SYMBOL]
        assert (facts.lower_band, facts.upper_band) == (price(140), price(160))
        assert (facts.short_restricted, facts.shortable, facts.delayed) == (True, shares(5), True)

    def test_a_replay_comes_to_the_same(self, scene: Scene) -> None:
        refer(scene, 150, **NASDAQ)
        status(scene, "HALTED")
        market(scene, "down 7 %")
        scene.signal(quantity=100)
        scene.at += seconds(1)

        assert scene.desk.fingerprint() == scene.fingerprint_of_replay()
