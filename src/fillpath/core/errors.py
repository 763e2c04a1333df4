"""The tree of failures, split by what the caller must do next.

::

    FillpathError
    ├── ConfigError            do not start: a setting is wrong
    ├── ModelError             a value cannot exist (also a ValueError): fix the input
    ├── DataError              an input file is wrong: names file, row and reason
    ├── Refused                never retry the same request
    │   ├── NoTrade            sizing said no; carries the reason code
    │   │   └── PriceUnavailable   there is no price to size with
    │   ├── QuoteUnavailable   routing holds; carries the reason code
    │   └── BrokerRefused      the broker said no; carries its code
    ├── Unavailable            the outcome is unknown: reconcile, never re-send
    └── JournalError           the record of truth cannot be trusted or written
        ├── Fenced             another writer has taken over: send nothing, stop
        ├── JournalFull        no room: no new orders, only cancels, the kill and their answers
        ├── JournalMissing     there is none yet: the first start makes it
        ├── JournalCorrupt     bytes do not match their hash
        └── JournalDiverged    replaying the journal gives other intents than it holds
"""


class FillpathError(Exception):
    """Be the root of every error that fillpath raises on purpose."""


class ConfigError(FillpathError):
    """A setting is unknown, misspelt or out of range; do not start."""


class ModelError(FillpathError, ValueError):
    """A value cannot exist: the message names the field, the value and what is allowed."""


class DataError(FillpathError):
    """An input file is wrong.

    Args:
        source: file name as the user gave it.
        row: 1-based data row (the header of a CSV file is not counted), or None for the whole file.
        reason: one sentence that says what is wrong and what is allowed.
    """

    def __init__(self, source: str, row: int | None, reason: str) -> None:
        self.source = source
        self.row = row
        self.reason = reason
        where = source if row is None else f"{source}, row {row}"
        super().__init__(f"{where}: {reason}")


class Refused(FillpathError):
    """A request got a final no.

    Args:
        code: machine-readable reason, such as ``NO_EDGE``.
        text: one sentence with the numbers behind it.
    """

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(f"{code}: {text}")

    @property
    def reason(self) -> str:
        """Return the machine-readable reason code."""
        return self.code


class NoTrade(Refused):
    """Sizing refuses to turn the signal into an order."""


class PriceUnavailable(NoTrade):
    """There is neither a signal price, a quote nor a mark to size with."""

    def __init__(self, symbol: str) -> None:
        super().__init__(
            "PRICE_UNAVAILABLE",
            f"{symbol} has no signal_price, no usable quote and no marked position",
        )


class QuoteUnavailable(Refused):
    """Routing holds the order because the quote cannot be trusted."""


class BrokerRefused(Refused):
    """The broker refused the request; ``code`` is the broker's own."""


class Unavailable(FillpathError):
    """The outcome of a call is unknown: reconcile with the broker, never re-send."""


class JournalError(FillpathError):
    """The journal cannot be read or written; new orders must stop."""


class Fenced(JournalError):
    """Another writer owns the journal by now; nothing may be sent any more."""


class JournalFull(JournalError):
    """The storage has no room; what was committed is durable, and only the essential goes on."""


class JournalMissing(JournalError):
    """There is no journal of this account yet; the first start makes it."""


class JournalCorrupt(JournalError):
    """The bytes of the journal do not match their hash chain."""


class JournalDiverged(JournalError):
    """Replaying the journal gives other intents than the journal holds."""
