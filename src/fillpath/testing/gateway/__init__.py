"""A gateway of Interactive Brokers that is not one: it speaks the same protocol on this machine.

The vendor's own client libraries connect to it. It has accounts, contracts, a market whose prices
the test sets, and every fault that the real one was seen with, on demand.
"""

from fillpath.testing.gateway import answers, faults, order_answers
from fillpath.testing.gateway.accounts import Account
from fillpath.testing.gateway.catalogue import Contract, MarketRule
from fillpath.testing.gateway.history import GatewayBar
from fillpath.testing.gateway.hub import Manners
from fillpath.testing.gateway.quoting import DataKind
from fillpath.testing.gateway.records import GatewayExecution, GatewayOrder
from fillpath.testing.gateway.server import Gateway, Setup

__all__ = [
    "Account",
    "Contract",
    "DataKind",
    "Gateway",
    "GatewayBar",
    "GatewayExecution",
    "GatewayOrder",
    "Manners",
    "MarketRule",
    "Setup",
    "answers",
    "faults",
    "order_answers",
]
