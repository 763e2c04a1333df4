"""No order id is ever given twice, whatever the gateway believes."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused
from fillpath.ibkr.heard import Executed, Greeted, Heard, StatusShown
from fillpath.ibkr.numbering import FIRST_REQUEST, Numbering
from tests.unit.ibkr.scene import CLIENT, shown

STATUS = StatusShown(
    order_id=60,
    client_id=CLIENT,
    perm_id=1,
    parent_id=0,
    status="Filled",
    filled=Decimal(1),
    remaining=Decimal(0),
    average_price=None,
)
EXECUTED = Executed(
    request=-1,
    exec_id="0001.01",
    order_id=60,
    client_id=CLIENT,
    perm_id=1,
    order_ref="",
    account="DU1",
    con_id=1,
    symbol="AAPL",
    side="BOT",
    shares=Decimal(1),
    price=Decimal(1),
    traded_at=None,
)


@pytest.mark.parametrize(
    "news", [Greeted(178, ("DU1",), 61), shown(60), STATUS, EXECUTED], ids=type
)
def test_the_next_order_id_is_above_everything_that_was_seen(news: Heard) -> None:
    numbering = Numbering(CLIENT)

    numbering.hear(news)

    assert [numbering.next_order(), numbering.next_order()] == [61, 62]


@pytest.mark.parametrize("news", [shown(60, client_id=0), replace(STATUS, client_id=7)])
def test_the_ids_of_other_programs_do_not_matter(news: Heard) -> None:
    numbering = Numbering(CLIENT)

    numbering.hear(news)

    assert numbering.next_order() == 1


@pytest.mark.fault("F-55")
def test_ids_never_fall_when_the_gateway_begins_again() -> None:
    numbering = Numbering(CLIENT)
    numbering.saw(500)

    numbering.hear(Greeted(178, ("DU1",), 1))

    assert numbering.next_order() == 501


def test_requests_are_numbered_where_no_order_is() -> None:
    numbering = Numbering(CLIENT)
    numbering.saw(FIRST_REQUEST + 7)

    assert numbering.next_request() == FIRST_REQUEST
    assert numbering.next_request() == FIRST_REQUEST + 1
    assert numbering.next_order() == 1


def test_when_no_order_id_is_left_the_next_order_is_refused() -> None:
    numbering = Numbering(CLIENT)
    numbering.saw(FIRST_REQUEST - 1)

    with pytest.raises(BrokerRefused, match="ORDER_IDS_EXHAUSTED"):
        numbering.next_order()
