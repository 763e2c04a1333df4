"""What was worked out in columns is what looking it up one by one gives."""

from hypothesis import given
from hypothesis import strategies as st

from fillpath.backtest.tape_market import TapeMarket
from fillpath.core.holdings import Holding
from fillpath.core.units import QUANTITY_SCALE
from fillpath.data.files.tape import QuoteTape
from tests.unit.backtest.tapes import Row, a_tape, at

SYMBOLS = ("AAPL", "IBM", "MSFT")
PRICES = st.sampled_from(["", "99.98", "100.00", "100.02"])


@st.composite
def tapes(draw: st.DrawFn) -> list[QuoteTape]:
    """Return tapes with missing sides, crossed quotes and equal times."""
    found = []
    for symbol in SYMBOLS:
        times = sorted(draw(st.lists(st.integers(0, 20), min_size=1, max_size=30)))
        rows: list[Row] = [(float(time), draw(PRICES), draw(PRICES)) for time in times]
        found.append(a_tape(rows, symbol))
    return found


HELD = st.dictionaries(
    st.sampled_from([*SYMBOLS, "NOTAPE"]),
    st.builds(
        lambda shares, cost: Holding(shares * QUANTITY_SCALE, cost),
        st.integers(-3, 1_000_000).filter(bool),
        st.integers(1, 10**30),
    ),
)


@given(tapes(), st.lists(HELD, min_size=1, max_size=4), st.sets(st.integers(0, 22)), st.data())
def test_foreseeing_changes_no_answer(
    recorded: list[QuoteTape],
    books: list[dict[str, Holding]],
    seconds: set[int],
    data: st.DataObject,
) -> None:
    foreseen, looked_up = TapeMarket(recorded), TapeMarket(recorded)
    symbols = data.draw(st.lists(st.sampled_from([*SYMBOLS, "NOTAPE"]), unique=True))

    foreseen.foresee([at(second) for second in sorted(seconds)], symbols)

    for second in range(23):
        foreseen.now = looked_up.now = at(second)
        for held in books:
            assert foreseen.values(held) == looked_up.values(held)
        for symbol in (*SYMBOLS, "NOTAPE"):
            assert foreseen.view(symbol) == looked_up.view(symbol)
            assert foreseen.mark(symbol) == looked_up.mark(symbol)
