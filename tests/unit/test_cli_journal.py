"""The journal commands say what is in a journal, and copy it without losing anything."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from fillpath import cli
from fillpath.core.commands import Intent, PlaceOrder
from fillpath.core.events import AccountOpened, Event, OrderAccepted, SessionOpened, SignalReceived
from fillpath.core.translation import filled_by
from fillpath.core.units import MONEY_SCALE
from fillpath.data.files.recording import HEADER, line_of
from fillpath.data.journal import FileJournal, read_journal
from fillpath.execution.desk import Desk
from fillpath.settings import load_settings
from fillpath.testing.builders import START, START_NS, a_fill, a_quote, a_signal, a_view
from fillpath.testing.journal_contract import ONE_OF_EACH, a_record
from tests.house.project import ROOT
from tests.unit.data.journal_builders import written

ORDER = "trend/sig-1#1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal that holds one record of each kind."""
    path = tmp_path / "journal"
    journal = FileJournal(path)
    for record in ONE_OF_EACH:
        journal.append(record)
    journal.close()
    return path


def recorded(folder: Path, bid: str) -> Path:
    """Write the quote that the signal of ``traded`` was decided on, or one with another bid."""
    path = folder / "2026-03-02.csv"
    quote = a_quote(bid, "150.01", ts=START)
    path.write_text(HEADER + line_of(START_NS, quote))
    return path


@pytest.fixture
def traded(tmp_path: Path) -> Path:
    """A journal that an engine could have written: a signal, an order, a part of its fill."""
    path = tmp_path / "traded"
    journal = FileJournal(path)
    desk = Desk(load_settings(None).desk_policy())
    placed: list[PlaceOrder] = []

    def live(event: Event) -> None:
        journal.append(event)
        for command in desk.step(event):
            if isinstance(command, Intent):
                journal.append(command)
            if isinstance(command, PlaceOrder):
                placed.append(command)

    live(AccountOpened(START_NS, "paper", 100_000 * MONEY_SCALE))
    live(SessionOpened(START_NS))
    live(SignalReceived(START_NS, a_signal(), a_view(mean=150 * 10**8)))
    order_id = placed[0].ticket.order_id
    live(OrderAccepted(START_NS, order_id, "sim-1"))
    live(filled_by(START_NS, a_fill(5, "150.01", order_id=order_id, commission="0.05")))
    journal.close()
    return path


def run(capsys: pytest.CaptureFixture[str], words: Sequence[object]) -> tuple[int, str, str]:
    code = cli.main(["journal", *map(str, words)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


Capture = pytest.CaptureFixture[str]


class TestVerify:
    def test_a_sound_journal_is_said_to_be(self, path: Path, capsys: Capture) -> None:
        code, out, _ = run(capsys, ["verify", path])

        assert code == 0
        assert f"{path}: {len(ONE_OF_EACH)} records in 2 frames" in out
        assert f"epoch 1, opened: records 0 to {len(ONE_OF_EACH) - 1}" in out

    def test_every_epoch_is_named(self, path: Path, capsys: Capture) -> None:
        FileJournal(path).close()

        _, out, _ = run(capsys, ["verify", path])

        assert out.splitlines()[-1] == "  epoch 2, opened: no records"

    def test_an_unfinished_write_is_said(self, path: Path, capsys: Capture) -> None:
        path.write_bytes(path.read_bytes() + b"torn")

        _, out, _ = run(capsys, ["verify", path])

        assert "then 4 bytes of an unfinished write" in out

    @pytest.mark.fault("F-36")
    def test_another_file_is_refused(self, capsys: Capture) -> None:
        code, _, err = run(capsys, ["verify", __file__])

        assert code == 2
        assert "this is not a fillpath journal" in err

    @pytest.mark.fault("F-35")
    def test_damage_is_one_sentence_with_its_place(self, path: Path, capsys: Capture) -> None:
        path.write_bytes(path.read_bytes()[:60] + b"?" + path.read_bytes()[61:])

        code, _, err = run(capsys, ["verify", path])

        assert code == 2
        assert f"{path}: frame 1 at byte 24" in err

    def test_json_is_one_object(self, path: Path, capsys: Capture) -> None:
        FileJournal(path).close()

        _, out, _ = run(capsys, ["verify", path, "--json"])

        told = json.loads(out)
        assert (told["records"], told["torn"], told["version"]) == (len(ONE_OF_EACH), 0, 2)
        assert [start["epoch"] for start in told["epochs"]] == [1, 2]


class TestShow:
    def test_every_record_is_a_line(self, path: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["show", path])

        lines = out.splitlines()
        assert len(lines) == len(ONE_OF_EACH)
        assert lines[0].split()[:4] == [
            "0",
            "2026-03-02T14:30:00Z",
            "account_opened",
            "account=paper",
        ]

    def test_json_is_an_object_a_line_with_its_number(self, path: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["show", path, "--json"])

        told = [json.loads(line) for line in out.splitlines()]
        assert [one["type"] for one in told] == [r.__struct_config__.tag for r in ONE_OF_EACH]
        assert [one["sequence"] for one in told] == list(range(len(ONE_OF_EACH)))

    def test_a_part_by_numbers(self, path: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["show", path, "--from", 3, "--to", 5])

        assert [line.split()[0] for line in out.splitlines()] == ["3", "4", "5"]

    def test_a_part_by_times(self, tmp_path: Path, capsys: Capture) -> None:
        path = tmp_path / "times"
        journal = FileJournal(path)
        for second in range(5):
            journal.append(a_record(second * 500_000_000))
        journal.close()

        _, out, _ = run(
            capsys,
            ["show", path, "--from", "2026-03-02T14:30:00.5Z", "--to", "2026-03-02T09:30:01-05:00"],
        )

        assert [line.split()[0] for line in out.splitlines()] == ["1", "2"]

    def test_all_that_names_an_order(self, path: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["show", path, "--order", ORDER])

        kinds = {line.split()[2] for line in out.splitlines()}
        assert {"order_accepted", "place_order", "cancel_order"} <= kinds
        assert all(ORDER in line for line in out.splitlines())

    def test_one_kind(self, path: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["show", path, "--kind", "order_filled"])

        assert [line.split()[2] for line in out.splitlines()] == ["order_filled"]

    @pytest.mark.parametrize("word", ["yesterday", "2026-03-02T14:30"])
    def test_a_place_that_is_none_is_one_sentence(
        self, path: Path, capsys: Capture, word: str
    ) -> None:
        code, _, err = run(capsys, ["show", path, "--from", word])

        assert code == 2
        assert "--from: must be a sequence number or a time with its zone" in err


class TestReplay:
    def test_the_same_decisions_come_again(self, traded: Path, capsys: Capture) -> None:
        code, out, _ = run(capsys, ["replay", traded])

        assert code == 0
        assert "records replay to the same decisions; fingerprint" in out
        assert "cash        99249.9" in out
        assert "positions   AAPL 5" in out
        assert "PARTIALLY_FILLED, CONFIRMED" in out

    def test_json_is_one_object(self, traded: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["replay", traded, "--json"])

        told = json.loads(out)
        assert told["positions"] == {"AAPL": "5"}
        assert (told["outstanding"], told["killed"]) == (1, False)  # the stop has no answer yet
        assert len(told["open_orders"]) == 2  # the entry and its stop

    def test_other_decisions_have_an_exit_code_of_their_own(
        self, traded: Path, tmp_path: Path, capsys: Capture
    ) -> None:
        settings = tmp_path / "settings.yaml"
        settings.write_text("execution:\n  position_sizing: percent_equity\n")

        code, _, err = run(capsys, ["replay", traded, "--settings", settings])

        assert code == 1
        assert "replays to something else: record" in err

    def test_on_the_recorded_quotes_it_is_the_same(
        self, traded: Path, tmp_path: Path, capsys: Capture
    ) -> None:
        quotes = recorded(tmp_path, "149.99")

        code, out, err = run(capsys, ["replay", traded, "--quotes", quotes])

        assert (code, err) == (0, "")
        assert (
            "on the recorded quotes 1 signals, 1 decisions and 2 orders are the same; 1 looks at "
            "the market, 0 of them otherwise than in the journal" in out
        )

    def test_on_other_quotes_the_first_that_differs_is_named(
        self, traded: Path, tmp_path: Path, capsys: Capture
    ) -> None:
        quotes = recorded(tmp_path, "148.99")

        code, out, err = run(capsys, ["replay", traded, "--quotes", quotes])

        assert code == 1
        assert "the first of those: record 2, " in out
        assert "the market of SignalReceived bid was 14999000000, is 14899000000" in out
        assert "fillpath: the first that differs: record 2, 2026-03-02T14:30:00.000000Z: " in err

    def test_an_empty_journal_has_nothing(self, tmp_path: Path, capsys: Capture) -> None:
        path = tmp_path / "new"
        path.write_bytes(written())

        _, out, _ = run(capsys, ["replay", path])

        assert "0 records replay" in out
        assert "positions   none" in out


class TestExport:
    def test_json_is_every_record(self, path: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["export", path])

        assert len([json.loads(line) for line in out.splitlines()]) == len(ONE_OF_EACH)

    def test_fills_are_a_table(self, traded: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["export", traded, "--form", "fills"])

        (fill,) = csv.DictReader(io.StringIO(out))
        assert (fill["quantity"], fill["price"], fill["commission"]) == ("5", "150.01", "0.05")

    def test_orders_are_a_table(self, traded: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["export", traded, "--form", "orders"])

        order, stop = csv.DictReader(io.StringIO(out))
        assert (order["symbol"], order["side"], order["strategy_name"]) == ("AAPL", "BUY", "trend")
        assert (stop["symbol"], stop["side"], stop["order_type"]) == ("AAPL", "SELL", "STOP")

    def test_a_table_without_rows_is_empty(self, tmp_path: Path, capsys: Capture) -> None:
        path = tmp_path / "new"
        path.write_bytes(written())

        assert run(capsys, ["export", path, "--form", "fills"]) == (0, "", "")


class TestCopies:
    def test_a_backup_is_checked_and_said(
        self, path: Path, tmp_path: Path, capsys: Capture
    ) -> None:
        code, out, _ = run(capsys, ["backup", path, tmp_path / "copy"])

        assert code == 0
        assert f"copy: {len(ONE_OF_EACH)} records, checked; last hash" in out
        assert (tmp_path / "copy").read_bytes() == path.read_bytes()

    def test_a_restore_says_where_the_old_one_is(
        self, path: Path, tmp_path: Path, capsys: Capture
    ) -> None:
        run(capsys, ["backup", path, tmp_path / "copy"])

        code, out, _ = run(capsys, ["restore", tmp_path / "copy", path])

        assert code == 0
        assert "records in epoch 2; what was there is kept as" in out
        assert "the next start asks it first" in out

    @pytest.mark.fault("F-36")
    def test_a_restore_that_would_lose_records_is_refused(
        self, path: Path, tmp_path: Path, capsys: Capture
    ) -> None:
        (tmp_path / "copy").write_bytes(written(1))

        code, _, err = run(capsys, ["restore", tmp_path / "copy", path])

        assert code == 2
        assert "records that" in err
        assert list(read_journal(path)) == list(ONE_OF_EACH)

    def test_force_restores_all_the_same(self, path: Path, tmp_path: Path, capsys: Capture) -> None:
        (tmp_path / "copy").write_bytes(written(1))

        code, _, _ = run(capsys, ["restore", tmp_path / "copy", path, "--force"])

        assert code == 0
        assert list(read_journal(path)) == [a_record()]

    @pytest.mark.fault("F-36")
    def test_what_was_made_of_records_that_are_gone_is_undone(
        self, path: Path, tmp_path: Path, capsys: Capture
    ) -> None:
        (tmp_path / "copy").write_bytes(written(1))
        path.with_name("store.sqlite").touch()
        path.with_name("published").write_text("1000")

        _, out, _ = run(capsys, ["restore", tmp_path / "copy", path, "--force"])

        assert "the next start makes the tables beside it anew" in out
        assert not path.with_name("store.sqlite").exists()
        assert path.with_name("published").read_text() == "0\n"

    def test_what_cannot_be_undone_is_named(
        self, path: Path, tmp_path: Path, capsys: Capture
    ) -> None:
        (tmp_path / "copy").write_bytes(written(1))
        path.with_name("published").write_text("nonsense")

        code, out, _ = run(capsys, ["restore", tmp_path / "copy", path, "--force"])

        assert code == 0
        assert "what lies beside it could not be brought in line: " in out

    def test_an_upgrade_says_so(self, tmp_path: Path, capsys: Capture) -> None:
        path = tmp_path / "old"
        path.write_bytes((ROOT / "tests" / "journals" / "v1.frames").read_bytes())

        code, out, _ = run(capsys, ["upgrade", path])

        assert code == 0
        assert "60 records, format 2; the old file is kept beside it" in out


class TestDatabase:
    def test_it_needs_an_account(self, capsys: Capture) -> None:
        code, _, err = run(capsys, ["verify", "postgresql://127.0.0.1:1/fillpath"])

        assert code == 2
        assert "say which by --account" in err

    @pytest.mark.parametrize("command", ["verify", "show", "replay", "export"])
    def test_one_that_cannot_be_reached_is_one_sentence(
        self, capsys: Capture, command: str
    ) -> None:
        address = "postgresql://postgres@127.0.0.1:1/fillpath"

        code, _, err = run(capsys, [command, address, "--account", "paper"])

        assert code == 2
        assert "fillpath: cannot read the journal of account paper in PostgreSQL" in err
