"""A webhook: one signed POST to a host that the settings allow, and nowhere else."""

import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from fillpath.core.errors import ConfigError
from fillpath.core.units import NANOSECONDS
from fillpath.monitoring.channels import ChannelFailed
from fillpath.monitoring.messages import Message
from fillpath.runtime.addresses import Address, check_address, check_destination

SIGNATURE: Final = "X-Fillpath-Signature"
SENT_AT: Final = "X-Fillpath-Timestamp"
WAIT_SECONDS: Final = 5.0
_TAKEN: Final = range(200, 300)
_MOST_READ: Final = 4_096


def signature(secret: SecretStr, sent_at: str, body: bytes) -> str:
    """Return the HMAC-SHA256 over the time, a dot and the body, as the receiver computes it.

    Args:
        secret: both sides know it.
        sent_at: seconds of the epoch, as the header carries them.
        body: exactly as sent.
    """
    key = secret.get_secret_value().encode()
    return "v1=" + hmac.new(key, sent_at.encode() + b"." + body, hashlib.sha256).hexdigest()


class Webhook:
    """POST each message as JSON.

    Args:
        url: where to.
        secret: signs what is sent.
        hosts: those that are allowed.

    Raises:
        ConfigError: the URL leads elsewhere.
    """

    def __init__(self, url: SecretStr, secret: SecretStr, hosts: Collection[str]) -> None:
        self._address = check_address(url.get_secret_value(), hosts)
        parts = urlsplit(url.get_secret_value())
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secret = secret

    def send(self, message: Message) -> None:
        """Hand a message over; only an answer of 2xx says that it was taken.

        Raises:
            ChannelFailed: another answer, none in time, or the name leads where it must not.
        """
        body = message.as_json()
        sent_at = str(message.sent_at // NANOSECONDS)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "fillpath",
            SENT_AT: sent_at,
            SIGNATURE: signature(self._secret, sent_at, body),
        }
        connection = _connection(self._address)
        try:
            connection.sock = _opened(self._address)
            connection.request("POST", self._path, body, headers)
            answer = connection.getresponse()
            answer.read(_MOST_READ)
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise ChannelFailed(f"{self._address.host}: {reason}") from None
        finally:
            connection.close()
        if answer.status not in _TAKEN:
            raise ChannelFailed(f"{self._address.host} answered {answer.status}")


def _connection(address: Address) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    return kind(address.host, address.port, timeout=WAIT_SECONDS)


def _opened(address: Address) -> socket.socket:
    """Connect to an address that was checked after the name was looked up, never to another.

    Raises:
        OSError: nobody answers there.
        ChannelFailed: the name leads where no message is sent to.
    """
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    number = str(found[0][4][0])
    try:
        check_destination(address.host, ip_address(number))
    except ConfigError as error:
        raise ChannelFailed(str(error)) from None
    plain = socket.create_connection((number, address.port), timeout=WAIT_SECONDS)
    if address.scheme == "http":
        return plain
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=address.host)


__all__ = ["SENT_AT", "SIGNATURE", "WAIT_SECONDS", "Webhook", "signature"]
