"""Whatever a gateway says, a quote is possible and live, or it is none."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fillpath.ibkr.heard import DataKind, Ticked
from fillpath.ibkr.ticking import (
    DELAYED,
    Stream,
    forget,
    quote_of,
    refuse,
    set_kind,
    status_of,
    take,
)
from fillpath.testing.builders import START_NS

NUMBERS = st.one_of(
    st.none(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from([Decimal(text) for text in ("-1", "0", "150.01", "149.99", "300", "1", "2")]),
)
KINDS = st.sampled_from([0, 1, 2, 3, 4, 5, 7, 8, 9, 46, 49, 89, *sorted(DELAYED), 84])
TICKS = st.builds(Ticked, st.just(1), KINDS, NUMBERS, NUMBERS)
NEWS = st.one_of(
    TICKS,
    TICKS,
    TICKS,
    st.builds(DataKind, st.just(1), st.sampled_from([1, 2, 3, 4])),
    st.sampled_from(["gap", "refused"]),
)


def heard(stream: Stream, news: Ticked | DataKind | str, at: int) -> None:
    if isinstance(news, Ticked):
        take(stream, news, at)
    elif isinstance(news, DataKind):
        set_kind(stream, news.kind)
    elif news == "gap":
        forget(stream)
    else:
        refuse(stream, "354: not subscribed")


@given(st.lists(NEWS, max_size=40))
def test_a_quote_is_possible_and_live_or_none(said: list[Ticked | DataKind | str]) -> None:
    stream, at = Stream("AAPL"), START_NS
    for news in said:
        at += 10**9
        heard(stream, news, at)

        quote, status = quote_of(stream, at), status_of(stream, at)

        prices = [one for one in (quote.bid_price, quote.ask_price) if one is not None]
        assert all(one.is_finite() and one > 0 for one in prices)
        assert quote.bid_size >= 0 <= quote.ask_size
        assert stream.live or not prices
        assert status.status != "UNKNOWN" or not prices
        assert not isinstance(news, Ticked) or news.kind not in DELAYED or not prices
        assert news != "gap" or not prices
