"""The watchdog at Interactive Brokers: everything of the account is cancelled, and it says so."""

from decimal import Decimal
from typing import Final

import pytest

from fillpath.app_ibkr_watchdog import BLIND, GlobalCancel
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError, Unavailable
from fillpath.ibkr.heard import OrderShown
from fillpath.ibkr.line import Line
from fillpath.runtime.steady import SteadyClock
from fillpath.settings import Settings, load_settings
from fillpath.testing.ibkr_line import PAPER_ACCOUNT, ScriptedLine

ALLOWED: Final = {
    "SA_BROKER__PROVIDER": "ibkr",
    "SA_BROKER__IBKR__ACCOUNT_ID": PAPER_ACCOUNT,
    "SA_BROKER__IBKR__START_SECONDS": "5",
    "SA_BROKER__IBKR__ANSWER_SECONDS": "1",
    "SA_BROKER__IBKR__WATCHDOG_CANCELS_EVERYTHING": "true",
}


def shown(reference: str, perm_id: int) -> OrderShown:
    """Return an order that works."""
    return OrderShown(
        order_id=0,
        client_id=0,
        perm_id=perm_id,
        order_ref=reference,
        account=PAPER_ACCOUNT,
        con_id=265598,
        symbol="AAPL",
        action="BUY",
        quantity=Decimal(1),
        order_type="LMT",
        status="Submitted",
    )


class CancellingLine(ScriptedLine):
    """A gateway that cancels everything when it is asked to."""

    def cancel_everything(self) -> None:
        """Cancel."""
        super().cancel_everything()
        self.orders.clear()


class Watchdog:
    """The cancel, its gateway, and what a person was told."""

    def __init__(self, line: ScriptedLine | None = None) -> None:
        self.line = line or CancellingLine(SteadyClock())
        self.told: list[RaiseAlarm] = []
        self.client_ids: list[int] = []
        self.broker = GlobalCancel(load_settings(None, ALLOWED), self.told.append, self._line)

    def _line(self, _settings: Settings, client_id: int) -> Line:
        self.client_ids.append(client_id)
        return self.line


def test_what_would_hit_the_orders_of_people_must_be_allowed() -> None:
    chosen = load_settings(None, {"SA_BROKER__PROVIDER": "ibkr"})

    with pytest.raises(ConfigError, match="those of people and of other programs too"):
        GlobalCancel(chosen, lambda _: None)


@pytest.mark.control("A-11", "refuses")
async def test_every_order_of_the_account_is_cancelled_and_named() -> None:
    watchdog = Watchdog()
    watchdog.line.orders.extend([shown("ours", 1), shown("", 77)])

    async with watchdog.broker:
        names = await watchdog.broker.cancel_all()

    assert names == ["ours", "permId 77"]
    assert watchdog.line.written("cancel_everything") == [None]
    assert watchdog.client_ids == [10]


async def test_asking_again_is_harmless() -> None:
    watchdog = Watchdog()

    async with watchdog.broker:
        await watchdog.broker.cancel_all()

        assert await watchdog.broker.cancel_all() == []


async def test_what_works_need_not_be_known_to_be_cancelled() -> None:
    watchdog = Watchdog()

    async with watchdog.broker:
        watchdog.line.silent.add("open_orders")
        with pytest.raises(Unavailable):
            await watchdog.broker.cancel_all()

    assert watchdog.line.written("cancel_everything") == [None]


async def test_a_gateway_that_is_away_is_told_at_the_start_and_not_taken_for_cancelled() -> None:
    line = ScriptedLine(SteadyClock())
    line.failing = "nobody answers"
    watchdog = Watchdog(line)

    async with watchdog.broker:
        with pytest.raises(Unavailable):
            await watchdog.broker.cancel_all()

    assert [alarm.code for alarm in watchdog.told if alarm.code == BLIND] == [BLIND]
    assert "could cancel nothing now" in watchdog.told[-1].text
