"""An engine for the tests in a browser: ``python -m tests.browser.engine FOLDER``.

It plays a recording in which nothing moves, in real time: what happens is what the test sends. An
urgent order fills at once, a patient one rests for ever, and what is worth more than the bound
waits for a person.
"""

import asyncio
import sys
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np

from fillpath import app_demo, app_live
from fillpath.app_demo import DemoPlan, Player, Recording
from fillpath.backtest.inputs import LoadedInputs
from fillpath.backtest.replay import ReplayInputs
from fillpath.core.units import NANOSECONDS, price_units, quantity_units
from fillpath.data.files.bars import LoadedBars
from fillpath.data.files.quotes import QuoteTape, Resolution, ResolutionSpan
from fillpath.settings import load_settings
from tests.unit.backtest.tapes import OPEN, SESSION

READY: Final = "trading"
PRICES: Final = {"AAPL": "150.00", "IBM": "200.00", "MSFT": "28.00"}
CASH: Final = Decimal(1_000_000)
BOUND: Final = Decimal(34_000)
"""Account currency from which on a person is asked: 3.4 % of the cash."""
HALF_SPREAD: Final = Decimal("0.01")
SHOWN: Final = Decimal(10_000)
VOLUME: Final = quantity_units(Decimal(5_000_000))


def still(symbol: str, mid: str) -> QuoteTape:
    """Return the same quote for each second of a session."""
    count = (SESSION.close_at - SESSION.open_at) // NANOSECONDS
    price = Decimal(mid)

    def always(units: int) -> "np.typing.NDArray[np.int64]":
        return np.full(count, units, dtype=np.int64)

    return QuoteTape(
        symbol=symbol,
        ts=OPEN + np.arange(count, dtype=np.int64) * NANOSECONDS,
        bid=always(price_units(price - HALF_SPREAD)),
        ask=always(price_units(price + HALF_SPREAD)),
        bid_size=always(quantity_units(SHOWN)),
        ask_size=always(quantity_units(SHOWN)),
        spans=(ResolutionSpan(OPEN, Resolution.SECOND),),
    )


def standing(folder: Path) -> Recording:
    """Return the recording in which nothing moves."""
    inputs = ReplayInputs(
        tapes={symbol: still(symbol, mid) for symbol, mid in PRICES.items()},
        sessions=(SESSION,),
        adv=lambda _symbol, _day: VOLUME,
    )
    quotes = sum(len(tape) for tape in inputs.tapes.values())
    loaded = LoadedInputs(
        inputs=inputs,
        bars=LoadedBars(),
        quotes=quotes,
        quote_age=Decimal(30),
        bad_rows={},
        notes=("nothing moves",),
    )
    plan = DemoPlan(speed=1, folder=folder)
    settings = app_demo.demo_settings(load_settings(None, {}), folder, CASH, plan)
    engine = settings.engine.model_copy(update={"resume_delay_seconds": Decimal(0)})
    return app_demo.ready(loaded, settings.model_copy(update={"engine": engine}), plan)


def main(folder: Path) -> None:
    """Serve until told to stop."""
    built = app_demo.build(Player(standing(folder)), lambda _: None)
    asyncio.run(app_live.run(built, lambda _: print(READY, flush=True)))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
