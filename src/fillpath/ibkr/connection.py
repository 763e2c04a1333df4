"""Keep a line up: connect, verify, compare, and only then let orders through."""

from collections.abc import Awaitable, Callable

from fillpath.core.ports import EngineClock
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import (
    AccountValue,
    BarShown,
    ContractFound,
    Executed,
    Heard,
    Held,
    OrderShown,
    RuleShown,
    ServerTime,
    Valued,
)
from fillpath.ibkr.line import Line
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.states import Alarm, Because, State


class Connection:
    """One client id at one gateway, kept up until it is stopped.

    Everything that is heard goes to every listener, in its order and in every state, answers of
    look-ups included. What may be sent depends on the state: orders in TRADING alone, cancels as
    soon as the account is verified and also in DEGRADED, look-ups in every connected state but
    DEGRADED. Nothing that waits for its turn outlives a drop.

    Args:
        line: not connected yet.
        policy: who it is and how long it waits.
        clock: tells the time and never steps.
    """

    def __init__(self, line: Line, policy: ConnectionPolicy, clock: EngineClock) -> None:
        self._line = line
        self._policy = policy
        self._clock = clock

    @property
    def state(self) -> State:
        """Return how far it has come."""
        raise NotImplementedError

    @property
    def account(self) -> str:
        """Return the account that was verified; empty before the first time."""
        raise NotImplementedError

    @property
    def reason(self) -> str:
        """Return in words why it is not up; empty while it is."""
        raise NotImplementedError

    def listen(self, listener: Callable[[Heard], None]) -> None:
        """Also send everything that is heard to ``listener``, which never blocks nor raises."""
        raise NotImplementedError

    def watch(self, on_state: Callable[[State], None]) -> None:
        """Also tell ``on_state`` of every change of the state, after it was made."""
        raise NotImplementedError

    def warn(self, on_alarm: Callable[[Alarm], None]) -> None:
        """Also tell ``on_alarm`` what a person should know."""
        raise NotImplementedError

    def reconcile_with(self, hook: Callable[[Because], Awaitable[None]]) -> None:
        """Let ``hook`` compare everything before orders may be sent; the last one wins.

        It runs in RECONCILE, after every connection and after every 1101 and 1102, and asks its
        look-ups here. When it raises ``Unavailable``, or takes too long, the line is dropped and
        everything begins again. When the state changes under it, it is cancelled.
        """
        raise NotImplementedError

    async def start(self, seconds: float = 30) -> None:
        """Connect and stay connected; return in TRADING.

        Raises:
            Unavailable: refused, or not there in time, with the reason; unless it was refused it
                goes on trying until it is stopped.
        """
        raise NotImplementedError

    async def stop(self) -> None:
        """Disconnect and stay down; waiting messages and look-ups are told."""
        raise NotImplementedError

    def may_order(self) -> bool:
        """Return whether an order may be sent now."""
        raise NotImplementedError

    def may_cancel(self) -> bool:
        """Return whether a cancel may be sent now."""
        raise NotImplementedError

    async def place(self, *forms: OrderForm) -> None:
        """Write orders, or changes of them, in one go; returns when they are on the wire.

        Raises:
            NotSent: none was written, and none will be: the state forbids it, the line dropped
                before their turn, or the waiting orders were dropped.
            Unavailable: the line broke between two of them.
        """
        raise NotImplementedError

    async def cancel(self, order_id: int) -> None:
        """Write a cancel, ahead of everything else that waits.

        Raises:
            NotSent: it was not written, and will not be.
        """
        raise NotImplementedError

    async def cancel_everything(self) -> None:
        """Write a cancel of every order of the account, also those of people and other programs.

        Raises:
            NotSent: it was not written, and will not be.
        """
        raise NotImplementedError

    def drop_orders(self) -> int:
        """Forget the orders that wait for their turn; return how many. Each gets ``NotSent``."""
        raise NotImplementedError

    def next_order_id(self) -> int:
        """Return an order id above every one that was ever seen or given.

        Raises:
            BrokerRefused: there is none left; the ids must be reset in the gateway.
        """
        raise NotImplementedError

    def saw_order_id(self, order_id: int) -> None:
        """Never give this id, or one below it; for ids that only the journal remembers."""
        raise NotImplementedError

    async def open_orders(self, *, sure: bool = False) -> tuple[OrderShown, ...]:
        """Return the open orders of every client id.

        Args:
            sure: ask again a little later when the answer is empty, and return the second answer.

        Raises:
            Unavailable: no answer; an empty answer is an answer.
        """
        raise NotImplementedError

    async def completed_orders(self) -> tuple[OrderShown, ...]:
        """Return the orders of today that have ended.

        Raises:
            Unavailable: no answer.
        """
        raise NotImplementedError

    async def executions(self) -> tuple[Executed, ...]:
        """Return the executions of today; what they cost is heard by the listeners.

        Raises:
            Unavailable: no answer.
        """
        raise NotImplementedError

    async def positions(self) -> tuple[Held, ...]:
        """Return the positions of every account of the login.

        Raises:
            Unavailable: no answer.
        """
        raise NotImplementedError

    async def account_values(self) -> tuple[AccountValue | Valued, ...]:
        """Return the values of the verified account, and what its positions are worth.

        Raises:
            Unavailable: no answer.
        """
        raise NotImplementedError

    async def contract(self, contract: ContractForm) -> tuple[ContractFound, ...]:
        """Return the contracts that fit.

        Raises:
            Unavailable: no answer.
            BrokerRefused: the gateway said no; the code is the vendor's, 200 for none.
        """
        raise NotImplementedError

    async def rule(self, rule: int) -> RuleShown:
        """Return a market rule.

        Raises:
            Unavailable: no answer.
        """
        raise NotImplementedError

    async def bars(
        self, contract: ContractForm, *, end: str, duration: str, size: str
    ) -> tuple[BarShown, ...]:
        """Return historical bars of regular hours; the vendor's rules of pace are the caller's.

        Raises:
            Unavailable: no answer.
            BrokerRefused: the gateway said no; the code is the vendor's.
        """
        raise NotImplementedError

    async def time(self) -> ServerTime:
        """Return the gateway's clock.

        Raises:
            Unavailable: no answer.
        """
        raise NotImplementedError

    async def data_kind(self, kind: int) -> None:
        """Say which sort of data is wanted: 1 live, 3 delayed where there is no permission.

        Raises:
            NotSent: it was not written.
        """
        raise NotImplementedError

    async def stream(self, contract: ContractForm, ticks: str = "") -> int:
        """Subscribe to quotes and the generic ticks named; return the request that ticks carry.

        Nothing is subscribed again by itself: do so in the hook of ``reconcile_with``.

        Raises:
            NotSent: it was not written.
        """
        raise NotImplementedError

    async def stop_stream(self, request: int) -> None:
        """End a subscription.

        Raises:
            NotSent: it was not written; after a drop there is nothing to end.
        """
        raise NotImplementedError


__all__ = ["Connection"]
