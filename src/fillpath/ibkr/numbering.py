"""Numbers for orders and requests: never one twice, whatever the gateway believes it has forgotten."""

from typing import Final

from fillpath.core.errors import BrokerRefused
from fillpath.ibkr.heard import Executed, Greeted, Heard, OrderShown, StatusShown

FIRST_REQUEST: Final = 1_000_000_000
"""Requests are numbered from here, so that words about a number mean one thing only."""


class Numbering:
    """Give numbers above every one that was ever seen; the gateway's may be reset, ours never fall.

    Args:
        client_id: whose order ids they are; those of other programs do not matter.
    """

    def __init__(self, client_id: int) -> None:
        self._client_id = client_id
        self._order = 0
        self._request = FIRST_REQUEST - 1

    def saw(self, order_id: int) -> None:
        """Never give this order id, or one below it."""
        if order_id < FIRST_REQUEST:
            self._order = max(self._order, order_id)

    def hear(self, news: Heard) -> None:
        """Learn order ids from what the gateway says."""
        match news:
            case Greeted():
                self.saw(news.next_order_id - 1)
            case OrderShown() | StatusShown() | Executed() if news.client_id == self._client_id:
                self.saw(news.order_id)

    def next_order(self) -> int:
        """Return a new order id.

        Raises:
            BrokerRefused: there is none left; they must be reset in the gateway.
        """
        if self._order + 1 >= FIRST_REQUEST:
            raise BrokerRefused(
                "ORDER_IDS_EXHAUSTED", "reset the order ids in the gateway's settings"
            )
        self._order += 1
        return self._order

    def next_request(self) -> int:
        """Return a new request number."""
        self._request += 1
        return self._request


__all__ = ["FIRST_REQUEST", "Numbering"]
