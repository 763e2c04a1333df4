"""The door to one connection with a gateway: what the adapters may ask of it."""

from collections.abc import Callable
from typing import Protocol

from fillpath.core.errors import FillpathError
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import Heard


class NotSent(FillpathError):
    """Nothing was written to the socket: the gateway cannot have heard of it."""


class Line(Protocol):
    """One socket with one client id.

    Whatever the gateway says goes to the listener at once, in its order, and nothing is kept: no
    state, no status of its own invention, no queue. Every method but ``connect`` writes its bytes
    to the socket before it returns or raises ``NotSent``, and then none of them were written. Pace
    is the caller's to keep. A line that dropped can be connected again.
    """

    @property
    def connected(self) -> bool:
        """Return whether the handshake is done and the socket is not known to be gone."""
        ...

    @property
    def sent(self) -> int:
        """Return how many messages were written since the line was made."""
        ...

    def listen(self, listener: Callable[[Heard], None]) -> None:
        """Send everything that is heard to ``listener``; one listener, the last one wins."""
        ...

    async def connect(self, seconds: float) -> None:
        """Connect and shake hands; ``Greeted`` has been heard when it returns.

        Raises:
            Unavailable: nobody answers, or not in time, or the client id is in use, with the
                gateway's own words where it said any.
        """
        ...

    def disconnect(self) -> None:
        """Close the socket; ``Dropped`` is heard, once."""
        ...

    def place(self, form: OrderForm) -> None:
        """Place an order, or change the one that has this order id."""
        ...

    def cancel(self, order_id: int) -> None:
        """Ask to cancel an order of this client id."""
        ...

    def cancel_everything(self) -> None:
        """Ask to cancel every order of the account, also those of people and other programs."""
        ...

    def ask_time(self) -> None:
        """Ask for the gateway's clock."""
        ...

    def ask_open_orders(self) -> None:
        """Ask for the open orders of every client id."""
        ...

    def ask_completed_orders(self) -> None:
        """Ask for the orders of today that have ended."""
        ...

    def ask_executions(self, request: int) -> None:
        """Ask for the executions of today."""
        ...

    def ask_positions(self) -> None:
        """Ask for all positions, and to be told when they change."""
        ...

    def ask_account(self, account: str) -> None:
        """Ask for the account's values, and to be told when they change."""
        ...

    def ask_contract(self, request: int, contract: ContractForm) -> None:
        """Ask which contracts fit."""
        ...

    def ask_rule(self, rule: int) -> None:
        """Ask for a market rule."""
        ...

    def data_kind(self, kind: int) -> None:
        """Say which sort of data is wanted: 1 live, 3 delayed where there is no permission."""
        ...

    def stream(self, request: int, contract: ContractForm, ticks: str = "") -> None:
        """Subscribe to quotes, and to the generic ticks that are named."""
        ...

    def stop_stream(self, request: int) -> None:
        """End a subscription."""
        ...

    def ask_bars(
        self, request: int, contract: ContractForm, *, end: str, duration: str, size: str
    ) -> None:
        """Ask for historical bars of regular hours, in the vendor's own words of time."""
        ...


__all__ = ["Line", "NotSent"]
