"""The contract behind a symbol, asked for once and pinned by the vendor's number."""

from fillpath.core.errors import BrokerRefused
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.forms import ContractForm
from fillpath.ibkr.heard import ContractFound
from fillpath.ibkr.symbols import our_symbol, vendor_symbol
from fillpath.ibkr.words import Instrument, instrument

SMART = "SMART"


class Contracts:
    """Ask the gateway what a symbol is; what it said holds until ``forget``.

    Args:
        connection: to the gateway.
        primary: the exchange that a symbol is listed on, where a ticker alone means several.
        con_ids: numbers of reviewed contracts; a symbol that has one means no other contract.
    """

    def __init__(
        self,
        connection: Connection,
        primary: dict[str, str] | None = None,
        con_ids: dict[str, int] | None = None,
    ) -> None:
        self._connection = connection
        self._primary = primary or {}
        self._con_ids = con_ids or {}
        self._known: dict[str, Instrument] = {}

    def forget(self) -> None:
        """Ask again from now on: after a night, rules and even numbers may be others."""
        self._known.clear()

    async def of(self, symbol: str) -> Instrument:
        """Return the contract of a symbol with the steps of its prices.

        Raises:
            BrokerRefused: there is none, or more than one, or none that may be traded.
            Unavailable: the gateway did not answer.
        """
        known = self._known.get(symbol)
        if known is None:
            known = self._known[symbol] = await self._ask(symbol)
        return known

    async def _ask(self, symbol: str) -> Instrument:
        con_id, primary = self._con_ids.get(symbol, 0), self._primary.get(symbol, "")
        asked = ContractForm(vendor_symbol(symbol), con_id=con_id, primary_exchange=primary)
        one = the_one(symbol, await self._connection.contract(asked))
        if con_id not in {0, one.con_id}:
            text = f"the reviewed number of {symbol} is {con_id}, the gateway says {one.con_id}"
            raise BrokerRefused("OTHER_CONTRACT", text)
        rules = dict(zip(one.exchanges, one.rules, strict=False))
        number = rules.get(SMART)
        return instrument(one, None if number is None else await self._connection.rule(number))


def the_one(symbol: str, found: tuple[ContractFound, ...]) -> ContractFound:
    """Return the contract that a symbol means.

    Raises:
        BrokerRefused: none of that name was found, or several different ones were.
    """
    fitting = {one.con_id: one for one in found if our_symbol(one.symbol) == symbol}
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    if not fitting:
        raise BrokerRefused("NO_CONTRACT", f"the gateway knows no contract of {symbol}")
    places = ", ".join(
        sorted(f"{one.con_id} on {one.primary_exchange}" for one in fitting.values())
    )
    text = f"{symbol} must mean one contract, got {places}; name its primary exchange"
    raise BrokerRefused("AMBIGUOUS_CONTRACT", text)


__all__ = ["Contracts", "the_one"]
