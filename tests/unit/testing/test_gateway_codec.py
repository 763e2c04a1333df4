"""The gateway reads exactly what the vendor's library writes, and the library reads its answers."""

from decimal import Decimal
from typing import Any

import ib_async
import pytest
from ib_async.client import Client
from ib_async.order import (
    ExecutionCondition,
    MarginCondition,
    PercentChangeCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
)

from fillpath.testing.gateway.requests import KINDS, Request, read_request
from fillpath.testing.gateway.wire import BadFrame, Frames, Reader, Value, frame, spelt

CONDITIONS = [
    PriceCondition,
    TimeCondition,
    MarginCondition,
    ExecutionCondition,
    VolumeCondition,
    PercentChangeCondition,
]
SHARE = ib_async.Stock("AAPL", "SMART", "USD", conId=265598)


class Writer(Client):
    """The library's client, which keeps what it would have sent."""

    def __init__(self) -> None:
        super().__init__(object())  # type: ignore[no-untyped-call]  # the library's
        self._serverVersion = 178
        self.connState = Client.CONNECTED
        self.clientId = 7
        self.written: list[str] = []

    def sendMsg(self, msg: str) -> None:  # noqa: N802  # the library's name
        self.written.append(msg)


def heard(method: str, *args: Any) -> Request:
    """Return how the gateway reads what the library writes."""
    writer = Writer()
    getattr(writer, method)(*args)
    return read_request(writer.written[0].split("\0"))


def placed(order: ib_async.Order, contract: ib_async.Contract = SHARE) -> Any:
    request = heard("placeOrder", 11, contract, order)
    assert request.kind == "placeOrder"
    assert request.about == 11
    return request.order


def test_a_limit_order_is_read_field_by_field() -> None:
    order = ib_async.LimitOrder("SELL", 300, 150.25, tif="GTC", account="DU1", orderRef="ref-1")
    order.transmit = False
    order.parentId = 9
    order.outsideRth = True
    order.ocaGroup = "group"
    order.ocaType = 1
    order.goodTillDate = "20261231 16:00:00 US/Eastern"

    read = placed(order)

    assert (read.action, read.quantity, read.order_type) == ("SELL", Decimal(300), "LMT")
    assert (read.limit_price, read.aux_price) == (Decimal("150.25"), None)
    assert (read.tif, read.account, read.order_ref) == ("GTC", "DU1", "ref-1")
    assert (read.transmit, read.parent_id, read.outside_rth) == (False, 9, True)
    assert (read.oca_group, read.oca_type) == ("group", 1)
    assert read.rest["goodTillDate"] == "20261231 16:00:00 US/Eastern"


def test_an_algorithm_is_read_with_its_parameters() -> None:
    order = ib_async.MarketOrder("BUY", 10, algoStrategy="Vwap")
    order.algoParams = [ib_async.TagValue("maxPctVol", "0.1"), ib_async.TagValue("noTakeLiq", "1")]

    read = placed(order)

    assert read.algo == "Vwap"
    assert read.algo_params == (("maxPctVol", "0.1"), ("noTakeLiq", "1"))


@pytest.mark.parametrize("kind", CONDITIONS)
def test_an_order_with_a_condition_is_read_to_its_end(kind: Any) -> None:
    order = ib_async.StopLimitOrder("BUY", 10, 151, 150.5, conditions=[kind(), kind()])

    read = placed(order)

    assert read.rest["conditions"] == "2"
    assert read.rest["manualOrderTime"] == ""


@pytest.mark.parametrize("kind", ["PEG BENCH", "PEG BEST", "PEG MID", "VOL", "TRAIL"])
def test_orders_with_fields_of_their_own_are_read_to_their_end(kind: str) -> None:
    order = ib_async.Order(orderType=kind, action="BUY", totalQuantity=1, hedgeType="B")
    order.deltaNeutralOrderType = "LMT" if kind == "VOL" else ""
    order.scalePriceIncrement = 0.05 if kind == "TRAIL" else order.scalePriceIncrement

    assert placed(order).order_type == kind


def test_the_library_puts_infinite_offsets_behind_a_peg() -> None:
    order = ib_async.Order(orderType="PEG BEST", action="BUY", totalQuantity=1)
    order.competeAgainstBestOffset = float("inf")

    assert placed(order).rest["midOffsetAtHalf"] == ""


def test_a_combination_is_read_to_its_end() -> None:
    bag = ib_async.Contract(secType="BAG", symbol="AAPL", exchange="SMART", currency="USD")
    bag.comboLegs = [ib_async.ComboLeg(conId=1, ratio=1, action="BUY", exchange="SMART")] * 2

    assert placed(ib_async.LimitOrder("BUY", 1, 1), bag).order_type == "LMT"


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_price_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(BadFrame, match="finite"):
        placed(ib_async.LimitOrder("BUY", 10, bad))


REQUESTS: list[tuple[str, tuple[Any, ...], int]] = [
    ("cancelOrder", (5,), 5),
    ("reqOpenOrders", (), -1),
    ("reqAccountUpdates", (True, "DU1"), -1),
    ("reqExecutions", (3, ib_async.ExecutionFilter(acctCode="DU1")), 3),
    ("reqIds", (1,), -1),
    ("reqContractDetails", (4, SHARE), 4),
    ("reqAutoOpenOrders", (True,), -1),
    ("reqAllOpenOrders", (), -1),
    ("reqManagedAccts", (), -1),
    ("reqHistoricalData", (6, SHARE, "", "1 D", "1 min", "TRADES", True, 2, False, []), 6),
    ("cancelHistoricalData", (6,), 6),
    ("reqCurrentTime", (), -1),
    ("reqGlobalCancel", (), -1),
    ("reqMarketDataType", (3,), -1),
    ("reqMktData", (8, SHARE, "233,236", False, False, []), 8),
    ("cancelMktData", (8,), 8),
    ("reqPositions", (), -1),
    ("cancelPositions", (), -1),
    ("reqAccountSummary", (9, "All", "NetLiquidation"), 9),
    ("cancelAccountSummary", (9,), 9),
    ("startApi", (), 7),
    ("reqAccountUpdatesMulti", (2, "DU1", "", False), 2),
    ("cancelAccountUpdatesMulti", (2,), 2),
    ("reqMarketRule", (26,), 26),
    ("reqCompletedOrders", (False,), -1),
]


@pytest.mark.parametrize(("method", "args", "about"), REQUESTS)
def test_every_request_is_read_to_its_end(method: str, args: tuple[Any, ...], about: int) -> None:
    request = heard(method, *args)

    assert request.kind == method
    assert request.about == about


def test_every_request_that_the_gateway_reads_is_compared_with_the_library() -> None:
    assert {method for method, *_ in REQUESTS} | {"placeOrder"} == set(KINDS.values())


def test_the_words_of_a_request_are_found_by_name() -> None:
    asked = dict(zip([method for method, *_ in REQUESTS], REQUESTS, strict=True))
    bars = heard("reqHistoricalData", *asked["reqHistoricalData"][1]).words
    data = heard("reqMktData", *asked["reqMktData"][1]).words

    assert (bars["duration"], bars["size"], bars["show"]) == ("1 D", "1 min", "TRADES")
    assert (data["ticks"], data["snapshot"]) == ("233,236", "0")


def test_frames_are_found_however_they_are_cut() -> None:
    data = b"API\0" + frame(["v157..178"]) + frame(["71", "2", "1", ""]) + frame(["49", "1"])
    whole, frames = Frames(), Frames()

    piecewise = [fields for byte in data for fields in frames.feed(bytes([byte]))]

    assert piecewise == list(whole.feed(data))
    assert piecewise[-1] == ["49", "1", ""]


@pytest.mark.parametrize("data", [b"GET / HTTP", b"API\0\xff\xff\xff\xff"])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        list(Frames().feed(data))


@pytest.mark.parametrize(
    "fields", [["3", "1", ""], ["999", ""], ["49", "1", "more", ""], ["x", ""]]
)
def test_a_message_of_the_wrong_length_or_number_is_refused(fields: list[str]) -> None:
    with pytest.raises(BadFrame):
        read_request(fields)


def test_values_are_spelt_exactly() -> None:
    given: list[Value] = [Decimal("1E+3"), Decimal("150.10"), Decimal("NaN"), True, None, 7, "text"]

    assert [spelt(value) for value in given] == ["1000", "150.1", "NaN", "1", "", "7", "text"]


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(BadFrame, match="whole"):
        Reader(["1.5"]).whole()
    with pytest.raises(BadFrame, match="no number"):
        Reader(["abc"]).number()
    with pytest.raises(BadFrame, match="short"):
        Reader([]).text()
