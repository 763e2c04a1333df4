"""The vendor's own objects, made of our forms and read into what was heard.

The library is handed in: who imports it is `session.py` alone.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType, ModuleType
from typing import Any, Final

from fillpath.core.errors import BrokerRefused
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import ContractFound, Heard, MarginShown, OrderShown
from fillpath.ibkr.messages import COMPLETED_ORDER, CONTRACT, OPEN_ORDER
from fillpath.ibkr.numbers import exact, told_amount, whole

LONG_NAME: Final = 19
"""Place of a contract's name: the library reads it as a program text, which a name is not."""
BREAKS: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What the library raises when a message is not what its number promises."""


class Caught:
    """Stand where the library's own state would be, and keep nothing but the last message."""

    def __init__(self) -> None:
        self.long_name = ""
        self._news: list[Heard] = []

    def taken(self) -> tuple[Heard, ...]:
        """Return what the last message said."""
        news = tuple(self._news)
        self._news.clear()
        return news

    def connectAck(self) -> None:  # noqa: N802  # the library's name
        """Be told of the handshake."""

    def openOrder(self, order_id: int, contract: Any, order: Any, state: Any) -> None:  # noqa: N802  # the library's name
        """Be told of an open order, or of what one would be that was only asked about."""
        if order.whatIf:
            self._news.append(_margin(order_id, state))
            return
        self._news.append(
            OrderShown(
                order_id=order_id,
                client_id=order.clientId,
                parent_id=order.parentId,
                warning=state.warningText,
                **_shown(contract, order, state),
            )
        )

    def completedOrder(self, contract: Any, order: Any, state: Any) -> None:  # noqa: N802  # the library's name
        """Be told of an order that has ended."""
        self._news.append(
            OrderShown(
                order_id=0,
                client_id=order.clientId,
                completed=True,
                completed_status=state.completedStatus,
                filled=exact(order.filledQuantity),
                **_shown(contract, order, state),
            )
        )

    def contractDetails(self, request: int, details: Any) -> None:  # noqa: N802  # the library's name
        """Be told of a contract."""
        contract = details.contract
        self._news.append(
            ContractFound(
                request=request,
                con_id=contract.conId,
                symbol=contract.symbol,
                sec_type=contract.secType,
                exchange=contract.exchange,
                primary_exchange=contract.primaryExchange,
                currency=contract.currency,
                min_tick=_positive(details.minTick),
                exchanges=_listed(details.validExchanges),
                rules=tuple(map(whole, _listed(details.marketRuleIds))),
                stock_type=details.stockType,
                long_name=self.long_name,
                trading_hours=details.tradingHours,
                liquid_hours=details.liquidHours,
                time_zone=details.timeZoneId,
                min_size=_positive(details.minSize),
                size_increment=_positive(details.sizeIncrement),
                order_types=_listed(details.orderTypes),
            )
        )


LONG: Final[Mapping[int, str]] = MappingProxyType(
    {OPEN_ORDER: "openOrder", CONTRACT: "contractDetails", COMPLETED_ORDER: "completedOrder"}
)


def _shown(contract: Any, order: Any, state: Any) -> dict[str, Any]:
    """Return what open and completed orders have in common."""
    return {
        "perm_id": order.permId,
        "order_ref": order.orderRef,
        "account": order.account,
        "con_id": contract.conId,
        "symbol": contract.symbol,
        "sec_type": contract.secType,
        "action": order.action,
        "quantity": exact(order.totalQuantity) or Decimal(0),
        "order_type": order.orderType,
        "limit_price": _positive(order.lmtPrice),
        "aux_price": _positive(order.auxPrice),
        "tif": order.tif,
        "outside_rth": order.outsideRth,
        "oca_group": order.ocaGroup,
        "oca_type": order.ocaType,
        "status": state.status,
    }


def _margin(order_id: int, state: Any) -> MarginShown:
    """Return the amounts of a what-if; the library leaves them as the texts that they are."""
    return MarginShown(
        order_id=order_id,
        init_before=told_amount(state.initMarginBefore),
        init_change=told_amount(state.initMarginChange),
        maint_before=told_amount(state.maintMarginBefore),
        maint_change=told_amount(state.maintMarginChange),
        equity_before=told_amount(state.equityWithLoanBefore),
        equity_after=told_amount(state.equityWithLoanAfter),
        warning=state.warningText,
    )


def _positive(value: float) -> Decimal | None:
    """Return a price or a size; 0 is how the vendor spells that there is none."""
    found = exact(value)
    return found if found is not None and found > 0 else None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(",") if one)


def order_of(library: ModuleType, form: OrderForm) -> Any:
    """Return the library's order.

    Raises:
        BrokerRefused: a field that cannot be put into a message.
    """
    order = library.Order(
        action=plain_text(form.action, "action"),
        totalQuantity=amount(form.quantity, "quantity"),
        orderType=plain_text(form.order_type, "order_type"),
        tif=plain_text(form.tif, "tif"),
        goodTillDate=plain_text(form.good_till, "good_till"),
        outsideRth=form.outside_rth,
        account=plain_text(form.account, "account"),
        orderRef=plain_text(form.order_ref, "order_ref"),
        ocaGroup=plain_text(form.oca_group, "oca_group"),
        ocaType=form.oca_type,
        parentId=form.parent_id,
        transmit=form.transmit,
        whatIf=form.what_if,
        algoStrategy=plain_text(form.algo, "algo"),
        algoParams=[
            library.TagValue(plain_text(name, "algo_params"), plain_text(value, "algo_params"))
            for name, value in form.algo_params
        ],
    )
    if form.limit_price is not None:
        order.lmtPrice = amount(form.limit_price, "limit_price")
    if form.aux_price is not None:
        order.auxPrice = amount(form.aux_price, "aux_price")
    return order


def contract_of(library: ModuleType, form: ContractForm) -> Any:
    """Return the library's contract.

    Raises:
        BrokerRefused: a field that cannot be put into a message.
    """
    return library.Contract(
        conId=form.con_id,
        symbol=plain_text(form.symbol, "symbol"),
        exchange=plain_text(form.exchange, "exchange"),
        primaryExchange=plain_text(form.primary_exchange, "primary_exchange"),
        currency=plain_text(form.currency, "currency"),
        secType=plain_text(form.sec_type, "sec_type"),
    )


def plain_text(value: str, name: str) -> str:
    """Return a text that cannot be taken for several fields.

    Raises:
        BrokerRefused: it can.
    """
    if "\0" in value:
        raise BrokerRefused("BAD_FIELD", f"{name} must not hold a zero byte, got {value!r}")
    return value


def amount(value: Decimal, name: str) -> str:
    """Return a price or a quantity as it goes on the wire, exactly.

    Raises:
        BrokerRefused: it is not above 0 and finite.
    """
    if not value.is_finite() or value <= 0:
        raise BrokerRefused("BAD_FIELD", f"{name} must be above 0 and finite, got {value}")
    return format(value.normalize(), "f")


__all__ = [
    "BREAKS",
    "LONG",
    "LONG_NAME",
    "Caught",
    "amount",
    "contract_of",
    "order_of",
    "plain_text",
]
