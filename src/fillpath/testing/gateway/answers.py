"""The messages of the gateway that are not about orders, as the client's decoder reads them."""

from datetime import datetime
from decimal import Decimal

from fillpath.testing.gateway.accounts import Holding
from fillpath.testing.gateway.catalogue import ORDER_TYPES, Contract, MarketRule
from fillpath.testing.gateway.wire import Message, Value, message


def next_valid_id(number: int) -> Message:
    """Return the lowest order id that is free."""
    return message("nextValidId", -1, 9, 1, number)


def managed_accounts(accounts: tuple[str, ...]) -> Message:
    """Return the accounts of the login."""
    return message("managedAccounts", -1, 15, 1, ",".join(accounts))


def current_time(at: datetime) -> Message:
    """Return the clock."""
    return message("currentTime", -1, 49, 1, int(at.timestamp()))


def error(about: int, code: int, text: str, reject: str = "") -> Message:
    """Return an error, warning or notice."""
    return message("error", about, 4, 2, about, code, text, reject)


def contract_details(request: int, contract: Contract, exchange: str) -> Message:
    """Return one contract that fits."""
    places = contract.exchanges
    return message(
        "contractDetails",
        request,
        *(10, request, contract.symbol, contract.sec_type, "", "0", "", exchange),
        *(contract.currency, contract.symbol, contract.symbol, contract.symbol, contract.con_id),
        *(contract.min_tick, "", ORDER_TYPES, ",".join(places), 1, 0, contract.long_name),
        *(contract.primary_exchange, "", "Industry", "Category", "Subcategory"),
        *(contract.time_zone, contract.trading_hours, contract.liquid_hours, "", "", 0),
        *(1, "", "", ",".join(str(contract.rule) for _ in places), "", contract.stock_type),
        *(contract.min_size, contract.min_size, 100),
    )


def contract_details_end(request: int) -> Message:
    """Return the end of the contracts that fit."""
    return message("contractDetailsEnd", request, 52, 1, request)


def market_rule(rule: MarketRule) -> Message:
    """Return the steps of prices."""
    steps = [value for step in rule.steps for value in step]
    return message("marketRule", rule.number, 93, rule.number, len(rule.steps), *steps)


def position(account: str, contract: Contract, shares: Value, cost: Value) -> Message:
    """Return a position; the exchange is where it is listed, as the real one has it."""
    fields = _described(contract, contract.primary_exchange)
    return message("position", -1, 61, 3, account, *fields, shares, cost)


def position_end() -> Message:
    """Return the end of the positions."""
    return message("positionEnd", -1, 62, 1)


def account_value(account: str, tag: str, value: str, currency: str) -> Message:
    """Return one value of the account."""
    return message("updateAccountValue", -1, 6, 2, tag, value, currency, account)


def account_time(at: datetime) -> Message:
    """Return when the values were last worked out."""
    return message("updateAccountTime", -1, 8, 1, at.strftime("%H:%M"))


def portfolio(account: str, held: Holding, price: Decimal) -> Message:
    """Return a position with its worth."""
    places = _described(held.contract, held.contract.primary_exchange)
    worth = held.shares * price
    gain = worth - held.shares * held.cost
    sums = (held.shares, price, worth, held.cost, gain, held.realized)
    return message("updatePortfolio", -1, 7, 8, *places, *sums, account)


def account_download_end(account: str) -> Message:
    """Return the end of the account's values."""
    return message("accountDownloadEnd", -1, 54, 1, account)


def account_multi(request: int, account: str, tag: str, value: str, currency: str) -> Message:
    """Return one value of one of several accounts."""
    return message("accountUpdateMulti", request, 73, 1, request, account, "", tag, value, currency)


def account_multi_end(request: int) -> Message:
    """Return the end of the values of one of several accounts."""
    return message("accountUpdateMultiEnd", request, 74, 1, request)


def account_summary(request: int, account: str, tag: str, value: str, currency: str) -> Message:
    """Return one value of a summary."""
    return message("accountSummary", request, 63, 1, request, account, tag, value, currency)


def account_summary_end(request: int) -> Message:
    """Return the end of a summary."""
    return message("accountSummaryEnd", request, 64, 1, request)


def _described(contract: Contract, exchange: str) -> tuple[Value, ...]:
    return (
        *(contract.con_id, contract.symbol, contract.sec_type, "", "0", "", ""),
        *(exchange, contract.currency, contract.symbol, contract.symbol),
    )


__all__ = [
    "account_download_end",
    "account_multi",
    "account_multi_end",
    "account_summary",
    "account_summary_end",
    "account_time",
    "account_value",
    "contract_details",
    "contract_details_end",
    "current_time",
    "error",
    "managed_accounts",
    "market_rule",
    "next_valid_id",
    "portfolio",
    "position",
    "position_end",
]
