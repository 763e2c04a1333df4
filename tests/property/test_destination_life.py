"""The same random news where orders ask for the broker's algorithms, and the broker refuses some."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from fillpath.core.capabilities import BrokerCapabilities
from fillpath.core.events import OrderRefused
from tests.property.test_desk_life import PICK, POLICY, DeskLife

TAKEN = frozenset({"vwap", "at_close"})


class DestinationLife(DeskLife):
    """Be a broker that works orders by itself, until it does not."""

    policy = POLICY.for_broker(BrokerCapabilities(destinations=TAKEN))

    @rule(
        told=st.sampled_from(["vwap", "vwap", "vwap", "twap", "at_close", {"name": "nowhere"}]),
        direction=st.sampled_from(["LONG", "LONG", "SHORT", "FLAT"]),
        quantity=st.sampled_from([300, 15, 1]),
    )
    def a_strategy_asks_for_a_destination(
        self, told: object, direction: str, quantity: int
    ) -> None:
        metadata: dict[str, Any] = {"destination": told}

        answer = self._hear(
            self.scene.signal(
                direction, quantity=quantity, strategy_name="north", metadata=metadata
            )
        )

        assert all(not t.slice_number for t in answer.placed if t.destination)

    @rule(seconds=st.sampled_from([300, 3_600]))
    def the_session_opens(self, seconds: int) -> None:
        self._hear(self.scene.open(closes_in=seconds))

    @rule(pick=PICK, late=st.booleans())
    @precondition(lambda self: self._asked)
    def the_broker_takes_no_algorithm(self, pick: int, *, late: bool) -> None:
        state = self.scene.desk.state
        names = [name for name in self._asked if name in state.orders or late]
        if not names:
            return
        name = self._picked(names, pick)
        worked, traded = name in state.orders, self.filled[name]

        self._hear(
            self.scene.tell(
                OrderRefused(self.scene.at, name, "DESTINATION_NOT_TAKEN", "no such algorithm")
            )
        )

        if name in state.parents and worked:
            assert not traded, "what has traded is not begun again"
            self.starts[name] = self.scene.at

    @property
    def _asked(self) -> list[str]:
        return [name for name, ticket in self.scene.tickets.items() if ticket.destination]


TestDestinationLife = DestinationLife.TestCase
TestDestinationLife.settings = settings(max_examples=60, stateful_step_count=40)
