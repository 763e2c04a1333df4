"""What may be shown of an account number and of an address with a password."""

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

_ACCOUNT_SHOWN: Final = 3
_SECRET: Final = re.compile(r"(?i)\b(\w*(?:password|secret|token|key))=[^&]*")


def masked(account: str) -> str:
    """Return an account number with only its last characters readable."""
    return "*" * max(len(account) - _ACCOUNT_SHOWN, 0) + account[-_ACCOUNT_SHOWN:]


def without_password(url: str) -> str:
    """Return a URL that may be shown: its passwords are replaced by stars, wherever they stand."""
    parts = urlsplit(url)
    parts = parts._replace(query=_SECRET.sub(r"\1=***", parts.query))
    if parts.password is not None:
        place = parts.netloc.rpartition("@")[2]
        parts = parts._replace(netloc=f"{parts.username or ''}:***@{place}")
    return urlunsplit(parts) if parts != urlsplit(url) else url
