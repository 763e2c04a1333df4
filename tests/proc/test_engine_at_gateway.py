"""The whole engine trades at a gateway over the real protocol: signals in, stops, restarts, surprises."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.events import OrderRefused, SymbolReleased
from fillpath.core.models import SignalDirection
from fillpath.execution.desk.state import DeskState
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.account import StopKeeper
from fillpath.testing.builders import a_signal
from fillpath.testing.gateway import GatewayOrder, faults
from tests.proc.fast_time import in_fast_time
from tests.proc.gateway_schedule import Schedule

SECONDS = 100.0
"""Of fast time."""


class Scene(Schedule):
    """A schedule on which the test decides what happens; stops are kept at the gateway."""

    def __init__(self, folder: Path) -> None:
        super().__init__(0, folder)
        self.policy = DeskPolicy(stop_keeper=StopKeeper.BROKER)

    @property
    def state(self) -> DeskState:
        """Return what the engine believes."""
        assert self.engine is not None
        return self.engine.live.desk.state

    @property
    def codes(self) -> set[str]:
        """Return the codes of the alarms of this life."""
        assert self.engine is not None
        return {alarm.code for alarm in self.engine.alarms}

    async def say(self, name: str, direction: SignalDirection, shares: int = 10) -> None:
        """Let a strategy speak about AAPL."""
        assert self.engine is not None
        signal = a_signal(
            direction=direction,
            strength=Decimal("0.95"),
            signal_id=name,
            timestamp=self.clock.now(),
            metadata={"quantity": Decimal(shares), "signal_price": None},
        )
        await self.engine.live.offer([signal])

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds."""
        async with asyncio.timeout(SECONDS):
            while not condition():  # noqa: ASYNC110  # a condition on a whole engine
                await asyncio.sleep(0.2)

    async def bought(self) -> GatewayOrder:
        """Buy 10 AAPL, and return the stop that then protects them."""
        await self.say("buy", SignalDirection.LONG)
        await self.until(lambda: len(self.stops()) == 1)
        return self.stops()[0]

    def stops(self) -> list[GatewayOrder]:
        """Return the stops that work at the gateway."""
        return [o for o in self.gateway.orders if o.is_open and o.placed.order_type == "STP"]

    def refusals(self) -> list[OrderRefused]:
        """Return the refusals that the journal of this life has."""
        assert self.engine is not None
        return [r for r in self.engine.journal.records() if isinstance(r, OrderRefused)]

    def held(self) -> Decimal:
        """Return the shares of AAPL that the engine holds."""
        holding = self.state.book.holdings.get("AAPL")
        return Decimal(0) if holding is None else Decimal(holding.quantity) / 10**6


def played(
    folder: Path,
    scenario: Callable[[Scene], Coroutine[Any, Any, None]],
    policy: DeskPolicy | None = None,
) -> None:
    """Play a scenario from an engine that trades to one that agrees with the gateway."""

    async def play() -> None:
        scene = Scene(folder)
        if policy is not None:
            scene.policy = policy
        scene.happen = lambda: scenario(scene)  # type: ignore[method-assign]
        await scene.play()

    in_fast_time(play)


def test_a_signal_becomes_a_position_under_a_stop_and_an_exit_ends_both(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        stop = await scene.bought()
        assert (stop.quantity, stop.placed.tif) == (Decimal(10), "GTC")
        assert stop.placed.oca_group
        assert scene.held() == 10

        await scene.say("exit", SignalDirection.FLAT)
        await scene.until(lambda: scene.held() == 0)
        await scene.until(lambda: not scene.stops())

    played(tmp_path, scenario)


def test_a_stop_that_is_reached_closes_the_position_once(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        await scene.bought()

        scene.prices["AAPL"] = Decimal(140)
        scene.quote("AAPL")
        await scene.until(lambda: scene.held() == 0)

        assert scene.gateway.accounts["DU1234567"].cash < 100_000

    played(tmp_path, scenario)


def test_a_restart_in_the_middle_goes_on_where_the_journal_ends(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        stop = await scene.bought()
        await scene.restart()
        await scene.until(lambda: scene.trades)
        assert scene.held() == 10
        assert [one.perm_id for one in scene.stops()] == [stop.perm_id]

        await scene.say("exit", SignalDirection.FLAT)
        await scene.until(lambda: scene.held() == 0)

    played(tmp_path, scenario)


@pytest.mark.control("C-53", "refuses")
@pytest.mark.control("C-53", "passes")
def test_where_margin_is_asked_for_an_entry_leaves_only_when_it_fits(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        account = scene.gateway.accounts["DU1234567"]
        account.to_open = Decimal(1_000)  # ten shares would need more than there is
        await scene.say("too-much", SignalDirection.LONG)
        await scene.until(lambda: bool(scene.refusals()))
        assert scene.gateway.orders == []

        account.to_open = Decimal("0.5")
        await scene.bought()
        await scene.say("exit", SignalDirection.FLAT)
        await scene.until(lambda: scene.held() == 0)

        (refusal,) = scene.refusals()
        assert refusal.code == "WHAT_IF_MARGIN"
        assert "more margin" in refusal.reason
        asked = [r.order.what_if for r in scene.gateway.log.requests("placeOrder") if r.order]
        assert asked == [True, True, False, False, False]  # neither stop nor exit is asked about

    asking = RiskLimits(what_if_margin=True)
    played(tmp_path, scenario, DeskPolicy(stop_keeper=StopKeeper.BROKER, risk=asking))


@pytest.mark.control("C-53", "refuses")
def test_a_margin_question_that_the_broker_trades_is_booked_and_stops_its_symbol(
    tmp_path: Path,
) -> None:
    async def scenario(scene: Scene) -> None:
        scene.gateway.book.trades_questions = True
        await scene.say("buy", SignalDirection.LONG)
        await scene.until(lambda: bool(scene.state.quarantined and scene.refusals()))

        assert scene.held() == 10
        assert [order.ref for order in scene.gateway.orders] == ["what-if trend/buy"]
        assert [refusal.code for refusal in scene.refusals()] == ["CTRL_53_INPUT"]
        scene.gateway.orders.clear()  # nobody had decided it, which is what this was about

    asking = RiskLimits(what_if_margin=True)
    played(tmp_path, scenario, DeskPolicy(stop_keeper=StopKeeper.BROKER, risk=asking))


@pytest.mark.fault("F-06", "F-45")
def test_an_order_that_was_sent_before_the_crash_is_adopted_and_not_sent_again(
    tmp_path: Path,
) -> None:
    async def scenario(scene: Scene) -> None:
        scene.gateway.misbehave(faults.Mute("placeOrder"))
        await scene.say("buy", SignalDirection.LONG)
        await scene.until(lambda: scene.gateway.log.count("placeOrder") == 1)
        await scene.restart()
        await scene.until(lambda: scene.held() == 10)

        entries = [o for o in scene.gateway.orders if o.buys]
        assert len(entries) == 1

    played(tmp_path, scenario)


@pytest.mark.fault("F-69")
def test_more_than_was_ordered_is_booked_and_stops_the_trading(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        await scene.bought()
        entry = next(order for order in scene.gateway.orders if order.buys)

        scene.gateway.fill(entry, 3, scene.prices["AAPL"])
        await scene.until(lambda: scene.held() == 13)

        await scene.until(lambda: "OVERFILL" in scene.codes)

    played(tmp_path, scenario)


@pytest.mark.fault("F-77")
def test_a_position_that_no_fill_explains_is_quarantined(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        account = scene.gateway.accounts["DU1234567"]
        contract = scene.gateway.contracts.named("MSFT")
        account.trade(contract, Decimal(7), Decimal(400))
        await scene.until(lambda: "MSFT" in scene.state.quarantined)

        assert "MSFT" not in scene.state.book.holdings
        account.trade(contract, Decimal(-7), Decimal(400))

    played(tmp_path, scenario)


@pytest.mark.fault("F-59")
def test_what_a_person_trades_by_hand_counts_and_stops_the_symbol(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        scene.gateway.external("MSFT", "BUY", 4)
        resting = scene.gateway.external("NVDA", "BUY", 4, 1)
        await scene.until(lambda: {"MSFT", "NVDA"} <= set(scene.state.quarantined))

        assert scene.state.book.holdings["MSFT"].quantity == 4 * 10**6
        assert resting.is_open

    played(tmp_path, scenario)


def test_a_symbol_that_the_broker_does_not_know_is_stopped_until_a_person_lets_it_go(
    tmp_path: Path,
) -> None:
    async def scenario(scene: Scene) -> None:
        text = "No security definition has been found for the request"
        scene.gateway.misbehave(faults.Refuse("placeOrder", number=200, text=text))
        await scene.say("first", SignalDirection.LONG)
        await scene.until(lambda: "AAPL" in scene.state.quarantined)
        await scene.say("second", SignalDirection.LONG)
        assert scene.gateway.log.count("placeOrder") == 1
        (refusal,) = scene.refusals()
        assert (refusal.code, scene.gateway.orders) == ("IBKR_200", [])
        assert text in scene.state.quarantined["AAPL"]
        assert "fillpath release AAPL" in scene.state.quarantined["AAPL"]

        assert scene.engine is not None
        scene.engine.live.learn(SymbolReleased(scene.clock.nanoseconds(), "AAPL", "ann"))
        await scene.say("third", SignalDirection.LONG)
        await scene.until(lambda: scene.held() == 10)

    played(tmp_path, scenario)


@pytest.mark.fault("F-73")
def test_a_schedule_begins_when_the_broker_brings_its_first_slice_to_the_exchange(
    tmp_path: Path,
) -> None:
    async def scenario(scene: Scene) -> None:
        scene.feed.set_adv("AAPL", 500)  # so that ten shares go in slices
        scene.gateway.halt("AAPL")  # there, so that nothing fills
        await scene.say("buy", SignalDirection.LONG)
        await scene.until(lambda: len(scene.gateway.orders) == 1)
        first = scene.gateway.orders[0]
        opens = scene.clock.now() + timedelta(seconds=30)
        text = "Warning: your order will not be placed at the exchange until"
        scene.gateway.complain(first, 399, f"{text} {opens:%Y-%m-%d %H:%M:%S} UTC")
        await scene.until(lambda: "ORDER_HELD" in scene.codes)

        await scene.until(lambda: scene.clock.now() > opens)
        assert scene.gateway.orders == [first]  # its slices are 20 s apart
        scene.gateway.halt("AAPL", 0)
        await scene.until(lambda: scene.held() == 10)
        entries = [order for order in scene.gateway.orders if order.buys]
        assert [order.filled for order in entries] == [5, 5]

    router = RouterPolicy(twap_num_slices=2, twap_interval_seconds=20)
    played(tmp_path, scenario, DeskPolicy(router=router))


@pytest.mark.fault("F-60")
def test_two_incarnations_of_one_order_are_both_cancelled(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        scene.gateway.halt("AAPL")  # there, so that nothing fills
        scene.gateway.misbehave(faults.Double("placeOrder"))

        await scene.say("buy", SignalDirection.LONG, 5)
        await scene.until(lambda: "MULTI_INCARNATION" in scene.codes)
        await scene.until(lambda: not any(order.is_open for order in scene.gateway.orders))

        assert "AAPL" in scene.state.quarantined
        scene.gateway.orders.clear()  # two of one name are what this was about

    played(tmp_path, scenario)
