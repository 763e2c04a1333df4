"""Only news go into the journal."""

from decimal import Decimal

from msgspec.structs import replace

from fillpath.core.reports import VolatilitySeen
from fillpath.core.units import NANOSECONDS, price_units
from fillpath.ibkr.ticking import Stream, refuse
from fillpath.ibkr.witness import Witness
from fillpath.testing.builders import START_NS

VALUE = price_units(Decimal("17.25"))


def trading(**changes: object) -> Stream:
    return replace(Stream("AAPL", bid_at=1, ask_at=1, whole_at=1, halted=0), **changes)


def index(last: str | None, seen_at: int = START_NS) -> Stream:
    return Stream("VIX", last=None if last is None else Decimal(last), seen_at=seen_at)


class TestStatus:
    def test_a_symbol_of_which_nothing_was_said_is_no_news(self) -> None:
        assert Witness().status(Stream("AAPL"), START_NS) is None

    def test_a_symbol_without_live_data_is_news(self) -> None:
        stream = Stream("AAPL")
        refuse(stream, "354: not subscribed")

        told = Witness().status(stream, START_NS)

        assert told is not None
        assert told.delayed

    def test_the_same_is_told_once(self) -> None:
        witness = Witness()

        assert witness.status(trading(), START_NS) is not None
        assert witness.status(trading(), START_NS) is None

    def test_a_forgotten_symbol_is_told_anew(self) -> None:
        witness = Witness()
        witness.status(trading(), START_NS)
        witness.forget("AAPL")

        assert witness.status(trading(), START_NS) is not None

    def test_more_shares_to_borrow_are_told_after_a_minute(self) -> None:
        witness = Witness()
        witness.status(trading(shortable_shares=Decimal(1)), START_NS)
        more = trading(shortable_shares=Decimal(2))

        assert witness.status(more, START_NS + 59 * NANOSECONDS) is None
        assert witness.status(more, START_NS + 60 * NANOSECONDS) is not None

    def test_a_halt_is_told_whatever_may_be_borrowed(self) -> None:
        witness = Witness()
        witness.status(trading(shortable_shares=Decimal(1)), START_NS)

        assert witness.status(trading(shortable_shares=Decimal(2), halted=1), START_NS) is not None

    def test_shares_to_borrow_that_become_unknown_are_told(self) -> None:
        witness = Witness()
        witness.status(trading(shortable_shares=Decimal(1)), START_NS)

        assert witness.status(trading(), START_NS) is not None


class TestVolatility:
    def test_an_unknown_index_is_no_news_before_it_was_known(self) -> None:
        assert Witness().volatility(index(None), START_NS) is None

    def test_the_first_value_and_its_loss_are_told_at_once(self) -> None:
        witness = Witness()

        assert witness.volatility(index("17.25"), START_NS) == VolatilitySeen(START_NS, VALUE)
        assert witness.volatility(index(None), START_NS + 1) == VolatilitySeen(START_NS + 1)
        assert witness.volatility(index(None), START_NS + 2) is None
        assert witness.volatility(index("17.25"), START_NS + 3) is not None

    def test_an_index_that_is_not_live_is_unknown(self) -> None:
        witness = Witness()
        witness.volatility(index("17.25"), START_NS)
        stream = index("17.25")
        stream.kind = 3

        assert witness.volatility(stream, START_NS + 1) == VolatilitySeen(START_NS + 1)

    def test_a_change_is_told_every_fifteen_seconds(self) -> None:
        witness = Witness()
        witness.volatility(index("17.25"), START_NS)

        assert witness.volatility(index("17.30"), START_NS + 14 * NANOSECONDS) is None
        assert witness.volatility(index("17.30"), START_NS + 15 * NANOSECONDS) is not None

    def test_an_unchanged_value_is_told_again_while_it_is_still_said(self) -> None:
        witness = Witness()
        witness.volatility(index("17.25"), START_NS)
        later = START_NS + 60 * NANOSECONDS

        assert witness.volatility(index("17.25"), later) is None
        assert witness.volatility(index("17.25", seen_at=later), later) is not None
