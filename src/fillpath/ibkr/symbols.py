"""Tickers in the gateway's spelling: it writes a share class behind a space, and we behind a dot."""

from fillpath.core.errors import ModelError
from fillpath.core.models import check_symbol


def vendor_symbol(symbol: str) -> str:
    """Return a ticker as the gateway writes it, such as ``BRK B`` for ``BRK.B``."""
    return check_symbol(symbol).replace(".", " ")


def our_symbol(text: str) -> str | None:
    """Return a ticker of the gateway as we write it, or None where we have no such name."""
    try:
        return check_symbol(text.strip().replace(" ", "."))
    except ModelError:
        return None


__all__ = ["our_symbol", "vendor_symbol"]
