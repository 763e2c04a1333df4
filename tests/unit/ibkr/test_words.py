"""Our orders in the gateway's words, and back; nothing that cannot be is sent."""

from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused
from fillpath.core.models import Order, OrderSide, OrderType, TimeInForce
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.sides import SIDES
from fillpath.ibkr.words import (
    OUR_TIMES,
    OUR_TYPES,
    TIMES,
    TYPES,
    changed,
    form_of,
    instrument,
    whole_shares,
)
from tests.unit.ibkr.contracts import AAPL, FOUND, RULE, STEPS, form, order

BUY: Final = OrderSide.BUY
SELL: Final = OrderSide.SELL


def test_a_market_order_says_every_field() -> None:
    assert form(stop_price="147") == OrderForm(
        order_id=7,
        contract=ContractForm("AAPL", 265598, "SMART", "NASDAQ", "USD", "STK"),
        action="BUY",
        quantity=Decimal(100),
        order_type="MKT",
        limit_price=None,
        aux_price=None,
        tif="DAY",
        good_till="",
        outside_rth=False,
        account="DU1",
        order_ref="trend/sig-1",
        oca_group="",
        oca_type=0,
        parent_id=0,
        transmit=True,
        algo="",
        algo_params=(),
    )


# Written from the specification: our type, the vendor's word, whether it has a limit, a trigger.
KINDS: Final = [
    (OrderType.MARKET, "MKT", False, False),
    (OrderType.LIMIT, "LMT", True, False),
    (OrderType.STOP, "STP", False, True),
    (OrderType.STOP_LIMIT, "STP LMT", True, True),
]


@pytest.mark.parametrize(("kind", "word", "limited", "triggered"), KINDS)
@pytest.mark.parametrize("side", OrderSide)
def test_a_type_has_its_word_and_its_prices(
    kind: OrderType, word: str, side: OrderSide, *, limited: bool, triggered: bool
) -> None:
    sent = form(side=side, order_type=kind, limit_price="150.254", stop_price="149.996")

    limit, trigger = ("150.25", "149.99") if side is BUY else ("150.26", "150")
    assert (sent.action, sent.order_type) == (side.value, word)
    assert sent.limit_price == (Decimal(limit) if limited else None)
    assert sent.aux_price == (Decimal(trigger) if triggered else None)
    assert OUR_TYPES[word] is kind


def test_every_type_and_time_of_ours_has_a_word_that_means_it() -> None:
    assert {kind: OUR_TYPES[word] for kind, word in TYPES.items()} == {k: k for k in OrderType}
    assert {time: OUR_TIMES[word] for time, word in TIMES.items()} == {t: t for t in TimeInForce}
    assert set(TIMES.values()) == {"DAY", "GTC", "IOC", "FOK"}


@pytest.mark.parametrize(("word", "kind"), [("MOC", OrderType.MARKET), ("LOC", OrderType.LIMIT)])
def test_an_order_for_the_close_is_read_as_what_it_is(word: str, kind: OrderType) -> None:
    assert OUR_TYPES[word] is kind
    assert OUR_TIMES["OPG"] is TimeInForce.DAY


@pytest.mark.parametrize("time", TimeInForce)
def test_a_time_in_force_is_always_said(time: TimeInForce) -> None:
    assert form(time_in_force=time).tif == time.value


@pytest.mark.parametrize("time", [TimeInForce.IOC, TimeInForce.FOK])
@pytest.mark.parametrize("kind", [OrderType.STOP, OrderType.STOP_LIMIT])
def test_an_order_that_waits_for_a_trigger_cannot_be_for_this_moment_only(
    kind: OrderType, time: TimeInForce
) -> None:
    with pytest.raises(BrokerRefused, match=f"time_in_force of a {kind} order must be DAY or GTC"):
        form(order_type=kind, time_in_force=time, limit_price="1", stop_price="1")


def test_a_linked_order_names_its_group_and_the_type_that_blocks() -> None:
    sent = form(oca_group="trend/sig-1#p1")

    assert (sent.oca_group, sent.oca_type) == ("trend/sig-1#p1", 2)


class TestHours:
    @pytest.mark.parametrize("kind", [OrderType.LIMIT, OrderType.STOP_LIMIT])
    def test_a_limit_may_trade_outside_regular_hours(self, kind: OrderType) -> None:
        asked = order(order_type=kind, limit_price=150, stop_price=149)

        assert form_of(asked, 7, AAPL, "DU1", outside_rth=True).outside_rth

    @pytest.mark.parametrize("kind", [OrderType.MARKET, OrderType.STOP])
    def test_what_has_no_limit_may_not(self, kind: OrderType) -> None:
        asked = order(order_type=kind, stop_price=149)

        with pytest.raises(BrokerRefused, match=f"outside_rth must be False for a {kind} order"):
            form_of(asked, 7, AAPL, "DU1", outside_rth=True)


class TestSizes:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            ("NaN", "quantity must be finite, got 'NaN'"),
            (float("inf"), "quantity must be finite, got inf"),
            (0, "quantity must be from 1 to 10000000 shares, got 0"),
            (-5, "quantity must be from 1 to 10000000 shares, got -5"),
            ("0.5", "quantity must be from 1 to 10000000 shares, got 0.5"),
            ("100.5", "quantity must be whole shares in steps of 1, got 100.5"),
            (10_000_001, "quantity must be from 1 to 10000000 shares, got 10000001"),
            (None, "quantity must be a number, got None"),
            (True, "quantity must be a number, got True"),
        ],
    )
    def test_a_size_that_cannot_be_is_refused_by_name(self, value: Any, words: str) -> None:
        with pytest.raises(BrokerRefused) as refused:
            whole_shares(value, AAPL)

        assert (refused.value.code, refused.value.text) == ("INVALID_QUANTITY", words)

    @pytest.mark.fault("F-78")
    def test_a_fraction_of_a_share_is_refused_before_it_is_sent(self) -> None:
        with pytest.raises(BrokerRefused, match=r"must be whole shares .* got 10\.5"):
            form(quantity="10.5")

    def test_a_contract_that_trades_in_lots_is_ordered_in_lots(self) -> None:
        lots = replace(AAPL, smallest=Decimal(100), increment=Decimal(100))

        assert whole_shares(300, lots) == 300
        with pytest.raises(BrokerRefused, match="in steps of 100, got 250"):
            whole_shares(250, lots)
        with pytest.raises(BrokerRefused, match="from 100 to 10000000 shares, got 50"):
            whole_shares(50, lots)

    def test_trailing_zeros_are_not_sent(self) -> None:
        assert str(whole_shares("100.000", AAPL)) == "100"


class TestNames:
    @pytest.mark.parametrize("number", [0, -1, 2**31, True, 1.5, "7"])
    def test_an_order_id_that_cannot_be_is_refused(self, number: Any) -> None:
        with pytest.raises(BrokerRefused, match="INVALID_ORDER_ID: order_id must be from 1 to "):
            form(number)

    @pytest.mark.parametrize("account", ["", "DU 1", "DU1\0", "DÜ1", "*"])
    def test_an_account_that_cannot_be_is_refused(self, account: str) -> None:
        with pytest.raises(BrokerRefused, match="NO_ACCOUNT: account must be letters and digits"):
            form_of(order(), 7, AAPL, account)

    @pytest.mark.parametrize("name", ["", "a" * 129, "sig\0x", "sig\nx", "sïg"])
    @pytest.mark.parametrize("field", ["order_id", "oca_group"])
    def test_a_name_that_would_not_come_back_is_refused(self, name: str, field: str) -> None:
        if field == "oca_group" and not name:
            return
        with pytest.raises(BrokerRefused, match=f"{field} must be 1 to 128 printable ASCII"):
            form_of(order(**{field: name}), 7, AAPL, "DU1")

    @pytest.mark.parametrize("name", [" sig", "sig "])
    def test_a_name_with_a_blank_at_its_end_is_refused(self, name: str) -> None:
        with pytest.raises(BrokerRefused, match="order_id must not begin or end with a blank"):
            form(order_id=name)

    def test_the_order_has_to_be_of_the_contract(self) -> None:
        with pytest.raises(BrokerRefused, match="symbol must be that of the contract, 'AAPL'"):
            form(symbol="MSFT")

    def test_a_share_class_is_the_same_contract_in_the_gateways_spelling(self) -> None:
        class_b = replace(AAPL, contract=replace(AAPL.contract, symbol="BRK B"))

        assert form(traded=class_b, symbol="BRK.B").contract.symbol == "BRK B"

    def test_a_contract_without_its_number_is_refused(self) -> None:
        nameless = replace(AAPL, contract=replace(AAPL.contract, con_id=0))

        with pytest.raises(BrokerRefused, match="con_id of AAPL must be known, got 0"):
            form(traded=nameless)


class TestInstruments:
    def test_it_is_what_the_gateway_told_routed_by_smart_in_whole_shares(self) -> None:
        found = replace(FOUND, exchange="NASDAQ", order_types=("LMT", "STPLMT"))

        traded = instrument(found, RULE)

        assert traded.contract.exchange == "SMART"
        assert traded.smallest == traded.increment == 1
        assert traded.steps == STEPS
        assert traded.order_types == {"LMT", "STPLMT"}

    def test_sizes_that_were_left_out_are_one_share(self) -> None:
        traded = instrument(replace(FOUND, min_size=None, size_increment=None), RULE)

        assert traded.smallest == traded.increment == 1

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("con_id", 0, "con_id must be above 0, got 0"),
            ("sec_type", "OPT", "sec_type must be STK, got 'OPT'"),
            ("currency", "EUR", "currency must be USD, got 'EUR'"),
        ],
    )
    def test_a_contract_that_is_not_ours_to_trade_is_refused(
        self, field: str, value: Any, words: str
    ) -> None:
        with pytest.raises(BrokerRefused) as refused:
            instrument(replace(FOUND, **{field: value}), RULE)

        assert refused.value.text == words

    def test_a_type_that_the_contract_does_not_take_is_refused(self) -> None:
        picky = replace(AAPL, order_types=frozenset({"LMT", "STPLMT"}))

        taken = form(traded=picky, order_type="STOP_LIMIT", limit_price=1, stop_price=1)
        assert taken.order_type == "STP LMT"
        with pytest.raises(BrokerRefused, match="order_type must be one that AAPL takes, got MKT"):
            form(traded=picky)


class TestChanges:
    def test_size_and_trigger_change_and_nothing_else(self) -> None:
        stop = order(side=SELL, order_type=OrderType.STOP, stop_price=147, oca_group="g")
        sent = replace(form_of(stop, 7, AAPL, "DU1"), parent_id=6, transmit=False)

        now = changed(sent, 60, "147.503", stop, AAPL)

        assert now == replace(
            sent, quantity=Decimal(60), aux_price=Decimal("147.51"), transmit=True
        )

    def test_a_trigger_that_is_not_named_stays(self) -> None:
        stop = order(side=SELL, order_type=OrderType.STOP, stop_price=147)

        assert changed(form_of(stop, 7, AAPL, "DU1"), 60, None, stop, AAPL).aux_price == 147

    def test_an_order_without_a_trigger_gets_none(self) -> None:
        target = order(side=SELL, order_type=OrderType.LIMIT, limit_price=160)

        assert changed(form_of(target, 7, AAPL, "DU1"), 60, 147, target, AAPL).aux_price is None

    @pytest.mark.parametrize(("quantity", "stop"), [("NaN", None), (10, "NaN"), (0, 1), (1, 0)])
    def test_what_cannot_be_is_refused(self, quantity: Any, stop: Any) -> None:
        target = order(side=SELL, order_type=OrderType.STOP, stop_price=147)

        with pytest.raises(BrokerRefused):
            changed(form_of(target, 7, AAPL, "DU1"), quantity, stop, target, AAPL)


def told_back(sent: OrderForm) -> Order:
    """Return the order that a form is read as."""
    return order(
        side=SIDES[sent.action],
        quantity=sent.quantity,
        order_type=OUR_TYPES[sent.order_type],
        limit_price=sent.limit_price,
        stop_price=sent.aux_price,
        time_in_force=OUR_TIMES[sent.tif],
        order_id=sent.order_ref,
        oca_group=sent.oca_group,
    )


PRICES: Final = st.integers(10_000, 5_000_000).map(lambda cents: Decimal(cents).scaleb(-4))
ORDERS: Final = st.builds(
    order,
    side=st.sampled_from(OrderSide),
    quantity=st.integers(1, 10_000_000),
    order_type=st.sampled_from(OrderType),
    limit_price=PRICES,
    stop_price=PRICES,
    time_in_force=st.sampled_from([TimeInForce.DAY, TimeInForce.GTC]),
    oca_group=st.sampled_from(["", "g"]),
)


@given(ORDERS)
def test_an_order_goes_there_and_comes_back_as_it_was_sent(asked: Order) -> None:
    sent = form_of(asked, 7, AAPL, "DU1")

    assert form_of(told_back(sent), 7, AAPL, "DU1") == sent


@given(ORDERS)
def test_no_limit_is_passed_and_every_price_stands_on_a_step(asked: Order) -> None:
    sent = form_of(asked, 7, AAPL, "DU1")

    for price, meant in ((sent.limit_price, asked.limit_price), (sent.aux_price, asked.stop_price)):
        if price is not None:
            assert meant is not None
            assert STEPS.holds(price)
            assert (meant - price) * asked.side.sign >= 0
