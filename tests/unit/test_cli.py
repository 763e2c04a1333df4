"""Words on the command line become one request, and every wrong word one sentence."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath import __version__, app, app_demo, cli
from fillpath.backtest.request import BadRows, FillProfile, ReplayRequest, SessionFilter
from fillpath.core.errors import DataError
from fillpath.reports import export
from fillpath.reports.result import RunResult
from fillpath.settings import Settings, shipped, shipped_limits
from tests.house.project import ROOT
from tests.unit.backtest.recordings import a_recording
from tests.unit.reports.builders import a_result


class FakeApp:
    """Takes the place of the composition root and keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[ReplayRequest] = []
        self.settings: list[Settings] = []
        self.demos: list[tuple[Path | None, int]] = []
        self.written: list[Path] = []
        self.error: BaseException | None = None

    def replay(self, request: ReplayRequest, settings: Settings, progress: Any) -> RunResult:
        self.requests.append(request)
        return self._run(settings, progress)

    def demo(self, data: Path | None, seed: int, settings: Settings, progress: Any) -> RunResult:
        self.demos.append((data, seed))
        return self._run(settings, progress)

    def _run(self, settings: Settings, progress: Any) -> RunResult:
        self.settings.append(settings)
        if self.error is not None:
            raise self.error
        if progress is not None:
            progress(1, 2)
        return a_result()

    def write(self, _: RunResult, folder: Path, _costs: object = ()) -> list[Path]:
        self.written.append(folder)
        return [folder / "report.html"]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeApp:
    fake = FakeApp()
    for name in ("replay", "demo"):
        monkeypatch.setattr(app, name, getattr(fake, name))
    monkeypatch.setattr(export, "write", fake.write)
    return fake


def fillpath(*words: str, optimised: bool = False) -> subprocess.CompletedProcess[str]:
    flags = ["-O"] if optimised else []
    return subprocess.run(  # our own command
        [sys.executable, *flags, "-m", "fillpath", *words],
        capture_output=True,
        check=False,
        cwd=ROOT / "src",
        text=True,
    )


class TestReplay:
    def test_without_options_the_request_has_its_defaults(self, fake: FakeApp) -> None:
        code = cli.main(["replay", "--quotes", "q.parquet"])

        assert code == 0
        assert fake.requests == [ReplayRequest(quotes=(Path("q.parquet"),))]

    def test_every_option_reaches_the_request(
        self, fake: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "path", [])
        settings = tmp_path / "settings.yaml"
        settings.write_text("router: {twap_num_slices: 7}")

        cli.main(
            [
                *("replay", "--quotes", "a", "b", "--quotes", "c", "--bars", "d", "--daily", "e"),
                *("--signals", "f", "--strategy", "m:C", "--corporate-actions", "g"),
                *("--sectors", "h", "--session", "all", "--profile", "spec", "--displayed-size"),
                *("--max-quote-age", "12.5", "--cash", "5000.50", "--bad-rows", "skip"),
                *("--seed", "3", "--journal", "j", "--settings", str(settings)),
            ]
        )

        assert fake.requests == [
            ReplayRequest(
                quotes=(Path("a"), Path("b"), Path("c")),
                bars=(Path("d"),),
                daily=(Path("e"),),
                signals=(Path("f"),),
                strategy="m:C",
                corporate_actions=Path("g"),
                sectors=Path("h"),
                session=SessionFilter.ALL,
                profile=FillProfile.SPEC,
                displayed_size=True,
                max_quote_age=Decimal("12.5"),
                cash=Decimal("5000.50"),
                bad_rows=BadRows.SKIP,
                seed=3,
                journal=Path("j"),
            )
        ]
        assert fake.settings[0].router.twap_num_slices == 7

    def test_what_the_settings_say_about_simulation_holds_for_a_replay(
        self, fake: FakeApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SA_SIMULATION__PROFILE", "spec")
        monkeypatch.setenv("SA_SIMULATION__CASH", "7")

        cli.main(["replay", "--quotes", "q"])

        assert fake.requests[0].profile is FillProfile.SPEC
        assert fake.requests[0].cash == 7

    def test_an_option_wins_over_the_settings(
        self, fake: FakeApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SA_SIMULATION__PROFILE", "spec")
        monkeypatch.setenv("SA_SIMULATION__CASH", "7")

        cli.main(["replay", "--quotes", "q", "--profile", "quotes", "--cash", "8"])

        assert fake.requests[0].profile is FillProfile.QUOTES
        assert fake.requests[0].cash == 8

    def test_a_strategy_is_searched_in_the_folder_at_hand(
        self, fake: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        before = [*sys.path]
        monkeypatch.setattr(sys, "path", [*before])

        cli.main(["replay", "--quotes", "q", "--strategy", "mine:Trend"])

        assert sys.path == [str(tmp_path), *before]
        assert fake.requests

    def test_the_result_is_printed_as_tables(
        self, fake: FakeApp, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cli.main(["replay", "--quotes", "q"])

        assert "Cost by route" in capsys.readouterr().out
        assert fake.written == []

    def test_json_is_one_object_and_nothing_else(
        self, fake: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cli.main(["replay", "--quotes", "q", "--json", "--out", str(tmp_path)])

        printed = capsys.readouterr()
        assert "signals" in json.loads(printed.out)
        assert printed.out.count("\n") == 1
        assert printed.err == ""
        assert fake.written == [tmp_path]

    def test_out_says_what_was_written(
        self, fake: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cli.main(["replay", "--quotes", "q", "--out", str(tmp_path)])

        assert f"wrote report.html to {tmp_path}" in capsys.readouterr().out
        assert fake.written == [tmp_path]

    def test_a_folder_of_somebody_else_is_refused_before_the_work(
        self, fake: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "thesis.txt").touch()

        code = cli.main(["replay", "--quotes", "q", "--out", str(tmp_path)])

        assert code == 2
        assert "thesis.txt" in capsys.readouterr().err
        assert fake.requests == []

    def test_a_folder_that_cannot_be_made_is_refused_before_the_work(
        self, fake: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "notes").touch()

        code = cli.main(["replay", "--quotes", "q", "--out", str(tmp_path / "notes" / "out")])

        assert code == 2
        assert capsys.readouterr().err.endswith("notes is a file\n")
        assert fake.requests == []

    def test_bad_data_is_one_sentence_and_nothing_is_written(
        self, fake: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        fake.error = DataError("q.csv", 17, "bid_price must be above 0, got -1")

        code = cli.main(["replay", "--quotes", "q.csv", "--out", str(tmp_path)])

        printed = capsys.readouterr()
        assert code == 2
        assert printed.err == "fillpath: q.csv, row 17: bid_price must be above 0, got -1\n"
        assert (printed.out, fake.written) == ("", [])

    def test_a_wrong_setting_is_one_sentence(
        self, fake: FakeApp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("SA_ROUTER__TWAP_SLICES", "3")

        code = cli.main(["replay", "--quotes", "q"])

        assert code == 2
        assert capsys.readouterr().err == (
            "fillpath: unknown variable SA_ROUTER__TWAP_SLICES, the nearest is "
            "SA_ROUTER__TWAP_NUM_SLICES\n"
        )
        assert fake.requests == []

    def test_an_interrupt_has_its_own_code(
        self, fake: FakeApp, capsys: pytest.CaptureFixture[str]
    ) -> None:
        fake.error = KeyboardInterrupt()

        code = cli.main(["replay", "--quotes", "q"])

        assert code == 130
        assert capsys.readouterr().err == "fillpath: interrupted\n"

    def test_what_nobody_expected_is_not_hidden(self, fake: FakeApp) -> None:
        fake.error = ZeroDivisionError()

        with pytest.raises(ZeroDivisionError):
            cli.main(["replay", "--quotes", "q"])

    def test_a_bar_moves_on_a_terminal_and_keeps_out_of_the_output(
        self,
        fake: FakeApp,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)

        cli.main(["replay", "--quotes", "q", "--json"])

        assert "replaying" in terminal.getvalue()
        assert json.loads(capsys.readouterr().out)
        assert fake.requests


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class TestWrongCommandLine:
    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ([], "the following arguments are required: COMMAND"),
            (["settings"], "the following arguments are required: COMMAND"),
            (["reply"], "invalid choice: 'reply'"),
            (["replay"], "give --quotes, or --bars, to replay"),
            (["replay", "--quote", "q"], "unrecognized arguments: --quote q"),
            (["replay", "--quotes"], "expected at least one argument"),
            (["replay", "--session", "night"], "invalid choice: 'night'"),
            (["replay", "--cash", "-1"], "--cash: must be a number of 0 or more, got '-1'"),
            (["replay", "--cash", "much"], "--cash: must be a number of 0 or more, got 'much'"),
            (["replay", "--cash", "inf"], "--cash: must be a number of 0 or more, got 'inf'"),
            (["replay", "--max-quote-age", "0"], "must be above 0 seconds, got '0'"),
            (
                ["replay", "--seed", "x"],
                "--seed: must be a whole number from 0 to 9223372036854775807, got 'x'",
            ),
            (["demo", "--port", "65536"], "--port: must be a whole number from 0 to 65535"),
            (["journal", "show"], "the following arguments are required: JOURNAL"),
        ],
    )
    def test_it_is_one_sentence_that_names_what_is_wrong(
        self, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = cli.main(words)

        printed = capsys.readouterr()
        assert code == 2
        assert message in printed.err
        assert (printed.err.count("\n"), printed.out) == (1, "")

    def test_the_words_of_the_options_are_those_of_the_request(self) -> None:
        replay = next(command for command in cli.COMMANDS if command.words == ("replay",))
        choices = {option.name: option.how.get("choices") for option in replay.options}

        assert choices["--session"] == tuple(SessionFilter)
        assert choices["--profile"] == tuple(FillProfile)
        assert choices["--bad-rows"] == tuple(BadRows)


class TestDemo:
    def test_once_it_writes_the_report_and_says_what_next(
        self, fake: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = cli.main(["demo", "--once", "--out", str(tmp_path), "--seed", "4"])

        printed = capsys.readouterr().out
        assert code == 0
        assert fake.demos == [(None, 4)]
        assert fake.written == [tmp_path]
        assert f"open {tmp_path / 'report.html'} in a browser" in printed

    def test_once_without_a_folder_the_report_has_its_own(self, fake: FakeApp) -> None:
        cli.main(["demo", "--once", "--data", "recorded"])

        assert fake.demos == [(Path("recorded"), 0)]
        assert fake.written == [Path("fillpath-demo")]

    def test_otherwise_it_opens_the_desk(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shown: list[app_demo.DemoPlan] = []
        recording = app_demo.Recording(Settings(), a_recording(), 5)

        def prepare(plan: app_demo.DemoPlan, _: Settings) -> app_demo.Recording:
            shown.append(plan)
            return recording

        async def show(given: app_demo.Recording, say: Callable[[str], None]) -> None:
            assert given is recording
            say("playing")

        monkeypatch.setattr(app_demo, "prepare", prepare)
        monkeypatch.setattr(app_demo, "show", show)

        words = ["--data", "recorded", "--port", "0", "--speed", "5", "--out", str(tmp_path)]
        code = cli.main(["demo", *words])

        assert (code, shown) == (
            0,
            [app_demo.DemoPlan(data=Path("recorded"), speed=5, folder=tmp_path, port=0)],
        )
        assert capsys.readouterr().out == "playing\nended; everything is in fillpath-data\n"


class TestSettings:
    def test_the_settings_in_force_are_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        code = cli.main(["settings", "show"])

        assert code == 0
        assert "  twap_num_slices: 5\n" in capsys.readouterr().out

    def test_the_commented_defaults_are_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        cli.main(["settings", "show", "--defaults"])

        out = capsys.readouterr().out
        assert out.startswith(shipped())
        assert out.endswith(shipped_limits())

    @pytest.mark.parametrize(("part", "text"), [("settings", shipped), ("limits", shipped_limits)])
    def test_one_file_is_shown_alone(
        self, part: str, text: Callable[[], str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        cli.main(["settings", "show", "--defaults", "--only", part])

        assert capsys.readouterr().out == text()

    def test_settings_in_order_are_said_to_be(self, capsys: pytest.CaptureFixture[str]) -> None:
        code = cli.main(["settings", "check"])

        assert code == 0
        assert "in order; hash of the rules: " in capsys.readouterr().out

    def test_settings_that_are_not_are_refused(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "settings.yaml"
        path.write_text("roter: {}")

        code = cli.main(["settings", "check", "--settings", str(path)])

        assert code == 2
        assert "unknown key roter, the nearest is router" in capsys.readouterr().err


class TestProcess:
    def test_the_version_is_told(self) -> None:
        done = fillpath("--version")

        assert (done.returncode, done.stdout) == (0, f"fillpath {__version__}\n")

    def test_a_python_without_assertions_is_refused(self) -> None:
        done = fillpath("--version", optimised=True)

        assert done.returncode == 2
        assert done.stderr.startswith("fillpath: python -O is refused")

    def test_help_imports_nothing_heavy(self) -> None:
        words = "import sys; sys.argv = ['fillpath', '--help']\n"
        check = "import atexit; atexit.register(lambda: print(sorted(sys.modules)))\n"
        program = f"{words}{check}import fillpath.cli as c; c.main()"
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            cwd=ROOT / "src",
            text=True,
        )

        for name in ("polars", "numpy", "pydantic", "rich", "yaml", "msgspec", "asyncio"):
            assert f"'{name}'" not in done.stdout

    def test_a_reader_that_goes_away_is_no_error(self) -> None:
        with subprocess.Popen(
            [sys.executable, "-m", "fillpath", "settings", "show", "--defaults"],
            cwd=ROOT / "src",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()

            complaints = process.stderr.read()

        assert (process.returncode, complaints) == (0, b"")
