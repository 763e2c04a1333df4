"""Bars, volumes, facts and the account over a real socket."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath.core.errors import BrokerRefused, Refused
from fillpath.core.markets import ReferenceSeen
from fillpath.core.reports import AccountReported
from fillpath.core.units import money_units, price_units
from fillpath.ibkr.account_values import MARGIN
from fillpath.testing.gateway import Contract, Gateway, Setup, faults
from fillpath.testing.gateway.catalogue import CONTRACTS
from tests.integration.ibkr.data_room import DATA_ID, Room, daily


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    twins = (
        Contract(symbol="TWIN", con_id=1, primary_exchange="NYSE"),
        Contract(symbol="TWIN", con_id=2, primary_exchange="ARCA"),
    )
    async with Gateway(Setup(contracts=(*CONTRACTS, *twins))) as running:
        running.history.set("AAPL", "1 day", daily())
        yield running


@pytest.fixture
async def room(gateway: Gateway, tmp_path: Path) -> AsyncIterator[Room]:
    """Yield a room whose data adapter is connected."""
    room = Room(gateway, tmp_path)
    await room.data_line.start()
    yield room
    await room.data_line.stop()


async def test_the_average_volume_of_twenty_sessions_is_in_shares(
    gateway: Gateway, room: Room
) -> None:
    adv = await room.data.get_adv("AAPL")

    words = gateway.log.requests("reqHistoricalData")[0].words
    assert adv == Decimal(1_000_000)
    assert (words["regular"], words["show"], words["keep"]) == ("1", "TRADES", "0")
    assert gateway.clients == [DATA_ID]


async def test_bars_are_asked_for_once_a_day_whatever_restarts(
    gateway: Gateway, room: Room, tmp_path: Path
) -> None:
    await room.data.daily_bars("AAPL")
    again = Room(gateway, tmp_path)
    again.data_line = room.data_line
    await room.data.daily_bars("AAPL")

    assert gateway.log.count("reqHistoricalData") == 1


@pytest.mark.fault("F-83")
async def test_too_few_sessions_are_no_average(gateway: Gateway, room: Room) -> None:
    gateway.history.set("AAPL", "1 day", daily(19))

    with pytest.raises(Refused, match="AAPL has 19 daily bars, 20 are needed"):
        await room.data.get_adv("AAPL")


async def test_no_bars_at_all_are_refused_by_the_vendors_number(room: Room) -> None:
    with pytest.raises(BrokerRefused, match="162"):
        await room.data.daily_bars("MSFT")


async def test_two_contracts_of_one_name_are_nobodys_guess(room: Room) -> None:
    with pytest.raises(BrokerRefused, match="TWIN may be any of"):
        await room.data.contract("TWIN")


async def test_symbols_in_use_are_looked_up_and_told(gateway: Gateway, room: Room) -> None:
    gateway.history.set("AAPL", "1 day", daily(low=Decimal(90)))
    room.feed.follow("AAPL")
    await room.data.look()

    fact = room.engine.facts[0]
    assert isinstance(fact, ReferenceSeen)
    assert (fact.con_id, fact.exchange, fact.currency) == (265598, "NASDAQ", "USD")
    assert fact.prior_close == price_units(Decimal(101))
    assert await room.feed.get_adv("AAPL") == Decimal(1_000_000)


async def test_a_socket_that_breaks_amid_a_question_is_asked_again(
    gateway: Gateway, tmp_path: Path
) -> None:
    room = Room(gateway, tmp_path)
    gateway.misbehave(faults.CutBefore("reqHistoricalData"))
    room.feed.follow("AAPL")
    async with room.running(room.data.run):
        await room.until(lambda: room.feed.view("AAPL").adv is not None)

    assert "REFERENCE_MISSING" in room.told.codes


@pytest.mark.fault("F-61")
async def test_the_account_is_told_as_the_broker_has_it(gateway: Gateway, room: Room) -> None:
    account = gateway.accounts["DU1234567"]
    account.said.update({"DayTradesRemaining": "-1", "SettledCash": "40000"})
    await room.account.report()

    fact = room.engine.facts[-1]
    worth = money_units(Decimal(100_000))
    assert fact == AccountReported(fact.at, worth, money_units(Decimal(40_000)), -1, worth, MARGIN)


@pytest.mark.fault("F-61")
@pytest.mark.parametrize("said", ["NaN", "0", "0.00", "1.7976931348623157E308", "", None])
async def test_a_worth_that_cannot_be_is_told_as_unknown(
    gateway: Gateway, room: Room, said: str | None
) -> None:
    gateway.accounts["DU1234567"].said["NetLiquidation"] = said
    known = await room.account.report()

    fact = room.engine.facts[-1]
    assert not known
    assert isinstance(fact, AccountReported)
    assert fact.equity is None
    assert room.told.codes == ["ACCOUNT_UNKNOWN"]


@pytest.mark.fault("F-61")
async def test_an_account_that_counts_in_euros_has_no_worth_here(
    gateway: Gateway, room: Room
) -> None:
    gateway.accounts["DU1234567"].currency = "EUR"
    await room.account.report()

    fact = room.engine.facts[-1]
    assert isinstance(fact, AccountReported)
    assert fact.equity is None


@pytest.mark.fault("F-61")
async def test_values_that_never_come_are_no_report(gateway: Gateway, tmp_path: Path) -> None:
    room = Room(gateway, tmp_path)
    await room.data_line.start()
    gateway.go_deaf()
    known = await room.account.report()
    await room.data_line.stop()

    assert not known
    assert room.engine.facts == []
