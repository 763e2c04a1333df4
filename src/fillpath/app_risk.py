"""What the commands about risk are made of: assessment, the story of an order, what came after."""

from collections.abc import Iterable
from datetime import date, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from fillpath.app_live import JOURNAL, account_folder, account_name
from fillpath.core.errors import ConfigError
from fillpath.core.units import nanoseconds
from fillpath.execution.explaining import Explanation, Record, explain
from fillpath.risk.assessing import Assessment, Evidence, assess
from fillpath.risk.controls import CONTROLS
from fillpath.risk.statements import Unexplained, executions, read_statement, unexplained
from fillpath.risk.surveillance import Flag, watched
from fillpath.scheduling.calendar import new_york_date
from fillpath.settings import CATALOGUE, Settings

EVIDENCE: Final = Path(".tools", "control-results.json")
"""Where a run of the tests leaves its evidence, in a clone of the repository."""

NEW_YORK: Final = ZoneInfo("America/New_York")

Tests = dict[str, dict[str, list[str]]]


def self_assessment(settings: Settings, evidence: Path | None) -> list[Assessment]:
    """Return a row for each control, with the limits that the settings put in force.

    Args:
        settings: of the engine.
        evidence: file that a run of the tests has left; None takes that of a clone, if one is here.

    Raises:
        ConfigError: the file is not there, or holds something else.
    """
    tests = msgspec.json.decode(
        resources.files("fillpath").joinpath("config/control_tests.json").read_bytes(), type=Tests
    )
    return assess(CONTROLS.values(), tests, _evidence(evidence), in_force(settings))


def _evidence(path: Path | None) -> dict[str, Evidence]:
    if path is None and not EVIDENCE.exists():
        return {}
    place = path or EVIDENCE
    try:
        return msgspec.json.decode(place.read_bytes(), type=dict[str, Evidence])
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{place} must be evidence of a test run: {error}") from None


def in_force(settings: Settings) -> dict[str, str]:
    """Return every setting that some control names, by its key, as it is in force."""
    limits = {"risk": settings.desk_policy().risk}
    keys = {key for control in CONTROLS.values() for key in control.settings}
    found: dict[str, str] = {}
    for knob in CATALOGUE.knobs.values():
        if knob.name in keys:
            # A limit that was left open is what the mode makes of it.
            decided = _at(limits, knob.path)
            value = _at(settings, knob.path) if decided is None else decided
            found[knob.name] = "none" if value in {None, ""} else str(value)
    return found


def _at(root: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        root = root.get(name) if isinstance(root, dict) else getattr(root, name, None)
    return root


def explanation(
    settings: Settings, order: str, *, journal: str = "", account: str = ""
) -> Explanation | None:
    """Return what became of an order or a signal, or None when the journal knows none such.

    Args:
        settings: of the engine; they say where its journal is.
        order: its id.
        journal: another journal: a file, or the address of a database.
        account: the account of a fleet, or of that database.
    """
    records = _records(settings, journal, account)
    return explain(records, settings.desk_policy(), order)


def statement_differences(
    settings: Settings, statement: Path, day: date, *, journal: str = "", account: str = ""
) -> list[Unexplained]:
    """Return every row of a broker's statement of a day, or of the journal, that nothing explains.

    Args:
        settings: of the engine; they say where its journal is.
        statement: the broker's executions as CSV.
        day: in New York.
        journal: another journal: a file, or the address of a database.
        account: the account of a fleet, or of that database.

    Raises:
        ConfigError: the statement cannot be read.
    """
    try:
        stated = read_statement(statement.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{statement} must be a statement as CSV: {error}") from None
    known = executions(_records(settings, journal, account))
    return unexplained(stated, known, lambda at: new_york_date(at) == day)


def patterns(
    settings: Settings, day: date | None, *, journal: str = "", account: str = ""
) -> list[Flag]:
    """Return the patterns of a day in New York, or of a whole journal, for a person to look at."""
    records = _records(settings, journal, account)
    if day is None:
        return watched(records)
    first, last = (datetime.combine(day, at, tzinfo=NEW_YORK) for at in (time.min, time.max))
    return watched(records, nanoseconds(first), nanoseconds(last))


def _records(settings: Settings, journal: str, account: str) -> Iterable[Record]:
    from fillpath.data.journal import read_journal  # noqa: PLC0415

    in_database = settings.database.journal == "database" and not journal
    place = settings.database.url if in_database else journal
    if place.startswith("postgresql"):
        from fillpath.data.journal.postgres_reading import read_postgres  # noqa: PLC0415

        return read_postgres(place, account or account_name(settings))
    return read_journal(Path(place) if place else account_folder(settings, account) / JOURNAL)


__all__ = [
    "EVIDENCE",
    "explanation",
    "in_force",
    "patterns",
    "self_assessment",
    "statement_differences",
]
