"""The risk commands show what the controls are, what shows them, and what they did to an order."""

import json
import shutil
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from fillpath import app_risk, cli
from fillpath.app_live import JOURNAL
from fillpath.core.commands import Intent
from fillpath.core.events import AccountOpened, OrderFilled, SessionOpened, SignalReceived
from fillpath.core.models import OrderSide
from fillpath.core.units import MONEY_SCALE, moment
from fillpath.data.journal import FileJournal
from fillpath.execution.desk import Desk
from fillpath.risk.controls import CONTROLS
from fillpath.settings import load_settings
from fillpath.testing.builders import START_NS, a_signal, a_view
from tests.postgres import PostgresServer

Capture = pytest.CaptureFixture[str]
ORDER = "trend/sig-1"


def run(capsys: Capture, words: Sequence[object]) -> tuple[int, str, str]:
    code = cli.main(["risk", *map(str, words)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, so that no evidence of a clone is found."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def evidence(folder: Path, told: Any) -> Path:
    path = folder / "evidence.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def trade(journal: Any) -> None:
    """Write what an engine writes that takes one signal and sends one order."""
    desk = Desk(load_settings(None).desk_policy())
    for event in (
        AccountOpened(START_NS, "STUB", 100_000 * MONEY_SCALE),
        SessionOpened(START_NS),
        SignalReceived(START_NS, a_signal(), a_view()),
    ):
        journal.append(event)
        for command in desk.step(event):
            if isinstance(command, Intent):
                journal.append(command)
    journal.close()


@pytest.fixture
def traded(home: Path) -> Path:
    folder = home / "fillpath-data" / "STUB"
    folder.mkdir(parents=True)
    trade(FileJournal(folder / JOURNAL))
    return folder / JOURNAL


class TestSelfAssessment:
    def test_every_control_has_a_row(self, home: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["selfassess", "--json"])

        rows = json.loads(out)
        assert [row["id"] for row in rows] == list(CONTROLS)
        assert all(row["rationale"] for row in rows)
        assert {row["last"] for row in rows} == {"not run"}
        assert not list(home.iterdir())

    def test_it_fails_and_names_them_when_nothing_shows_a_control_refusing(
        self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        lonely = {"C-17": CONTROLS["C-17"], "ZZ-99": CONTROLS["C-17"]}
        monkeypatch.setattr(app_risk, "CONTROLS", lonely)
        package = home / "config"
        package.mkdir()
        (package / "control_tests.json").write_text("{}", encoding="utf-8")
        monkeypatch.setattr(resources, "files", lambda _name: home)

        code, _, err = run(capsys, ["selfassess", "--json"])

        assert code == 1
        assert err == "fillpath: nothing shows these controls refusing: C-17, C-17\n"

    def test_it_is_content_when_each_control_is_shown_refusing(
        self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setattr(app_risk, "CONTROLS", {"C-17": CONTROLS["C-17"]})
        (home / "config").mkdir()
        shown = json.dumps({"C-17": {"refuses": ["t::one"], "passes": []}})
        (home / "config" / "control_tests.json").write_text(shown, encoding="utf-8")
        monkeypatch.setattr(resources, "files", lambda _name: home)

        code, out, err = run(capsys, ["selfassess"])

        assert (code, err) == (0, "")
        assert "POSITION" not in out
        assert "1 refuse" in out
        assert "max_position_pct 5" in out

    def test_evidence_says_when_a_control_was_shown_last(self, home: Path, capsys: Capture) -> None:
        tests = json.loads(shipped())
        name = next(n for n, ways in tests.items() if ways["refuses"] or ways["passes"])
        told = {"outcome": "passed", "at": "2026-11-20T09:00:00Z", "commit": "abc"}
        every = {test: told for ways in tests[name].values() for test in ways}

        _, out, _ = run(capsys, ["selfassess", "--json", "--evidence", evidence(home, every)])

        row = next(row for row in json.loads(out) if row["id"] == name)
        assert (row["last"], row["at"], row["commit"]) == ("passed", told["at"], "abc")

    def test_evidence_of_the_clone_at_hand_is_found(self, home: Path, capsys: Capture) -> None:
        (home / ".tools").mkdir()
        shutil.copy(evidence(home, {}), home / app_risk.EVIDENCE)

        _, out, _ = run(capsys, ["selfassess", "--json"])

        assert len(json.loads(out)) == len(CONTROLS)

    def test_evidence_that_is_none_is_refused(self, home: Path, capsys: Capture) -> None:
        path = evidence(home, ["no"])

        code, out, err = run(capsys, ["selfassess", "--evidence", path])

        assert (code, out) == (2, "")
        assert f"{path} must be evidence of a test run" in err

    def test_a_limit_is_shown_as_it_is_in_force(self, home: Path, capsys: Capture) -> None:
        (home / "fillpath.yaml").write_text("execution: {min_trades: 7}\n", encoding="utf-8")
        limits = "max_positions: 3\nallow_short: false\n"
        (home / "risk_limits.yaml").write_text(limits, encoding="utf-8")

        _, out, _ = run(capsys, ["selfassess", "--json", "--settings", home / "fillpath.yaml"])

        rows = {row["id"]: row["limits"] for row in json.loads(out)}
        assert rows["C-17"]["risk.max_positions"] == "3"
        assert rows["C-28"] == {"risk.allow_short": "False"}
        assert rows["C-39"] == {"execution.min_trades": "7"}
        assert rows["C-26"]["risk.max_trades_per_day"] == "500"

    def test_the_table_shows_what_a_control_waits_for(self, home: Path, capsys: Capture) -> None:
        _, out, _ = run(capsys, ["selfassess"])

        assert "waits:" in out
        assert home.exists()


def shipped() -> str:
    return resources.files("fillpath").joinpath("config/control_tests.json").read_text("utf-8")


class TestExplain:
    def test_an_order_is_explained_from_the_journal_of_the_account(
        self, traded: Path, capsys: Capture
    ) -> None:
        code, out, err = run(capsys, ["explain", ORDER])

        assert (code, err) == (0, "")
        assert "SIGNAL ORDERED trend/sig-1 APPROVE" in out
        assert "POSITION_CAP" in out
        assert "max_position_pct 5" in out
        assert traded.exists()

    def test_another_journal_can_be_named(self, traded: Path, capsys: Capture) -> None:
        moved = traded.rename(traded.with_name("copy"))

        code, out, _ = run(capsys, ["explain", ORDER, "--journal", moved, "--json"])

        told = json.loads(out)
        assert code == 0
        assert told["symbol"] == "AAPL"
        verdicts = {one["id"]: one["verdict"] for one in told["judgements"][0]["controls"]}
        assert verdicts["C-17"] == "passed"
        assert verdicts["C-52"] == "did not run"

    def test_a_refusal_is_told_with_its_reason(self, traded: Path, capsys: Capture) -> None:
        journal = traded.with_name("late")
        trade_late(journal)

        _, out, _ = run(capsys, ["explain", "sig-1", "--journal", journal])

        assert "SIGNAL REFUSED" in out
        assert "STALE_SIGNAL: the signal is 60.000 s old" in out

    def test_an_order_that_the_journal_does_not_know_is_said_to_be_unknown(
        self, traded: Path, capsys: Capture
    ) -> None:
        code, out, err = run(capsys, ["explain", "nobody/none", "--journal", traded])

        assert (code, out) == (1, "")
        assert err == "fillpath: the journal knows no order and no signal 'nobody/none'\n"

    def test_a_journal_that_is_not_there_is_one_sentence(self, home: Path, capsys: Capture) -> None:
        code, _, err = run(capsys, ["explain", ORDER])

        assert code == 2
        assert str(Path("fillpath-data", "STUB", JOURNAL)) in err
        assert not list(home.iterdir())

    def test_a_journal_in_a_database_is_read_there(
        self, home: Path, postgres_server: PostgresServer, capsys: Capture
    ) -> None:
        from fillpath.data.journal.postgres import PostgresJournal  # noqa: PLC0415

        url = postgres_server.fresh_database()
        trade(PostgresJournal(url, "STUB"))
        settings = home / "fillpath.yaml"
        settings.write_text(f'database: {{url: "{url}", journal: database}}\n', encoding="utf-8")

        code, out, _ = run(capsys, ["explain", ORDER, "--settings", settings])

        assert code == 0
        assert "SIGNAL ORDERED" in out


def trade_late(path: Path) -> None:
    journal = FileJournal(path)
    late = START_NS + 60 * 10**9
    journal.append(AccountOpened(START_NS, "STUB", 100_000 * MONEY_SCALE))
    journal.append(SessionOpened(START_NS))
    journal.append(SignalReceived(late, a_signal(), a_view()))
    journal.close()


HEAD = "Symbol,Buy/Sell,Quantity,TradePrice,IBCommission,IBExecID"


def both_ways(folder: Path) -> Path:
    """Write a journal with one execution, and one that trades it back a minute later."""
    journal = FileJournal(folder / "journal")
    for number, side in enumerate((OrderSide.BUY, OrderSide.SELL)):
        at = START_NS + number * 60 * 10**9
        name = f"000{number}.01"
        fill = OrderFilled(
            at, f"o{number}", name, "AAPL", side, 30 * 10**6, 150 * 10**8, at, MONEY_SCALE
        )
        journal.append(fill)
    journal.close()
    return folder / "journal"


@pytest.mark.control("P-05", "passes")
@pytest.mark.control("P-05", "refuses")
def test_a_statement_is_compared_with_the_journal(home: Path, capsys: Capture) -> None:
    journal = both_ways(home)
    statement = home / "flex.csv"
    day = f"{moment(START_NS):%Y-%m-%d}"
    words = ["statement", statement, "--day", day, "--journal", journal]
    whole = f"{HEAD}\nAAPL,BUY,30,150,-1,0000.01.01\nAAPL,SELL,-30,150,-1,0001.01.01\n"
    statement.write_text(whole, encoding="utf-8-sig")
    agreed = run(capsys, words)
    statement.write_text(whole.replace("-30,150,", "-31,150,"), encoding="utf-8")
    differs = run(capsys, words)
    as_json = run(capsys, [*words, "--json"])

    assert agreed == (0, "every row of the statement and of the journal is explained\n", "")
    assert differs[0] == 1
    assert differs[1] == (
        "STATEMENT_DIFFERENCE 0001.01.01: row 3 states SELL 31 AAPL at 150, the journal has "
        "SELL 30 AAPL at 150\n"
    )
    assert [one["execution"] for one in json.loads(as_json[1])] == ["0001.01.01"]


def test_a_statement_of_another_day_leaves_the_journal_alone(home: Path, capsys: Capture) -> None:
    journal = both_ways(home)
    (home / "flex.csv").write_text(f"{HEAD}\n", encoding="utf-8")

    code, _, _ = run(capsys, ["statement", "flex.csv", "--day", "2020-01-02", "--journal", journal])

    assert code == 0


def test_a_statement_that_is_not_there_is_refused(home: Path, capsys: Capture) -> None:
    del home
    code, _, said = run(capsys, ["statement", "gone.csv", "--day", "2020-01-02"])
    bad_day = run(capsys, ["statement", "gone.csv", "--day", "yesterday"])

    assert (code, bad_day[0]) == (2, 2)
    assert "gone.csv must be a statement as CSV" in said
    assert "must be YYYY-MM-DD, got 'yesterday'" in bad_day[2]


@pytest.mark.control("P-08", "refuses")
@pytest.mark.control("P-08", "passes")
def test_patterns_of_a_day_are_shown_the_next_morning(home: Path, capsys: Capture) -> None:
    journal = both_ways(home)
    day = f"{moment(START_NS):%Y-%m-%d}"
    found = run(capsys, ["surveillance", "--day", day, "--journal", journal])
    everything = run(capsys, ["surveillance", "--json", "--journal", journal])
    other_day = run(capsys, ["surveillance", "--day", "2020-01-02", "--journal", journal])

    assert found[0] == 1
    assert "wash      30 AAPL were traded both ways within 60.0 s, at 150 and 150" in found[1]
    assert found[1].endswith("    o0 o1\n")
    assert [flag["pattern"] for flag in json.loads(everything[1])] == ["wash"]
    assert other_day[:2] == (0, "no pattern was found\n")
