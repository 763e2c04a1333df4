"""A symbol that was reviewed means the contract of its number, and no other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fillpath.app_ibkr import BROKER, connection_of
from fillpath.core.errors import BrokerRefused
from fillpath.execution.broker.ibkr_contracts import Contracts
from fillpath.ibkr.connection import Connection
from fillpath.runtime.steady import SteadyClock
from fillpath.testing.gateway import Gateway
from fillpath.testing.gateway.faults import Rewrite
from tests.integration.ibkr.gateway_settings import settings_for

AAPL, MSFT = 265598, 272093


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """Yield a gateway."""
    async with Gateway() as open_gateway:
        yield open_gateway


@pytest.fixture
async def connection(gateway: Gateway, tmp_path: Path) -> AsyncIterator[Connection]:
    """Yield a connection to it."""
    found = connection_of(settings_for(gateway, tmp_path), SteadyClock(), BROKER)
    await found.start(10)
    yield found
    await found.stop()


async def test_the_number_that_was_reviewed_is_asked_for_and_ordered(
    connection: Connection,
) -> None:
    found = await Contracts(connection, con_ids={"AAPL": AAPL}).of("AAPL")

    assert found.contract.con_id == AAPL


async def test_a_number_of_another_symbol_is_ordered_under_neither(
    connection: Connection,
) -> None:
    with pytest.raises(BrokerRefused) as refused:
        await Contracts(connection, con_ids={"AAPL": MSFT}).of("AAPL")

    assert refused.value.code == "200"


async def test_an_answer_with_another_number_is_not_believed(
    gateway: Gateway, connection: Connection
) -> None:
    gateway.misbehave(Rewrite("contractDetails", fields={12: "999"}))

    with pytest.raises(BrokerRefused) as refused:
        await Contracts(connection, con_ids={"AAPL": AAPL}).of("AAPL")

    assert refused.value.code == "OTHER_CONTRACT"
