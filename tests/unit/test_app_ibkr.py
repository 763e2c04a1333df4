"""What a connection is told by the settings, and what its warnings become."""

from datetime import time
from typing import Final

import pytest

from fillpath.app_ibkr import (
    DATA,
    WATCHDOG,
    Warnings,
    connection_of,
    policy_of,
    reach,
    tell_of,
    windows_of,
)
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.data.bus.notices import Notice
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.line import Line
from fillpath.ibkr.states import Alarm, State
from fillpath.runtime.steady import SteadyClock
from fillpath.settings import Settings, load_settings
from fillpath.testing.ibkr_line import PAPER_ACCOUNT, ScriptedLine

IBKR: Final = "SA_BROKER__IBKR__"


def settings(**variables: str) -> Settings:
    """Return settings of the broker, changed by variables without what they all begin with."""
    changed = {f"{IBKR}{name}": value for name, value in variables.items()}
    return load_settings(None, {"SA_BROKER__PROVIDER": "ibkr"} | changed)


def test_each_part_has_a_client_id_of_its_own() -> None:
    chosen = settings(CLIENT_ID="20")

    assert [policy_of(chosen, beside).client_id for beside in (0, 1, 2, 9)] == [20, 21, 22, 29]


def test_the_settings_are_what_a_connection_is_told() -> None:
    policy = policy_of(
        settings(
            ACCOUNT_ID="DU5", CONNECT_SECONDS="3", ANSWER_SECONDS="4", MAX_CLOCK_DRIFT_SECONDS="7"
        ),
        DATA,
    )

    assert (policy.account, policy.paper_trading) == ("DU5", True)
    assert (policy.connect_seconds, policy.answer_seconds) == (3, 4)
    assert policy.clock_limit_seconds == 7


@pytest.mark.parametrize("messages", [10, 15, 40, 45])
def test_whatever_the_pace_there_is_room_for_cancels(messages: int) -> None:
    policy = policy_of(settings(MESSAGES_PER_SECOND=str(messages)), 0)

    assert 0 < policy.others < policy.messages == messages


def test_the_windows_are_those_of_the_settings() -> None:
    nightly, daily, weekly = windows_of(
        settings(
            RESTART_AT="05:30",
            RESTART_ZONE="Europe/Zurich",
            RESTART_MINUTES="9",
            WEEKLY_LOGIN_MINUTES="33",
        ).broker.ibkr
    )

    assert (daily.start, daily.zone, daily.minutes) == (time(5, 30), "Europe/Zurich", 9)
    assert (weekly.weekday, weekly.minutes) == (6, 33)
    assert (nightly.start, nightly.zone) == (time(23, 45), "America/New_York")


def test_a_restart_that_nobody_knows_is_no_window() -> None:
    windows = windows_of(settings(RESTART_AT="").broker.ibkr)

    assert [window.weekday for window in windows] == [None, 6]


def test_what_is_warned_of_reaches_a_person_with_the_name_of_the_connection() -> None:
    told: list[RaiseAlarm] = []
    warnings = Warnings(SteadyClock(), told.append, "the feed")

    warnings.hear(Alarm("DISCONNECTED", "the socket broke"))
    warnings.hear(Alarm("DISCONNECTED", "over", over=True))
    warnings.notice(Notice("FEED_LOST", "no quotes"))

    assert [(alarm.code, alarm.text) for alarm in told] == [
        ("DISCONNECTED", "the feed: the socket broke"),
        ("DISCONNECTED", "the feed: it is over"),
        ("FEED_LOST", "the feed: no quotes"),
    ]
    assert warnings.last.text == "the socket broke"


class Gateway:
    """A scripted gateway and a connection to it."""

    def __init__(self, accounts: tuple[str, ...] = (PAPER_ACCOUNT,), failing: str = "") -> None:
        self.clock = SteadyClock()
        self.line = ScriptedLine(self.clock, accounts)
        self.line.failing = failing
        self.client_id = 0
        self.told: list[RaiseAlarm] = []
        self.warnings = Warnings(self.clock, self.told.append)
        chosen = settings(ACCOUNT_ID=PAPER_ACCOUNT)
        self.connection: Connection = tell_of(
            connection_of(chosen, self.clock, WATCHDOG, self._line), self.warnings
        )

    def _line(self, _settings: Settings, client_id: int) -> Line:
        self.client_id = client_id
        return self.line

    async def reach(self) -> None:
        await reach(self.connection, self.connection, self.warnings, 0.2)


async def test_a_gateway_that_is_there_is_reached_with_the_right_client_id() -> None:
    gateway = Gateway()

    await gateway.reach()

    assert (gateway.connection.state, gateway.client_id) == (State.TRADING, 10)
    await gateway.connection.stop()


@pytest.mark.fault("F-57")
async def test_a_gateway_that_is_away_is_let_go_of() -> None:
    gateway = Gateway(failing="nobody answers")

    with pytest.raises(Unavailable, match="nobody answers"):
        await gateway.reach()

    assert gateway.connection.state is State.DISCONNECTED


@pytest.mark.fault("F-58")
@pytest.mark.security("S-23")
async def test_a_login_of_another_account_is_no_failed_connection() -> None:
    gateway = Gateway(accounts=("DU9",))

    with pytest.raises(BrokerRefused) as refused:
        await gateway.reach()

    assert refused.value.code == "WRONG_ACCOUNT"
    assert "WRONG_ACCOUNT" in [alarm.code for alarm in gateway.told]
