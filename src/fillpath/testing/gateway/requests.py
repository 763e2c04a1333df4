"""What a client may ask, by the number on the wire, and the parts of it that are used."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct, field

from fillpath.testing.gateway.placing import Instrument, PlacedOrder, read_instrument, read_placed
from fillpath.testing.gateway.wire import BadFrame, Reader

KINDS: Final = {
    1: "reqMktData",
    2: "cancelMktData",
    3: "placeOrder",
    4: "cancelOrder",
    5: "reqOpenOrders",
    6: "reqAccountUpdates",
    7: "reqExecutions",
    8: "reqIds",
    9: "reqContractDetails",
    15: "reqAutoOpenOrders",
    16: "reqAllOpenOrders",
    17: "reqManagedAccts",
    20: "reqHistoricalData",
    25: "cancelHistoricalData",
    49: "reqCurrentTime",
    58: "reqGlobalCancel",
    59: "reqMarketDataType",
    61: "reqPositions",
    62: "reqAccountSummary",
    63: "cancelAccountSummary",
    64: "cancelPositions",
    71: "startApi",
    76: "reqAccountUpdatesMulti",
    77: "cancelAccountUpdatesMulti",
    91: "reqMarketRule",
    99: "reqCompletedOrders",
}
_VERSIONED: Final = {1, 2, 4, 5, 6, 7, 8, 9, 15, 16, 17, 25, 49, 58, 59, *range(61, 78)}


class Request(Struct, frozen=True, kw_only=True):
    """One message of a client.

    Args:
        kind: its name, such as ``placeOrder``.
        about: the order or request id that it carries, -1 for none.
        instrument: which contract is meant, of the requests that name one.
        order: of ``placeOrder``.
        words: the other texts, by name.
    """

    kind: str
    about: int = -1
    instrument: Instrument | None = None
    order: PlacedOrder | None = None
    words: dict[str, str] = field(default_factory=dict)


def read_request(fields: list[str]) -> Request:
    """Return what a client said.

    Args:
        fields: texts of one frame, with the empty one behind the last zero byte.

    Raises:
        BadFrame: the number is unknown, or the message is not as long as it has to be.
    """
    reader = Reader(fields[:-1])
    number = reader.whole()
    kind = KINDS.get(number)
    if kind is None:
        raise BadFrame(f"unknown message {number}")
    if number in _VERSIONED:
        reader.text()
    request = _READERS.get(kind, _bare)(kind, reader)
    if reader.left:
        raise BadFrame(f"{kind} has {reader.left} fields too many")
    return request


def _bare(kind: str, reader: Reader) -> Request:
    del reader
    return Request(kind=kind)


def _about(*names: str) -> Callable[[str, Reader], Request]:
    """Return a reader of an id and these texts."""

    def read(kind: str, reader: Reader) -> Request:
        about = reader.whole()
        return Request(kind=kind, about=about, words={name: reader.text() for name in names})

    return read


def _named(*names: str) -> Callable[[str, Reader], Request]:
    """Return a reader of these texts."""

    def read(kind: str, reader: Reader) -> Request:
        return Request(kind=kind, words={name: reader.text() for name in names})

    return read


def _place(kind: str, reader: Reader) -> Request:
    about = reader.whole()
    instrument, order = read_placed(reader)
    return Request(kind=kind, about=about, instrument=instrument, order=order)


def _contract(kind: str, reader: Reader) -> Request:
    about = reader.whole()
    instrument = read_instrument(reader)
    names = ("expired", "security_id_type", "security_id", "issuer")
    words = {name: reader.text() for name in names}
    return Request(kind=kind, about=about, instrument=instrument, words=words)


def _market_data(kind: str, reader: Reader) -> Request:
    about = reader.whole()
    instrument = read_instrument(reader)
    if instrument.sec_type == "BAG":
        reader.texts(4 * reader.whole())
    if reader.truth():
        reader.texts(3)
    names = ("ticks", "snapshot", "regulatory", "options")
    words = {name: reader.text() for name in names}
    return Request(kind=kind, about=about, instrument=instrument, words=words)


def _bars(kind: str, reader: Reader) -> Request:
    about = reader.whole()
    instrument = read_instrument(reader)
    names = ("expired", "end", "size", "duration", "regular", "show", "format")
    words = {name: reader.text() for name in names}
    if instrument.sec_type == "BAG":
        reader.texts(4 * reader.whole())
    words |= {name: reader.text() for name in ("keep", "options")}
    return Request(kind=kind, about=about, instrument=instrument, words=words)


_READERS: Final[dict[str, Callable[[str, Reader], Request]]] = {
    "reqMktData": _market_data,
    "cancelMktData": _about(),
    "placeOrder": _place,
    "cancelOrder": _about("time"),
    "reqAccountUpdates": _named("subscribe", "account"),
    "reqExecutions": _about(
        "client", "account", "time", "symbol", "security_type", "exchange", "side"
    ),
    "reqIds": _named("count"),
    "reqContractDetails": _contract,
    "reqAutoOpenOrders": _named("bind"),
    "reqHistoricalData": _bars,
    "cancelHistoricalData": _about(),
    "reqMarketDataType": _named("type"),
    "reqAccountSummary": _about("group", "tags"),
    "cancelAccountSummary": _about(),
    "startApi": _about("capabilities"),
    "reqAccountUpdatesMulti": _about("account", "model", "ledger"),
    "cancelAccountUpdatesMulti": _about(),
    "reqMarketRule": _about(),
    "reqCompletedOrders": _named("api_only"),
}

__all__ = ["KINDS", "Request", "read_request"]
