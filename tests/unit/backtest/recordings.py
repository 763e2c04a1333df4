"""A recording in memory, as if its files had been read."""

from decimal import Decimal

from fillpath.backtest.inputs import LoadedInputs
from fillpath.backtest.replay import ReplayInputs
from fillpath.data.files.bars import LoadedBars
from tests.unit.backtest.tapes import SESSION, a_tape, every_second


def a_recording() -> LoadedInputs:
    """Return a short recording of one symbol."""
    return LoadedInputs(
        inputs=ReplayInputs(tapes={"AAPL": a_tape(every_second(60))}, sessions=(SESSION,)),
        bars=LoadedBars(),
        quotes=60,
        quote_age=Decimal(30),
        bad_rows={},
        notes=(),
    )
