"""A journal of a replay: durable in groups, continued by the same run, refused by any other."""

from pathlib import Path

import pytest

from fillpath.core.errors import JournalDiverged
from fillpath.data.journal import verify
from fillpath.reports.output import to_json
from tests.integration.recorded_day import LARGE_CASH, a_day_of_signals, quotes, replayed, utc
from tests.recorded import needs_recordings

pytestmark = needs_recordings
DAYS = [utc(2013, 10, day, 13, 30) for day in (7, 8, 9, 10)]
LINES = [
    {**line, "signal_id": f"{day:%d}-{line['signal_id']}"}
    for day in DAYS
    for line in a_day_of_signals(day, ["IBM", "AIG"], 60)
]


def test_a_finished_run_of_many_days_is_shown_again(tmp_path: Path) -> None:
    journal = tmp_path / "run.journal"
    first = replayed(tmp_path, LINES, quotes=quotes("IBM", "AIG"), journal=journal)

    again = replayed(tmp_path, LINES, quotes=quotes("IBM", "AIG"), journal=journal)

    assert to_json(again).split('"elapsed_s"')[0] == to_json(first).split('"elapsed_s"')[0]


def test_every_day_is_durable_when_it_ends(tmp_path: Path) -> None:
    journal = tmp_path / "run.journal"
    replayed(tmp_path, LINES, quotes=quotes("IBM", "AIG"), journal=journal)

    assert verify(journal).frames > len(DAYS)


@pytest.mark.parametrize("other", ["cash", "signals"])
def test_another_run_is_refused_in_one_sentence(tmp_path: Path, other: str) -> None:
    journal = tmp_path / "run.journal"
    replayed(tmp_path, LINES[:60], quotes=quotes("IBM", "AIG"), journal=journal)
    lines = LINES[:60] if other == "cash" else LINES[:40]
    cash = {"cash": LARGE_CASH} if other == "cash" else {}

    with pytest.raises(JournalDiverged, match="other settings or for other inputs"):
        replayed(tmp_path, lines, quotes=quotes("IBM", "AIG"), journal=journal, **cash)


def test_other_volumes_are_another_run(tmp_path: Path) -> None:
    journal = tmp_path / "run.journal"
    replayed(tmp_path, LINES[:60], quotes=quotes("IBM", "AIG"), journal=journal)

    with pytest.raises(JournalDiverged, match="other settings or for other inputs"):
        replayed(tmp_path, LINES[:60], quotes=quotes("IBM", "AIG"), journal=journal, daily=())


def test_a_run_that_was_cut_off_gives_every_order_the_name_it_would_have_had(
    tmp_path: Path,
) -> None:
    journal = tmp_path / "run.journal"
    whole = replayed(tmp_path, LINES, quotes=quotes("IBM", "AIG"), journal=journal)
    content = journal.read_bytes()
    for share in (3, 5, 8):
        journal.write_bytes(content[: len(content) * share // 10])

        again = replayed(tmp_path, LINES, quotes=quotes("IBM", "AIG"), journal=journal)

        assert again.orders == whole.orders
        assert again.fills == whole.fills
