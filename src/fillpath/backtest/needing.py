"""Whether a recording has what a strategy declares to read: one that is shown nothing does nothing."""

import numpy as np

from fillpath.backtest.inputs import LoadedInputs
from fillpath.core.errors import ConfigError
from fillpath.core.models import Bar
from fillpath.data.files.bars import BarTape
from fillpath.strategy.base import AnyStrategy
from fillpath.strategy.catalogue import bars_in_words, data_in_words
from fillpath.strategy.declared import DAY, SHORTEST_SESSION, Needs


def check_needs(strategy: AnyStrategy, loaded: LoadedInputs) -> None:
    """Refuse a strategy to which a recording has nothing to show.

    What declares no ``needs`` is shown everything that it has methods for, and is not judged.

    Raises:
        ConfigError: no bar of the recording is one that it reads, and it reads no quotes; says what
            it reads and what there is.
    """
    needs = getattr(strategy, "needs", None)
    if not isinstance(needs, Needs) or needs.bar_length is None or needs.quotes:
        return
    bars = [bar for tape in loaded.bars.tapes.values() for bar in _of_each_length(tape)]
    if not any(needs.takes(bar) for bar in bars):
        raise ConfigError(
            f"{strategy.name} reads {data_in_words(needs)}, and is given {_in_words(bars)}: bring other "
            "data, or set its parameters to what there is (fillpath strategy show NAME says which)"
        )


def _of_each_length(tape: BarTape) -> list[Bar]:
    """Return one bar of each length."""
    _, rows = np.unique(tape.ts_end - tape.ts, return_index=True)
    return [tape.bar(int(row)) for row in rows]


def _in_words(bars: list[Bar]) -> str:
    if not bars:
        return "no bars"
    lengths = {bar.ts_end - bar.ts for bar in bars}
    # A day is known when the next one opens, so that no two need be of the same length.
    told = {DAY if length >= SHORTEST_SESSION else length for length in lengths}
    symbols = sorted({bar.symbol for bar in bars})
    return f"{', '.join(bars_in_words(length) for length in sorted(told))} of {', '.join(symbols)}"


__all__ = ["check_needs"]
