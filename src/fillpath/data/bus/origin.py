"""Who sent a signal: each strategy signs what it sends with a key of its own.

The signature is an HMAC-SHA256 over the name of the stream, a line break and the bytes of the
message, in hexadecimal digits. It travels beside the message, so the message itself stays as it
is. Only a message with its own id and time can be signed to any use: anything else could be sent
once more by whoever had seen it.
"""

import hashlib
import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fillpath.core.errors import ModelError
from fillpath.core.ports import Delivery
from fillpath.data.bus.messages import SignalMessage, read_signal

SIGNAL_ORIGIN: Final = "SIGNAL_ORIGIN"
BY_HAND: Final = "hand"
"""Origin of what a user of this machine sends through the engine's own door."""
LEAST_KEY: Final = 32
"""Bytes that a key has at least."""


class UnknownOrigin(ModelError):
    """Nobody has shown that the signal comes from the strategy that it names.

    Args:
        strategy_name: the strategy that it names.
        why: one sentence.
    """

    def __init__(self, strategy_name: str, why: str) -> None:
        self.strategy_name = strategy_name
        super().__init__(f"{SIGNAL_ORIGIN}: {why}")


def sign(stream: str, payload: bytes, key: bytes) -> str:
    """Return the signature of a message that is sent to a stream."""
    return hmac.new(key, stream.encode() + b"\n" + payload, hashlib.sha256).hexdigest()


class Origins:
    """Reads signals of one stream, and believes those that are signed by who they say.

    Args:
        stream: its name.
        keys: by strategy; empty believes nobody.
    """

    def __init__(self, stream: str, keys: Mapping[str, bytes]) -> None:
        self._stream = stream
        self._keys = MappingProxyType(dict(keys))

    def read(self, delivery: Delivery) -> SignalMessage:
        """Return the signal of a message.

        Raises:
            UnknownOrigin: it is not shown to come from the strategy that it names.
            ModelError: it breaks a limit of the format.
        """
        message = read_signal(delivery)
        if delivery.origin != BY_HAND:
            self._check(delivery, message)
        return message

    def _check(self, delivery: Delivery, message: SignalMessage) -> None:
        name = message.signal.strategy_name
        shown = name or "no strategy"
        key = self._keys.get(name)
        if key is None:
            raise UnknownOrigin(name, f"there is no key of {shown}")
        expected = sign(self._stream, delivery.payload, key)
        if not hmac.compare_digest(expected.encode(), delivery.signature.encode()):
            what = "a wrong signature" if delivery.signature else "no signature"
            raise UnknownOrigin(name, f"the message of {shown} has {what}")
        if not message.named:
            raise UnknownOrigin(name, "a signed message must have its own signal_id and timestamp")


__all__ = ["BY_HAND", "LEAST_KEY", "SIGNAL_ORIGIN", "Origins", "UnknownOrigin", "sign"]
