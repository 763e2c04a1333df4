"""A gateway of Interactive Brokers on a stage: the real command beside it, that is killed and restarted.

The gateway is the fake one, in the process of the test, which can look into it and misdirect it; the
engine is ``fillpath run`` in a process of its own, over a real socket.
"""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from fillpath.app_live import STORE
from fillpath.core.errors import ConfigError, FillpathError, Unavailable
from fillpath.service.control import ask
from fillpath.service.status import State, Status, read_status
from fillpath.settings import RISK_FILE
from fillpath.testing.gateway import Gateway, Setup
from fillpath.testing.gateway.records import GatewayOrder
from tests.integration.ibkr.bars import with_history
from tests.proc.stage import POLL_SECONDS, Process, until

ACCOUNT = "DU1"
PRICE = Decimal("189.55")
SYMBOLS = {"AAPL": 265598, "MSFT": 272093}
BEAT_SECONDS = 0.2
SETTINGS = """
broker:
  provider: "ibkr"
  paper_trading: {paper}
  on_connect_failure: "{on_failure}"
  ibkr:
    port: {port}
    account_id: "{account}"
    start_seconds: 10
    connect_seconds: 3
    answer_seconds: 5
engine:
  folder: "{folder}"
  health_port: 0
  hours: "always"
  symbols: "AAPL,MSFT"
  resume_delay_seconds: 0
{more}
"""
LIMITS = """
permissions: {file: permissions.yaml, instruments_file: instruments.csv}
"""
PERMISSIONS = """
trend:
  symbols: [AAPL, MSFT]
  sides: "*"
  order_types: "*"
"""


class GatewayStage:
    """A gateway with a market that moves, and a place for engines.

    Args:
        folder: where everything is kept.
        more: further settings, YAML.
        setup: accounts of the gateway.
        account: that the settings name.
        on_failure: what a failed connection at the start does.
        paper: whether the settings are for paper trading.
    """

    def __init__(
        self,
        folder: Path,
        more: str = "",
        *,
        setup: Setup | None = None,
        account: str = ACCOUNT,
        on_failure: str = "halt",
        paper: bool = True,
    ) -> None:
        self.folder = folder
        self.data = folder / "d"  # the path of a socket is short
        self.gateway = Gateway(setup or Setup(accounts=(ACCOUNT,)))
        self.settings = folder / "fillpath.yaml"
        self._words = {
            "more": more,
            "account": account,
            "on_failure": on_failure,
            "paper": str(paper).lower(),
            "folder": str(self.data),
        }
        self.account = self.data / account
        self._log = folder / "engine.log"
        self._processes: list[Process] = []
        self._market: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.gateway.start()
        self.write_settings(self.gateway.port)
        with_history(self.gateway, *SYMBOLS, price=str(PRICE))
        self._market = asyncio.get_running_loop().create_task(self._move())
        return self

    async def __aexit__(self, *problem: object) -> None:
        if self._market is not None:
            self._market.cancel()
            with suppress(asyncio.CancelledError):
                await self._market
        for process in self._processes:
            await process.kill()
        await self.gateway.stop()

    def write_settings(self, port: int) -> None:
        """Write the files that a user would have written."""
        self.settings.write_text(SETTINGS.format(port=port, **self._words))
        self.settings.with_name(RISK_FILE).write_text(LIMITS)
        self.settings.with_name("permissions.yaml").write_text(PERMISSIONS)
        rows = [f"{name},{number},liquid,USD,NASDAQ" for name, number in SYMBOLS.items()]
        head = "symbol,con_id,class,currency,primary_exchange"
        self.settings.with_name("instruments.csv").write_text("\n".join([head, *rows, ""]))

    def engine(self, variables: Mapping[str, str] | None = None) -> Process:
        """Return ``fillpath run``, not started yet."""
        return self.command("run", "--settings", str(self.settings), variables=variables)

    def command(self, *words: str, variables: Mapping[str, str] | None = None) -> Process:
        """Return a command of ``fillpath``, not started yet."""
        process = Process("fillpath", words, self._log, variables or {})
        self._processes.append(process)
        return process

    async def trading(self) -> Process:
        """Start an engine and return it once it trades on fresh quotes."""
        engine = self.engine()
        await engine.spawn()
        await until(lambda: self.trades(engine), "the engine trades")
        return engine

    async def trades(self, engine: Process) -> bool:
        """Return whether an engine trades and has a quote of each symbol."""
        assert engine.alive, engine.last_words()
        with suppress(FillpathError):
            status = await self.status()
            quotes = {part.name: part for part in status.parts}.get("quotes")
            ready = quotes is not None and int(quotes.detail.split()[0]) >= len(SYMBOLS)
            return status.pid == engine.process.pid and status.state is State.TRADING and ready
        return False

    async def ask(self, act: str, **words: Any) -> Any:
        """Ask the engine through its own socket."""
        return await ask(self.account, {"do": act, **words}, 10.0)

    async def status(self) -> Status:
        """Return how the engine is."""
        return read_status((await self.ask("status"))["status"].encode())

    async def signal(self, name: str, symbol: str = "AAPL", **words: Any) -> dict[str, Any]:
        """Send a signal until an engine has taken it."""
        message = {"v": 1, "signal_id": name, "symbol": symbol, "direction": "LONG"}
        message |= {"strength": "0.95", "strategy_name": "trend", "metadata": {"quantity": "10"}}
        message |= words
        while True:
            try:
                answer: dict[str, Any] = await self.ask("signal", signal=json.dumps(message))
            except (Unavailable, ConfigError):
                await asyncio.sleep(POLL_SECONDS)
            else:
                return answer

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table, as far as it is there."""
        path = self.account / STORE
        with (
            suppress(sqlite3.OperationalError),  # neither file nor table are there from the start
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database,
        ):
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(f"SELECT * FROM {table}")]  # noqa: S608
        return []

    def log(self) -> str:
        """Return what the engines have written on their standard error."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def working(self) -> list[GatewayOrder]:
        """Return the orders that work at the gateway."""
        return [order for order in self.gateway.orders if order.is_open]

    def shares(self, symbol: str = "AAPL", account: str = ACCOUNT) -> Decimal:
        """Return what the account holds at the gateway."""
        holdings = self.gateway.accounts[account].holdings
        held = holdings.get(SYMBOLS[symbol])
        return Decimal(0) if held is None else held.shares

    async def _move(self) -> None:
        """Move the market a little, so that its quotes are fresh."""
        size = 500
        while True:
            size = 1_001 - size
            for symbol in SYMBOLS:
                touch = Decimal("0.05")
                self.gateway.quote(
                    symbol, PRICE - touch, PRICE + touch, bid_size=size, ask_size=size, last=PRICE
                )
            self.gateway.quote("VIX", None, None, last=15 + size / 1_000)
            await asyncio.sleep(BEAT_SECONDS)
