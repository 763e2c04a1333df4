"""The subscriptions of one connection: made once, made again after every loss, ended when unused."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.contracts import VOLATILITY, choose, form_of, question
from fillpath.ibkr.forms import ContractForm
from fillpath.ibkr.heard import DataKind, Said, Ticked
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.states import Because, State
from fillpath.ibkr.ticking import LIVE, Stream, forget, refuse, renew

GENERIC_TICKS: Final = "236"
"""Asks for what can be borrowed; halts, sizes and volume come unasked."""
INDEX: Final = VOLATILITY.symbol
_EARLY: Final = 2_000
_NO_NUMBERS: Final[Mapping[str, int]] = MappingProxyType({})

News = Ticked | DataKind | Said


class Streams:
    """Keep one subscription of each wanted symbol alive on one connection.

    Args:
        connection: whose requests these are.
        news: takes what is said about a subscription, with its stream.
        changed: takes the symbol of a stream that has begun or ended, or believes nothing any more.
        con_ids: numbers of reviewed contracts by symbol.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        news: Callable[[Stream, News], None],
        changed: Callable[[str], None],
        con_ids: Mapping[str, int] = _NO_NUMBERS,
    ) -> None:
        self.every: dict[str, Stream] = {}
        self.missing = asyncio.Event()
        self._connection = connection
        self._news = news
        self._changed = changed
        self._con_ids = con_ids
        self._forms: dict[str, ContractForm] = {INDEX: VOLATILITY}
        self._by_request: dict[int, Stream] = {}
        self._requests: dict[str, int] = {}
        self._unwanted: list[int] = []
        self._early: list[News] | None = None
        self._turn = asyncio.Lock()
        connection.reconcile_with(self.again)

    def want(self, symbol: str) -> None:
        """Subscribe a symbol as soon as that can be."""
        if symbol not in self.every:
            self.every[symbol] = Stream(symbol)
            self.missing.set()

    def drop(self, symbol: str) -> None:
        """End a subscription; what it said is not believed any more."""
        stream = self.every.pop(symbol, None)
        if stream is not None:
            self._leave(symbol)
            self._changed(symbol)

    def renew(self, symbol: str) -> None:
        """Subscribe anew, so that everything is told again."""
        stream = self.every[symbol]
        self._leave(symbol)
        renew(stream)
        self._changed(symbol)

    def hear(self, news: News) -> None:
        """Hand what is said about a subscription to whom it concerns; all else is left alone."""
        request = news.about if isinstance(news, Said) else news.request
        stream = self._by_request.get(request)
        if stream is not None:
            self._news(stream, news)
        elif self._early is not None and len(self._early) < _EARLY:
            self._early.append(news)  # its request is being made, and its number not yet known

    def doubt(self) -> None:
        """Believe nothing that any subscription has said so far; they stay."""
        for symbol, stream in self.every.items():
            forget(stream)
            self._changed(symbol)

    def lost(self) -> None:
        """Take that the line is gone, and every subscription with it."""
        self._by_request.clear()
        self._requests.clear()
        self._unwanted.clear()
        self.doubt()

    async def serve(self) -> None:
        """Make the subscriptions that are missing, and end those that nobody wants."""
        self.missing.clear()  # also while nothing can be done, or who waits for it would never rest
        if self._connection.state is not State.TRADING:
            return
        with suppress(NotSent):  # the next connection makes all of them anew
            async with self._turn:
                await self._end_unwanted()
                for symbol in list(self.every):
                    with suppress(Unavailable):  # one that nobody knows keeps back no other
                        await self._subscribe(symbol)

    async def again(self, because: Because) -> None:
        """Make every subscription anew after a connection, or after the vendor has lost them.

        Raises:
            Unavailable: the line broke meanwhile.
        """
        if because is Because.DATA_KEPT:
            return
        async with self._turn:
            self._unwanted.extend(self._by_request if because is Because.DATA_LOST else ())
            self._by_request.clear()
            self._requests.clear()
            for symbol, stream in self.every.items():
                renew(stream)
                self._changed(symbol)
            try:
                await self._connection.data_kind(LIVE)
                await self._end_unwanted()
                for symbol in [one for one in self.every if one in self._forms]:
                    await self._subscribe(symbol)
            except NotSent as error:
                raise Unavailable(str(error)) from error
            self.missing.set()

    def _leave(self, symbol: str) -> None:
        request = self._requests.pop(symbol, None)
        if request is not None:
            del self._by_request[request]
            self._unwanted.append(request)
        self.missing.set()

    async def _end_unwanted(self) -> None:
        while self._unwanted:
            await self._connection.stop_stream(self._unwanted[-1])
            self._unwanted.pop()

    async def _subscribe(self, symbol: str) -> None:
        stream = self.every.get(symbol)
        if stream is None or stream.refused or symbol in self._requests:
            return
        try:
            form = await self._form(symbol)
        except BrokerRefused as error:
            refuse(stream, str(error))
            self._news(stream, Said(-1, 200, error.text))
            return
        self._early = []
        try:
            request = await self._connection.stream(form, "" if symbol == INDEX else GENERIC_TICKS)
        finally:
            early, self._early = self._early, None
        if self.every.get(symbol) is not stream:
            self._unwanted.append(request)
            return
        self._requests[symbol] = request
        self._by_request[request] = stream
        for news in early:
            self.hear(news)

    async def _form(self, symbol: str) -> ContractForm:
        form = self._forms.get(symbol)
        if form is None:
            con_id = self._con_ids.get(symbol, 0)
            found = await self._connection.contract(question(symbol, con_id))
            form = self._forms[symbol] = form_of(choose(symbol, found, con_id))
        return form


__all__ = ["GENERIC_TICKS", "INDEX", "News", "Streams"]
