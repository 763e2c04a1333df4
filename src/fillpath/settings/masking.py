"""What may be shown of an account number and of an address with a password."""

from typing import Final
from urllib.parse import urlsplit, urlunsplit

_ACCOUNT_SHOWN: Final = 3


def masked(account: str) -> str:
    """Return an account number with only its last characters readable."""
    return "*" * max(len(account) - _ACCOUNT_SHOWN, 0) + account[-_ACCOUNT_SHOWN:]


def without_password(url: str) -> str:
    """Return a URL that may be shown: its password is replaced by stars."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{place}"))
