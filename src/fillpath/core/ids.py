"""Names of things: derived from what they name, never random, so that a replay gives the same."""

import hashlib
from itertools import count
from typing import Final

EXTERNAL: Final = "external:"
"""How a broker begins the id of an order that this engine did not give it."""

ID_SEPARATORS: Final = frozenset("/#")
_manual = count(1)


def derived_signal_id(content: bytes, sequence: int) -> str:
    """Return the id of a signal that came without one: its content and its place in the journal."""
    digest = hashlib.blake2b(content, digest_size=8, person=b"fillpath-signal")
    return f"sig-{digest.hexdigest()}-{sequence}"


def parent_order_id(strategy_name: str, signal_id: str) -> str:
    """Return the id of the parent order of a signal; unique for each (strategy, signal) pair."""
    return f"{strategy_name}/{signal_id}" if strategy_name else signal_id


def child_order_id(parent_id: str, number: int) -> str:
    """Return the id of the ``number``-th order (from 1) sent for a parent."""
    return f"{parent_id}#{number}"


PROTECTIVE: Final = "#p"
"""What the name of a protective order has behind that of the order it protects, then a number."""


def protective_order_id(origin: str, number: int) -> str:
    """Return the id of the ``number``-th protective order of an account (from 1).

    Args:
        origin: the order that opened the position.
        number: counted over the whole account and never again, so that every order placed anew has
            a name of its own.
    """
    return f"{origin}{PROTECTIVE}{number}"


def is_external(order_id: str) -> bool:
    """Return whether an order was given to the broker by another program or by hand."""
    return order_id.startswith(EXTERNAL)


def next_manual_order_id() -> str:
    """Return an id for an order that a person builds by hand.

    The one name that is counted instead of derived: it is unique within the process only. The
    engine never uses it; give ``order_id`` yourself where an order must keep its name.
    """
    return f"manual-{next(_manual)}"
