"""Read what ``placeOrder`` says, field by field, as it is written at server version 178."""

from decimal import Decimal
from typing import Final

from msgspec import Struct, field

from fillpath.testing.gateway.wire import BadFrame, Reader

_PEGGED_TO_BENCHMARK: Final = {"PEG BENCH", "PEGBENCH"}
_PEGGED_TO_BEST: Final = {"PEG BEST", "PEGBEST"}
_PEGGED_TO_MIDDLE: Final = {"PEG MID", "PEGMID"}
_CONDITION_FIELDS: Final = {1: 6, 3: 3, 4: 3, 5: 4, 6: 5, 7: 5}


class Instrument(Struct, frozen=True):
    """The contract as a client names it, fields in the order of the wire."""

    con_id: int
    symbol: str
    sec_type: str
    expiry: str
    strike: str
    right: str
    multiplier: str
    exchange: str
    primary_exchange: str
    currency: str
    local_symbol: str
    trading_class: str


class PlacedOrder(Struct, frozen=True, kw_only=True):
    """An order as a client wrote it.

    Args:
        action: BUY or SELL.
        quantity: size; None when it was left out.
        order_type: MKT, LMT, STP, ...
        limit_price: dollars; None when it was left out.
        aux_price: dollars; None when it was left out.
        tif: as written; may be empty.
        account: as written; may be empty.
        order_ref: the client's own name of it.
        transmit: False holds it back.
        parent_id: order id of the parent, 0 without one.
        outside_rth: whether it may trade outside regular hours.
        oca_group: what links it to others.
        oca_type: how.
        algo: name of the algorithm, empty without one.
        algo_params: its parameters.
        what_if: whether only margin is asked for.
        rest: every other field, by the library's name, as written.
    """

    action: str
    quantity: Decimal | None
    order_type: str
    limit_price: Decimal | None
    aux_price: Decimal | None
    tif: str
    account: str
    order_ref: str = ""
    transmit: bool = True
    parent_id: int = 0
    outside_rth: bool = False
    oca_group: str = ""
    oca_type: int = 0
    algo: str = ""
    algo_params: tuple[tuple[str, str], ...] = ()
    what_if: bool = False
    rest: dict[str, str] = field(default_factory=dict)


def read_instrument(reader: Reader) -> Instrument:
    """Return the twelve fields of a contract.

    Raises:
        BadFrame: one is missing or no number where it has to be.
    """
    return Instrument(reader.whole(), *reader.texts(11))


def read_placed(reader: Reader) -> tuple[Instrument, PlacedOrder]:
    """Return contract and order of a ``placeOrder``, without its number and id.

    Raises:
        BadFrame: a field is missing, or is no finite number where it has to be.
    """
    instrument = read_instrument(reader)
    rest = dict(zip(("secIdType", "secId"), reader.texts(2), strict=True))
    words = _Words(reader, rest)
    words.take(
        "action totalQuantity orderType lmtPrice auxPrice tif ocaGroup account openClose origin"
        " orderRef transmit parentId blockOrder sweepToFill displaySize triggerMethod outsideRth"
        " hidden"
    )
    if instrument.sec_type == "BAG":
        _skip_legs(reader)
    words.take(
        "sharesAllocation discretionaryAmt goodAfterTime goodTillDate faGroup faMethod"
        " faPercentage modelCode shortSaleSlot designatedLocation exemptCode ocaType rule80A"
        " settlingFirm allOrNone minQty percentOffset eTradeOnly firmQuoteOnly nbboPriceCap"
        " auctionStrategy startingPrice stockRefPrice delta stockRangeLower stockRangeUpper"
        " overridePercentageConstraints volatility volatilityType deltaNeutralOrderType"
        " deltaNeutralAuxPrice"
    )
    if rest["deltaNeutralOrderType"]:
        reader.texts(8)
    algo_params = _read_middle(words, reader)
    _read_end(words, reader, instrument.exchange)
    return instrument, _order(rest, algo_params)


class _Words:
    """Take named texts in their order."""

    def __init__(self, reader: Reader, found: dict[str, str]) -> None:
        self.found = found
        self._reader = reader

    def take(self, names: str) -> None:
        for name in names.split():
            self.found[name] = self._reader.text()


def _skip_legs(reader: Reader) -> None:
    reader.texts(8 * reader.whole())
    reader.texts(reader.whole())
    reader.texts(2 * reader.whole())


def _read_middle(words: _Words, reader: Reader) -> tuple[tuple[str, str], ...]:
    """Take what stands between volatility and conditions; return an algorithm's parameters."""
    words.take(
        "continuousUpdate referencePriceType trailStopPrice trailingPercent scaleInitLevelSize"
        " scaleSubsLevelSize scalePriceIncrement"
    )
    if Decimal(words.found["scalePriceIncrement"] or 0) > 0:
        reader.texts(7)
    words.take("scaleTable activeStartTime activeStopTime hedgeType")
    if words.found["hedgeType"]:
        words.take("hedgeParam")
    words.take("optOutSmartRouting clearingAccount clearingIntent notHeld")
    if reader.truth():
        reader.texts(3)
    words.take("algoStrategy")
    if not words.found["algoStrategy"]:
        return ()
    return tuple((reader.text(), reader.text()) for _ in range(reader.whole()))


def _read_end(words: _Words, reader: Reader, exchange: str) -> None:
    words.take("algoId whatIf orderMiscOptions solicited randomizeSize randomizePrice")
    order_type = words.found["orderType"]
    if order_type in _PEGGED_TO_BENCHMARK:
        reader.texts(5)
    _skip_conditions(words, reader)
    words.take(
        "adjustedOrderType triggerPrice lmtPriceOffset adjustedStopPrice adjustedStopLimitPrice"
        " adjustedTrailingAmount adjustableTrailingUnit extOperator softDollarTierName"
        " softDollarTierValue cashQty mifid2DecisionMaker mifid2DecisionAlgo"
        " mifid2ExecutionTrader mifid2ExecutionAlgo dontUseAutoPriceForHedge isOmsContainer"
        " discretionaryUpToLimitPrice usePriceMgmtAlgo duration postToAts autoCancelParent"
        " advancedErrorOverride manualOrderTime"
    )
    if exchange == "IBKRATS":
        words.take("minTradeQty")
    if order_type in _PEGGED_TO_BEST:
        words.take("minCompeteSize competeAgainstBestOffset")
        if words.found["competeAgainstBestOffset"] == "Infinite":
            words.take("midOffsetAtWhole midOffsetAtHalf")
    elif order_type in _PEGGED_TO_MIDDLE:
        words.take("midOffsetAtWhole midOffsetAtHalf")


def _skip_conditions(words: _Words, reader: Reader) -> None:
    count = reader.whole()
    words.found["conditions"] = str(count)
    for _ in range(count):
        kind = reader.whole()
        if kind not in _CONDITION_FIELDS:
            raise BadFrame(f"unknown condition {kind}")
        reader.texts(_CONDITION_FIELDS[kind])
    if count:
        words.take("conditionsIgnoreRth conditionsCancelOrder")


def _order(found: dict[str, str], algo_params: tuple[tuple[str, str], ...]) -> PlacedOrder:
    def take(name: str) -> Reader:
        return Reader([found.pop(name)])

    return PlacedOrder(
        action=take("action").text(),
        quantity=take("totalQuantity").number(),
        order_type=take("orderType").text(),
        limit_price=take("lmtPrice").number(),
        aux_price=take("auxPrice").number(),
        tif=take("tif").text(),
        account=take("account").text(),
        order_ref=take("orderRef").text(),
        transmit=take("transmit").truth(),
        parent_id=take("parentId").whole(),
        outside_rth=take("outsideRth").truth(),
        oca_group=take("ocaGroup").text(),
        oca_type=take("ocaType").whole(),
        algo=take("algoStrategy").text(),
        algo_params=algo_params,
        what_if=take("whatIf").truth(),
        rest=found,
    )


__all__ = ["Instrument", "PlacedOrder", "read_instrument", "read_placed"]
