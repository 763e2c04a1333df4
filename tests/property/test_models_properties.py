"""Numbers and holdings at random: exact there and back, and never a unit lost."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core import units
from fillpath.core.commands import Intent
from fillpath.core.errors import ModelError
from fillpath.core.events import Event, MarketView, SignalReceived
from fillpath.core.holdings import Holding
from fillpath.core.models import (
    Fill,
    Order,
    OrderSide,
    OrderType,
    Quote,
    Signal,
    SignalDirection,
)
from fillpath.core.translation import filled_by
from fillpath.core.units import exact, moment, nanoseconds
from fillpath.data.codec import decode_group, encode_group
from fillpath.testing.builders import START, a_fill, an_order

SCALES = [
    pytest.param(units.price_units, units.price_decimal, 8, id="price"),
    pytest.param(units.quantity_units, units.quantity_decimal, 6, id="quantity"),
    pytest.param(units.money_units, units.money_decimal, 14, id="money"),
    pytest.param(units.ratio_units, units.ratio_decimal, 8, id="ratio"),
]
AMOUNTS = st.integers(-(10**35), 10**35)
PRICES = st.integers(1, 10**14)
QUANTITIES = st.integers(1, 10**13)
TRADES = st.lists(
    st.tuples(st.integers(-(10**9), 10**9).filter(bool), st.integers(1, 10**12)), max_size=12
)


@pytest.mark.parametrize(("to_units", "back", "digits"), SCALES)
@given(amount=AMOUNTS)
def test_units_survive_the_way_there_and_back(
    to_units: Any, back: Any, digits: int, amount: int
) -> None:
    shown = back(amount)

    assert Fraction(shown) == Fraction(amount, 10**digits)
    assert to_units(shown) == amount


@pytest.mark.parametrize(("to_units", "back", "digits"), SCALES)
@given(amount=AMOUNTS)
def test_an_amount_is_shown_without_idle_zeros(
    to_units: Any, back: Any, digits: int, amount: int
) -> None:
    del to_units, digits
    text = f"{back(amount):f}"

    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize(("to_units", "back", "digits"), SCALES)
@given(amount=AMOUNTS, finer=st.integers(1, 9))
def test_nothing_finer_is_ever_rounded(
    to_units: Any, back: Any, digits: int, amount: int, finer: int
) -> None:
    del back
    value = Decimal(f"{amount}{finer}E-{digits + 1}")

    with pytest.raises(ModelError, match="may have at most"):
        to_units(value)


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_its_shortest_text(number: float) -> None:
    assert float(exact(number, "price")) == number
    assert exact(number, "price") == Decimal(repr(number))


@given(value=st.one_of(st.text(max_size=12), st.floats(), st.integers(), st.none(), st.booleans()))
def test_anything_is_a_finite_number_or_refused_by_name(value: object) -> None:
    refusal = ""
    try:
        number = exact(value, "price")
    except ModelError as error:
        number, refusal = Decimal(0), str(error)

    assert number.is_finite()
    assert not refusal or refusal.startswith("price must be")


@given(at=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_survives_the_way_there_and_back(at: datetime) -> None:
    assert moment(nanoseconds(at)) == at


@given(trades=TRADES)
def test_cash_cost_and_profit_always_add_up(trades: list[tuple[int, int]]) -> None:
    """What was paid is in the cost of what is held, or has been realised; to the last unit."""
    holding, paid = Holding(), 0
    for quantity, price in trades:
        holding.trade(quantity, price)
        paid += quantity * price

    assert holding.quantity == sum(quantity for quantity, _ in trades)
    assert holding.cost - holding.realized == paid
    assert holding.quantity or holding.cost == 0


@given(trades=TRADES)
def test_cost_has_the_sign_of_what_is_held(trades: list[tuple[int, int]]) -> None:
    holding = Holding()
    for quantity, price in trades:
        holding.trade(quantity, price)

        assert holding.cost * holding.quantity >= 0


@given(trades=TRADES)
def test_a_short_is_a_long_in_the_mirror(trades: list[tuple[int, int]]) -> None:
    long, short = Holding(), Holding()
    for quantity, price in trades:
        long.trade(quantity, price)
        short.trade(-quantity, price)

    assert short.quantity == -long.quantity
    # One unit of rounding for every trade that closed a part.
    assert abs(short.realized + long.realized) <= len(trades)


@given(
    quantity=st.integers(-(10**12), 10**12),
    new=st.integers(1, 50),
    old=st.integers(1, 50),
    stop=st.one_of(st.none(), PRICES),
)
def test_a_split_never_makes_shares(quantity: int, new: int, old: int, stop: int | None) -> None:
    holding = Holding(quantity, 7 * quantity, stop=stop)

    holding.split(new, old)

    assert abs(holding.quantity) * old <= abs(quantity) * new
    assert abs(quantity) * new - abs(holding.quantity) * old < old
    assert holding.cost == 7 * quantity


@given(quantity=st.integers(-(10**12), 10**12), new=st.integers(1, 50))
def test_a_split_and_its_reverse_give_back_the_position(quantity: int, new: int) -> None:
    holding = Holding(quantity, 0)

    lost = holding.split(new, 1), holding.split(1, new)

    assert holding.quantity == quantity
    assert not any(lost)


@given(quantity=QUANTITIES, price=PRICES, fee=st.integers(-(10**16), 10**16), sold=st.booleans())
def test_a_fill_is_the_same_in_decimals_and_in_units(
    quantity: int, price: int, fee: int, *, sold: bool
) -> None:
    fill = a_fill(
        units.quantity_decimal(quantity),
        units.price_decimal(price),
        commission=units.money_decimal(fee),
        side=OrderSide.SELL if sold else OrderSide.BUY,
    )

    fact = filled_by(0, fill)

    assert (fact.quantity, fact.price, fact.commission) == (quantity, price, fee)
    assert fact.fill == fill


@given(quantity=QUANTITIES, filled=QUANTITIES)
def test_what_remains_and_what_is_filled_make_the_order(quantity: int, filled: int) -> None:
    order = an_order(
        quantity=units.quantity_decimal(quantity), filled_quantity=units.quantity_decimal(filled)
    )

    assert order.remaining_quantity >= 0
    assert order.remaining_quantity + min(order.filled_quantity, order.quantity) == order.quantity


@given(
    price=st.one_of(st.floats(), st.integers(), st.text("0123456789.-eN", max_size=6)),
    kind=st.sampled_from(OrderType),
)
def test_no_model_ever_holds_what_is_no_price(price: Any, kind: OrderType) -> None:
    """An order, a quote and a fill hold a finite price above zero, or they do not exist."""
    held: list[Decimal | None] = []
    with suppress(ModelError):
        held.append(an_order(order_type=kind, limit_price=price, stop_price=price).limit_price)
    with suppress(ModelError):
        held.append(Quote("AAPL", price, None).bid_price)
    with suppress(ModelError):
        held.append(a_fill(price=price).price)

    assert all(isinstance(p, Decimal) and p.is_finite() and p > 0 for p in held)


@given(quantity=QUANTITIES)
def test_models_that_say_the_same_are_equal(quantity: int) -> None:
    number = units.quantity_decimal(quantity)
    as_text, as_decimal = (
        Order(symbol="AAPL", side=OrderSide.BUY, quantity=given, order_id="o1", created_at=START)  # type: ignore[arg-type]
        for given in (str(number), number)
    )

    assert as_text == as_decimal
    assert isinstance(as_text.quantity, Decimal)
    assert isinstance(a_fill(str(number)), Fill)


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.decimals(),
    st.integers(-(1 << 64), 1 << 64),
    st.text(max_size=8),
)
METADATA = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        PLAIN,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=8,
    ),
    max_size=4,
)


@given(metadata=METADATA)
def test_what_a_signal_takes_the_journal_can_hold(metadata: dict[str, Any]) -> None:
    """A signal is refused when it is built, or it comes back from the journal as it went in."""
    records: list[Event | Intent] = []
    with suppress(ModelError):
        signal = Signal(
            symbol="AAPL", direction=SignalDirection.LONG, strength=Decimal(1), metadata=metadata
        )
        records.append(SignalReceived(1, signal, MarketView()))

    written = encode_group(0, 0, records)

    assert encode_group(0, 0, decode_group(written).records) == written
