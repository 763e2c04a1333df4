"""How an account stands is told from what its engine said, and from nothing else."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from fillpath.api.answers import SettingShown, TablesShown
from fillpath.api.schemas import LotFilter
from fillpath.api.standing import (
    Heard,
    account,
    banner_of,
    breakers,
    feed_of,
    health,
    held_position,
    is_wanted,
    kill_state,
    killed_text,
    lag,
    portfolio,
    reconciliation,
    settings_for,
)
from fillpath.core.listings import LotRow
from fillpath.core.status import Latched, OpenOrder, Part, State, Status
from fillpath.testing.builders import START
from fillpath.testing.rows import a_position_row

TABLES = TablesShown(tier="sqlite", healthy=True, through=8)
AWAY = TablesShown(tier="unknown", healthy=False, through=-1, detail="no file")


def status(**changes: Any) -> Status:
    given: dict[str, Any] = {
        "account": "SIM",
        "mode": "PAPER",
        "state": State.TRADING,
        "version": "1",
        "at": START,
        "started_at": START,
        "pid": 1,
        "records": 10,
    }
    return Status(**(given | changes))


def heard(*, reachable: bool = True, **changes: Any) -> Heard:
    return Heard(status=status(**changes), reachable=reachable, why="" if reachable else "away")


NOBODY = Heard(status=None, reachable=False, why="no engine answers")


def test_an_account_is_listed_as_its_engine_says() -> None:
    assert account("SIM", heard()).mode == "PAPER"
    assert account("SIM", NOBODY).state == ""


@pytest.mark.parametrize(
    ("said", "trading", "why"),
    [
        (heard(), True, ""),
        (heard(state=State.KILLED, why="storm"), False, "storm"),
        (heard(reachable=False), False, "away"),
        (NOBODY, False, "no engine answers"),
        (Heard(status=None, reachable=False), False, "no engine runs"),
    ],
)
def test_it_trades_only_while_its_engine_says_so(said: Heard, trading: bool, why: str) -> None:  # noqa: FBT001  # a column of the table
    found = health(said)

    assert (found.trading, found.why) == (trading, why)


@pytest.mark.parametrize(
    ("said", "tables", "banner", "severity"),
    [
        (heard(), TABLES, "", ""),
        (NOBODY, TABLES, "does not answer", "CRITICAL"),
        (heard(reachable=False, why="broken"), TABLES, "(broken)", "CRITICAL"),
        (heard(state=State.KILLED, why="storm"), TABLES, "KILLED: storm", "CRITICAL"),
        (heard(notice="every fill is invented"), TABLES, "invented", "CRITICAL"),
        (heard(), AWAY, "no file", "CRITICAL"),
        (heard(state=State.HELD, why="clock"), TABLES, "HELD: clock", "WARNING"),
        (heard(state=State.STARTING), TABLES, "no order leaves", "WARNING"),
        (
            heard(parts=(Part(name="bus", kind="redis", healthy=False, detail="away"),)),
            TABLES,
            "Degraded: bus away",
            "WARNING",
        ),
    ],
)
def test_what_everybody_must_see_first_is_in_the_banner(
    said: Heard, tables: TablesShown, banner: str, severity: str
) -> None:
    text, grave = banner_of(said, tables)

    assert banner in text
    assert bool(text) == bool(banner)
    assert grave == severity


def test_prices_are_as_fresh_as_the_engine_says() -> None:
    feed = Part(name="feed", kind="modelled", healthy=True, age_ms=40)

    found = feed_of(status(parts=(feed,)))

    assert found is not None
    assert (found.kind, found.age_ms) == ("modelled", 40)
    assert feed_of(status()) is None
    assert feed_of(None) is None


def test_the_tables_lag_by_the_records_that_they_have_not() -> None:
    assert lag(heard(), 8) == 1
    assert lag(heard(), 20) == 0
    assert lag(NOBODY, 8) is None


def test_a_latch_says_who_set_it_and_since_when() -> None:
    known = Latched(by="ann", since=START, exits=True)
    said = heard(latches={"KILL_SWITCH trading": "storm"}, latched={"KILL_SWITCH trading": known})

    (row,) = breakers(said).rows

    assert (row.by, row.since, row.until, row.exits) == ("ann", START, None, True)


def test_everything_that_stops_orders_is_told_with_its_scope() -> None:
    said = heard(
        latches={
            "KILL_SWITCH trading": "storm",
            "DAILY_LOSS all trading": "lost",
            "SLIPPAGE_BREAKER strategy my trend": "dear",
            "KILL_SWITCH symbol AAPL": "odd",
        },
        holds={"SAFE_HOLD": "crashed", "CLOCK": ""},
        quarantined={"MSFT": "differs"},
        unprotected={"IBM of trend": "no stop"},
    )

    rows = breakers(said).rows

    assert [(row.kind, row.code, row.scope, row.target) for row in rows] == [
        ("LATCH", "KILL_SWITCH", "account", ""),
        ("LATCH", "DAILY_LOSS", "all", ""),
        ("LATCH", "SLIPPAGE_BREAKER", "strategy", "my trend"),
        ("LATCH", "KILL_SWITCH", "symbol", "AAPL"),
        ("HOLD", "SAFE_HOLD", "account", ""),
        ("HOLD", "CLOCK", "account", ""),
        ("QUARANTINE", "QUARANTINED", "symbol", "MSFT"),
        ("UNPROTECTED", "UNPROTECTED", "symbol", "IBM of trend"),
    ]
    assert [row.resumable for row in rows] == [True] * 5 + [False] * 3
    assert breakers(NOBODY).rows == []


def test_the_kill_is_told_with_the_word_that_ends_it() -> None:
    found = kill_state(heard(killed="storm", latches={"KILL_SWITCH trading": "storm"}), "SIM", ())

    assert (found.killed, found.resume_word, len(found.latches)) == ("storm", "SIM", 1)
    assert kill_state(NOBODY, "SIM", ()).latches == []


def test_a_kill_says_what_it_came_to() -> None:
    assert "over restarts" in killed_text(latched=True, everyone=True, why="")
    assert "disk full" in killed_text(latched=False, everyone=True, why="disk full")
    assert "start killed" in killed_text(latched=True, everyone=False, why="away")


def test_what_broker_and_journal_disagree_on_is_told() -> None:
    doubtful = OpenOrder(
        order_id="o1",
        symbol="AAPL",
        side="BUY",
        quantity="1",
        filled="0",
        status="SUBMITTED",
        certainty="IN_DOUBT",
        cancel_requested=False,
    )
    said = heard(
        differences=("CASH_DIFFERENCE : 1 and 2",),
        holds={"RECONCILING": "", "CLOCK": "drifts"},
        quarantined={"MSFT": "differs"},
        open_orders=(doubtful,),
        reconciled_at=START,
    )

    found = reconciliation(said)

    assert [one.what for one in found.open] == ["difference", "hold", "quarantine", "doubt"]
    assert (found.agreed, found.compared_at) == (False, START)
    assert reconciliation(heard()).agreed
    assert not reconciliation(NOBODY).agreed


@pytest.mark.parametrize(
    ("positions", "broker", "ours", "theirs", "differs"),
    [
        ({"AAPL": "100.0"}, None, "100.0", None, False),
        ({"AAPL": "90"}, None, "90", None, True),
        ({}, None, "0", None, True),
        ({"AAPL": "100"}, {"AAPL": "100"}, "100", "100", False),
        ({"AAPL": "100"}, {}, "100", "0", True),
    ],
)
def test_a_position_is_shown_beside_what_the_others_say(
    positions: dict[str, str],
    broker: dict[str, str] | None,
    ours: str,
    theirs: str | None,
    differs: bool,  # noqa: FBT001  # a column of the table
) -> None:
    row = a_position_row(symbol="AAPL", quantity=Decimal(100))
    told: dict[str, Any] = (
        {} if broker is None else {"broker_positions": broker, "reconciled_at": START}
    )

    found = held_position(row, heard(positions=positions, **told))

    assert (found.engine_quantity, found.broker_quantity, found.differs) == (ours, theirs, differs)


def test_a_closed_position_is_left_out_unless_somebody_still_holds_it() -> None:
    row = a_position_row(symbol="AAPL", quantity=Decimal(0))

    assert portfolio(heard(), [row], {}, None, 8).positions == []
    assert len(portfolio(heard(positions={"AAPL": "1"}), [row], {}, None, 8).positions) == 1
    assert portfolio(NOBODY, [row], {}, None, 8).stop_keeper == "none"


def test_a_position_without_a_stop_says_so() -> None:
    row = a_position_row(symbol="AAPL", quantity=Decimal(100))
    said = heard(unprotected={"AAPL of trend": "refused", "AAPLX of trend": "other"})

    assert held_position(row, said).unprotected == "refused"


def lot(closed: datetime | None, symbol: str = "AAPL") -> LotRow:
    fields: dict[str, Any] = dict.fromkeys(LotRow.__struct_fields__)
    sold = "sold_at" if "sold_at" in fields else "closed_at"
    return LotRow(**(fields | {"symbol": symbol, "quantity": Decimal(1), sold: closed}))


@pytest.mark.parametrize(
    ("closed", "asked", "wanted"),
    [
        (None, {}, True),
        (None, {"open": False}, False),
        (START, {"symbol": "MSFT"}, False),
        (START, {"since": START}, True),
        (START, {"until": START}, False),
        (START, {"since": datetime(2030, 1, 1, tzinfo=UTC)}, False),
        (START, {"until": datetime(2030, 1, 1, tzinfo=UTC)}, True),
    ],
)
def test_lots_are_chosen_by_when_they_were_closed(
    closed: datetime | None,
    asked: dict[str, Any],
    wanted: bool,  # noqa: FBT001  # a column of the table
) -> None:
    assert is_wanted(lot(closed), LotFilter(**asked)) is wanted


@pytest.mark.security("S-04")
def test_settings_name_no_account_of_others() -> None:
    def row(name: str, value: str) -> SettingShown:
        return SettingShown(name=name, value=value, unit="", meaning="", changed=True)

    rows = [row("engine.accounts", "A, B,C"), row("engine.account", "B"), row("engine.hours", "B")]

    def told(sees: set[str]) -> list[str]:
        return [one.value for one in settings_for(rows, sees.__contains__)]

    assert told({"A", "C"}) == ["A, C", "", "B"]
    assert told({"A", "B", "C"}) == ["A, B,C", "B", "B"]
