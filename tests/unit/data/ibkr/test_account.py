"""The account is reported as the broker has it, and unknown only when that is sure."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import Unavailable
from fillpath.core.reports import AccountReported
from fillpath.core.units import money_units
from fillpath.data.ibkr_account import AccountPolicy, IBKRAccountReports
from fillpath.ibkr.heard import AccountValue, Valued
from fillpath.ibkr.states import State
from fillpath.testing.builders import START_NS
from fillpath.testing.ibkr_line import PAPER_ACCOUNT
from tests.unit.data.ibkr.quiet_connection import Listener, QuietConnection, Told


def values(worth: str = "100000", currency: str = "USD") -> tuple[AccountValue | Valued, ...]:
    position = Valued(
        account=PAPER_ACCOUNT,
        con_id=1,
        symbol="AAPL",
        sec_type="STK",
        quantity=Decimal(1),
        market_price=None,
        average_cost=None,
        realized=None,
    )
    return (
        position,
        AccountValue(PAPER_ACCOUNT, "NetLiquidation", worth, currency),
        AccountValue(PAPER_ACCOUNT, "DayTradesRemaining", "-1", ""),
    )


class Scene:
    """Reports on a connection that is up."""

    def __init__(self, *answers: Any, attached: bool = True, **policy: Any) -> None:
        self.connection = QuietConnection()
        self.connection.now = State.TRADING
        self.connection.values = list(answers)
        self.clock = self.connection.clock
        self.engine = Listener([], set())
        self.told = Told()
        self.slept: list[float] = []
        self.reports = IBKRAccountReports(
            self.connection,
            self.clock,
            AccountPolicy(**policy),
            tell=self.told.hear,
            sleep=self.sleep,
        )
        if attached:
            self.reports.attach(self.engine)

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.clock.advance(seconds)
        await asyncio.sleep(0)

    async def run(self, rounds: int) -> None:
        """Run so many rounds."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.reports.run())
            while len(self.slept) < rounds:  # noqa: ASYNC110  # the loop gets on in between
                await asyncio.sleep(0)
            task.cancel()

    @property
    def equities(self) -> list[int | None]:
        """Return the equity of every report."""
        return [fact.equity for fact in self.engine.facts if isinstance(fact, AccountReported)]


WORTH = money_units(Decimal(100_000))


async def test_the_account_is_told_as_it_stands() -> None:
    scene = Scene(values())

    assert await scene.reports.report()
    assert scene.engine.facts == [AccountReported(START_NS, WORTH, None, -1)]
    assert scene.told.codes == []


@pytest.mark.fault("F-61")
@pytest.mark.parametrize("worth", ["0.0", "NaN", ""])
async def test_values_that_are_still_being_loaded_stop_nobody(worth: str) -> None:
    scene = Scene(values(worth), values())

    assert await scene.reports.report()
    assert scene.equities == [WORTH]


@pytest.mark.fault("F-61")
@pytest.mark.parametrize("worth", ["0.0", "NaN", ""])
async def test_a_worth_that_stays_impossible_is_unknown(worth: str) -> None:
    scene = Scene(values(worth))

    assert not await scene.reports.report()
    assert not await scene.reports.report()
    assert scene.equities == [None, None]
    assert scene.told.codes == ["ACCOUNT_UNKNOWN"]


@pytest.mark.fault("F-61")
async def test_an_account_in_another_currency_has_no_worth_here() -> None:
    scene = Scene(values(currency="EUR"))
    await scene.reports.report()

    assert scene.equities == [None]
    assert "EUR" in scene.told.notices[0].text


async def test_no_answer_is_no_report() -> None:
    scene = Scene(Unavailable("no answer"))

    assert not await scene.reports.report()
    assert scene.engine.facts == []


@pytest.mark.fault("F-61")
async def test_a_worth_that_grows_old_in_an_open_market_is_unknown() -> None:
    scene = Scene(Unavailable("no answer"), stale_seconds=10)
    await scene.run(5)

    assert scene.equities == [None]
    assert scene.told.codes == ["ACCOUNT_UNKNOWN"]


async def test_over_night_nothing_grows_old() -> None:
    scene = Scene(Unavailable("no answer"), stale_seconds=10)
    scene.engine.open = False
    await scene.run(5)

    assert scene.equities == []


async def test_a_connection_that_is_down_is_not_asked() -> None:
    scene = Scene(values())
    scene.connection.now = State.DEGRADED
    await scene.run(2)

    assert scene.connection.wrote == []


async def test_reports_come_again_and_again() -> None:
    scene = Scene(values(), every_seconds=30)
    await scene.run(3)

    assert scene.equities == [WORTH] * 3
    assert scene.slept == [30, 30, 30]


async def test_without_an_engine_nobody_is_told() -> None:
    scene = Scene(values(), attached=False)
    await scene.run(1)

    assert scene.engine.facts == []
