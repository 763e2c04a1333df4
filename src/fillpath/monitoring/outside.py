"""Mail, chats and phones, through apprise, which is loaded when the first message goes there."""

import re
import warnings
from collections.abc import Collection
from typing import Any, Final

from pydantic import SecretStr

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.monitoring.channels import ChannelFailed
from fillpath.monitoring.messages import Message
from fillpath.runtime.addresses import check_address
from fillpath.runtime.tasks import supervised

OWN_HOSTS: Final = {"json": "http", "xml": "http", "form": "http"}
"""Services of apprise that call any host, with the scheme that they use there; plus s: https."""
LONGEST_REASON: Final = 200
_SECRETS: Final = re.compile(r"[A-Za-z0-9_\-+=.%~]{4,}")


class Outside:
    """Send each message as text.

    Args:
        url: an address of apprise, such as ``mailto://`` or ``slack://``.
        hosts: those that an address of one's own may lead to.

    Raises:
        ConfigError: it is none, or leads to a host that is not allowed.
    """

    def __init__(self, url: SecretStr, hosts: Collection[str]) -> None:
        address = url.get_secret_value()
        scheme, separator, rest = address.partition("://")
        if not separator or not scheme.isalnum():
            raise ConfigError("an apprise address must begin with its service, such as slack://")
        plain = OWN_HOSTS.get(scheme) or OWN_HOSTS.get(scheme.removesuffix("s"))
        if plain is not None:
            if "@" in rest.partition("/")[0]:
                raise ConfigError(f"an address of {scheme}:// must hold only host, port and path")
            secure = "s" if scheme.endswith("s") else ""
            check_address(f"{plain}{secure}://{rest}", hosts)
        if "redirect=" in rest:
            raise ConfigError(f"an address of {scheme}:// must not speak of redirects")
        self._scheme = scheme
        self._url = SecretStr(address)

    def send(self, message: Message) -> None:
        """Hand a message over.

        Raises:
            ChannelFailed: apprise is not installed, or the service did not take it.
        """
        address = self._url.get_secret_value()
        apprise, sender = _made(address)
        if sender is None:
            raise ChannelFailed(f"{self._scheme}:// is no address that apprise understands")
        with apprise.LogCapture(level=apprise.logging.WARNING) as heard:
            try:
                taken = supervised(
                    f"{self._scheme}://",
                    lambda: sender.notify(body=message.body, title=message.title),
                )
            except Unavailable as error:
                raise ChannelFailed(str(error)) from None
            said = heard.getvalue() if heard is not None else ""
        if not taken:
            raise ChannelFailed(f"{self._scheme}:// {_without(said, address)}")


def _made(address: str) -> tuple[Any, Any]:
    """Return apprise and what sends to an address, None where that is no address.

    Raises:
        ChannelFailed: apprise is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own imports, which nobody here can mend
            import apprise  # noqa: PLC0415  # 1.5 s, for those who use it

            asset = apprise.AppriseAsset(async_mode=False, http_redirects=False)
            sender = apprise.Apprise(asset=asset)
            return apprise, sender if sender.add(address) else None
    except ImportError:
        text = "apprise is not installed; pip install 'fillpath[alerts]' brings it"
        raise ChannelFailed(text) from None


def _without(said: str, address: str) -> str:
    """Return the last words of a log without any part of an address."""
    lines = [line for line in said.splitlines() if line.strip()]
    reason = lines[-1].rpartition(" - ")[2] if lines else "did not take it"
    secrets = sorted(set(_SECRETS.findall(address.partition("://")[2])), key=len, reverse=True)
    for secret in secrets:
        reason = reason.replace(secret, "***")
    return reason[:LONGEST_REASON]


__all__ = ["Outside"]
