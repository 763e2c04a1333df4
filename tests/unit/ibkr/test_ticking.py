"""Single values of a subscription become a quote, or none."""

from decimal import Decimal

import pytest

from fillpath.core.markets import TradingStatusSeen
from fillpath.core.models import Quote
from fillpath.core.units import NANOSECONDS, moment, quantity_units
from fillpath.ibkr.heard import Ticked
from fillpath.ibkr.ticking import (
    ASK,
    ASK_SIZE,
    BID,
    BID_SIZE,
    CLOSE,
    DELAYED,
    HALTED,
    LAST,
    LOW,
    SETTLED_NS,
    SHORTABLE,
    SHORTABLE_SHARES,
    VOLUME,
    Stream,
    forget,
    is_whole,
    quote_of,
    refuse,
    renew,
    same_market,
    same_status,
    set_kind,
    status_of,
    take,
)
from fillpath.testing.builders import START_NS

NAN = Decimal("NaN")


def price(kind: int, text: str | None, size: str | None = "300") -> Ticked:
    return Ticked(
        7,
        kind,
        price=None if text is None else Decimal(text),
        size=None if size is None else Decimal(size),
    )


def size(kind: int, text: str) -> Ticked:
    return Ticked(7, kind, size=Decimal(text))


def told(*ticks: Ticked, at: int = START_NS) -> Stream:
    stream = Stream("AAPL")
    for tick in ticks:
        take(stream, tick, at)
    return stream


def whole(at: int = START_NS) -> Stream:
    return told(price(BID, "149.99"), price(ASK, "150.01", "200"), at=at)


def shown(stream: Stream) -> Quote:
    return quote_of(stream, START_NS + 10 * SETTLED_NS)


def sides(quote: Quote) -> tuple[Decimal | None, Decimal | None]:
    return quote.bid_price, quote.ask_price


class TestQuotes:
    def test_two_sides_are_a_quote_of_our_own_clock(self) -> None:
        quote = shown(whole())

        assert quote == Quote(
            "AAPL",
            Decimal("149.99"),
            Decimal("150.01"),
            Decimal(300),
            Decimal(200),
            ts=moment(START_NS),
        )

    def test_one_side_alone_is_no_quote(self) -> None:
        stream = told(price(BID, "149.99"))

        assert not is_whole(stream)
        assert sides(shown(stream)) == (None, None)

    def test_sizes_are_shares_and_the_volume_is_lots(self) -> None:
        stream = whole()
        take(stream, size(BID_SIZE, "1200"), START_NS)
        take(stream, size(ASK_SIZE, "40"), START_NS)
        take(stream, size(VOLUME, "123.45"), START_NS)

        quote = shown(stream)

        assert (quote.bid_size, quote.ask_size) == (Decimal(1200), Decimal(40))
        assert quote.volume == Decimal(12_345)

    @pytest.mark.fault("F-79")
    @pytest.mark.parametrize("text", [None, "-1", "0", "NaN", "Infinity", "0.0000000001"])
    @pytest.mark.parametrize("kind", [BID, ASK])
    def test_a_price_that_cannot_be_takes_its_side_away(self, kind: int, text: str | None) -> None:
        stream = whole()
        take(stream, price(kind, text), START_NS)

        assert is_whole(stream)
        assert sides(shown(stream))[kind - 1] is None

    @pytest.mark.parametrize("kind", [BID_SIZE, ASK_SIZE])
    def test_a_side_without_shares_is_missing_until_they_are_back(self, kind: int) -> None:
        stream = whole()
        take(stream, size(kind, "0"), START_NS)
        empty = sides(shown(stream))
        take(stream, size(kind, "100"), START_NS)

        assert None in empty
        assert None not in sides(shown(stream))

    @pytest.mark.fault("F-79")
    @pytest.mark.parametrize("text", ["NaN", "-5", "Infinity", "0.0000001"])
    def test_a_size_that_cannot_be_changes_nothing(self, text: str) -> None:
        stream = whole()
        take(stream, size(BID_SIZE, text), START_NS)

        assert shown(stream).bid_size == Decimal(300)

    def test_a_volume_that_cannot_be_is_unknown(self) -> None:
        stream = whole()
        take(stream, size(VOLUME, "NaN"), START_NS)

        assert shown(stream).volume is None

    def test_a_trade_shows_that_the_quote_still_holds(self) -> None:
        stream = whole()
        take(stream, price(LAST, "150.00", "10"), START_NS + 5)

        assert stream.last == Decimal("150.00")
        assert stream.seen_at == START_NS + 5

    def test_a_word_about_borrowing_shows_nothing_about_the_quote(self) -> None:
        stream = whole()
        take(stream, size(SHORTABLE_SHARES, "10"), START_NS + 5)

        assert stream.seen_at == START_NS

    def test_an_unknown_value_changes_nothing(self) -> None:
        stream = whole()
        before = shown(stream)
        take(stream, Ticked(7, 84, text="NASDAQ"), START_NS)

        assert shown(stream) == before

    def test_the_same_market_at_another_time_is_the_same(self) -> None:
        assert same_market(shown(whole()), shown(whole(at=START_NS + 10**9)))
        assert not same_market(shown(whole()), None)
        assert not same_market(shown(whole()), shown(told()))

    def test_a_quote_waits_until_it_is_known_whether_the_symbol_trades(self) -> None:
        assert sides(quote_of(whole(), START_NS + SETTLED_NS - 1)) == (None, None)
        assert None not in sides(quote_of(whole(), START_NS + SETTLED_NS))


class TestGaps:
    @pytest.mark.fault("F-48")
    def test_after_a_gap_both_sides_must_come_anew(self) -> None:
        stream = whole()
        forget(stream)
        take(stream, price(BID, "149.00"), START_NS + 1)
        half = sides(shown(stream))
        take(stream, price(ASK, "149.02"), START_NS + 2)

        assert half == (None, None)
        assert sides(shown(stream)) == (Decimal("149.00"), Decimal("149.02"))

    @pytest.mark.parametrize("kind", [BID_SIZE, ASK_SIZE])
    def test_a_size_alone_brings_no_price_back(self, kind: int) -> None:
        stream = whole()
        forget(stream)
        take(stream, size(kind, "100"), START_NS + 1)

        assert (stream.bid_at, stream.ask_at) == (0, 0)

    @pytest.mark.fault("F-88")
    @pytest.mark.parametrize("kind", sorted(DELAYED))
    def test_a_delayed_value_is_never_taken_for_a_live_one(self, kind: int) -> None:
        stream = whole()
        take(stream, price(kind, "149.00"), START_NS + 1)

        assert sides(shown(stream)) == (None, None)
        assert status_of(stream, START_NS + SETTLED_NS).delayed

    @pytest.mark.parametrize("kind", [2, 3, 4])
    def test_other_kinds_of_data_are_not_live(self, kind: int) -> None:
        stream = whole()
        set_kind(stream, kind)
        take(stream, price(BID, "149.99"), START_NS)
        take(stream, price(ASK, "150.01"), START_NS)

        assert not is_whole(stream)

    def test_live_data_that_comes_back_begins_anew(self) -> None:
        stream = whole()
        set_kind(stream, 3)
        set_kind(stream, 1)

        assert stream.live
        assert not is_whole(stream)

    def test_the_same_kind_said_again_forgets_nothing(self) -> None:
        stream = whole()
        set_kind(stream, 1)

        assert is_whole(stream)

    def test_a_refused_stream_believes_no_value_until_it_is_renewed(self) -> None:
        stream = whole()
        refuse(stream, "354: not subscribed")
        take(stream, price(BID, "149.99"), START_NS)
        refused = stream.bid
        renew(stream)
        take(stream, price(BID, "149.98"), START_NS)

        assert refused is None
        assert stream.bid == Decimal("149.98")


class TestStatus:
    def status(self, stream: Stream, after: int = SETTLED_NS) -> str:
        return status_of(stream, START_NS + after).status

    def test_a_symbol_that_nothing_calls_halted_trades_after_a_moment(self) -> None:
        assert self.status(whole(), after=SETTLED_NS - 1) == "UNKNOWN"
        assert self.status(whole()) == "TRADING"

    def test_not_halted_is_believed_at_once(self) -> None:
        stream = whole()
        take(stream, size(HALTED, "0"), START_NS)
        take(stream, size(BID_SIZE, "100"), START_NS)

        assert self.status(stream, after=0) == "TRADING"

    @pytest.mark.fault("F-85")
    @pytest.mark.parametrize(("value", "status"), [("1", "HALTED"), ("2", "PAUSED")])
    def test_a_halt_is_told_whatever_the_quotes_say(self, value: str, status: str) -> None:
        stream = whole()
        take(stream, Ticked(7, HALTED, price=Decimal(value)), START_NS)

        assert self.status(stream) == status
        assert not is_whole(stream)

    @pytest.mark.fault("F-85")
    def test_after_a_halt_the_market_is_looked_at_anew(self) -> None:
        stream = told(size(HALTED, "1"), price(BID, "149.99"), price(ASK, "150.01"))
        take(stream, size(HALTED, "0"), START_NS + 1)

        assert self.status(stream) == "UNKNOWN"
        assert not is_whole(stream)

    @pytest.mark.parametrize("value", ["-1", "7"])
    def test_an_unknown_halt_is_looked_at_for_a_moment_more(self, value: str) -> None:
        stream = whole()
        take(stream, size(HALTED, value), START_NS + 5)

        assert self.status(stream) == "UNKNOWN"
        assert self.status(stream, after=SETTLED_NS + 5) == "TRADING"

    def test_nothing_told_is_unknown(self) -> None:
        assert self.status(told()) == "UNKNOWN"

    def test_the_exact_number_of_shares_to_borrow_wins(self) -> None:
        stream = told(size(SHORTABLE, "3"), size(SHORTABLE_SHARES, "120"))

        assert status_of(stream, START_NS).shortable == quantity_units(Decimal(120))

    @pytest.mark.parametrize(("level", "shares"), [("3", 1_000), ("2.5", 0), ("1", 0)])
    def test_a_level_stands_for_the_least_it_promises(self, level: str, shares: int) -> None:
        stream = told(size(SHORTABLE, level))

        assert status_of(stream, START_NS).shortable == quantity_units(Decimal(shares))

    def test_untold_shares_to_borrow_are_unknown(self) -> None:
        assert status_of(told(), START_NS).shortable is None

    @pytest.mark.fault("F-86")
    @pytest.mark.parametrize(
        ("low", "restricted"), [("90.01", False), ("90.00", True), ("89.99", True)]
    )
    def test_a_fall_by_a_tenth_restricts_short_sales(self, low: str, *, restricted: bool) -> None:
        stream = told(price(CLOSE, "100", "0"), price(LOW, low, "0"))

        assert status_of(stream, START_NS).short_restricted is restricted

    def test_another_close_begins_another_day(self) -> None:
        stream = told(price(CLOSE, "100"), price(LOW, "80"))
        take(stream, price(CLOSE, "100"), START_NS)
        same = status_of(stream, START_NS).short_restricted
        take(stream, price(CLOSE, "81"), START_NS)

        assert same
        assert not status_of(stream, START_NS).short_restricted

    def test_a_new_subscription_tells_the_day_anew(self) -> None:
        stream = told(price(CLOSE, "100"), price(LOW, "80"))
        renew(stream)

        assert not status_of(stream, START_NS).short_restricted

    def test_a_trade_at_that_price_restricts_them_too(self) -> None:
        stream = told(price(CLOSE, "100"), price(LAST, "90"))

        assert status_of(stream, START_NS).short_restricted

    def test_without_a_close_nothing_is_known_of_a_restriction(self) -> None:
        assert not status_of(told(price(LOW, "1")), START_NS).short_restricted

    def test_a_restriction_lasts_for_the_session_after(self) -> None:
        stream = Stream("AAPL", restricted_before=True)

        assert status_of(stream, START_NS).short_restricted

    def test_a_later_report_of_the_same_is_no_news(self) -> None:
        first = status_of(whole(), START_NS + SETTLED_NS)
        later = status_of(whole(), START_NS + 9 * NANOSECONDS)

        assert same_status(first, later)
        assert not same_status(first, None)
        assert not same_status(first, TradingStatusSeen(START_NS, "MSFT", "TRADING"))
        assert not same_status(first, TradingStatusSeen(START_NS, "AAPL", "HALTED"))
