"""What every broker promises: one suite, run against each of them for what it declares.

::

    class TestMyBroker(BrokerContract):
        def make_broker(self) -> BrokerAdapter:
            return MyBroker(...)

        async def move_market(self, broker, bid, ask, size) -> None:
            ...

Subclass it in a test module, call the subclass ``Test...`` and fill in the hooks. What a broker
does not declare in its capabilities is skipped, visibly. Each test runs on a fresh instance of the
subclass, so a hook may keep things on ``self``. No plugin is needed for the async parts.
"""

from fillpath.testing.broker_accounts import AccountPromises
from fillpath.testing.broker_orders import OrderPromises
from fillpath.testing.broker_protecting import ProtectingPromises
from fillpath.testing.broker_resting import RestingPromises


class BrokerContract(OrderPromises, RestingPromises, ProtectingPromises, AccountPromises):
    """The whole suite; the hooks to fill in are those of ``BrokerHooks``."""
