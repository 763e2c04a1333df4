"""A worker tells its result in one JSON line that the runner understands."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import inputs
from benchmarks.inputs import InputPlan
from benchmarks.rounds import parse
from benchmarks.workers import contract
from tests.benchmarks.builders import a_job


def an_outcome(_: str, read: contract.Inputs) -> contract.Outcome:
    return contract.Outcome("1.0", 2, 2, len(read.ts), 0.5, 0.1, 2_000.0, "a note")


def test_a_served_work_is_a_sample_of_the_runner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs.write(InputPlan(orders=2), tmp_path)
    command = ["worker", "held", "--system", "ours", "--inputs", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", command)

    contract.serve(an_outcome)

    sample = parse(a_job(), capsys.readouterr().out)
    assert (sample.work, sample.system, sample.version) == ("held", "ours", "1.0")
    assert (sample.orders, sample.fills, sample.quotes) == (2, 2, 40)
    assert (sample.seconds, sample.setup_seconds, sample.notional) == (0.5, 0.1, 2_000.0)
    assert sample.max_rss_mb > 0


def test_a_worker_says_which_work_it_does_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["worker", "held", "--system", "ours", "--inputs", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", command)

    with pytest.raises(SystemExit):
        contract.serve(None, {"bars": lambda _: contract.Outcome("1.0", 0, 0, 0, 0.5, 0.1)})

    assert "does not know the work held" in capsys.readouterr().err


def test_a_worker_measures_by_the_clock_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs.write(InputPlan(orders=2), tmp_path)
    command = ["worker", "held", "--system", "ours", "--inputs", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", [*command, "--clock", "processor"])
    monkeypatch.setitem(contract.CLOCKS, "processor", lambda: 7.0)
    monkeypatch.setattr(contract, "_chosen", ["wall"])

    contract.serve(lambda *_: contract.Outcome("1.0", 0, 0, 0, contract.now(), 0.1))

    assert json.loads(capsys.readouterr().out)["seconds"] == 7.0


def test_the_line_is_json_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    contract.tell("held", "ours", contract.Outcome("1.0", 1, 1, 1, 0.5, 0.1))

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["fills"] == 1


@pytest.mark.parametrize(("cents", "text"), [(10_000, "100.00"), (9_907, "99.07"), (5, "0.05")])
def test_a_price_is_written_exactly(cents: int, text: str) -> None:
    assert contract.dollars(cents) == text


def test_quotes_come_row_by_row_and_prices_once(tmp_path: Path) -> None:
    columns = inputs.write(InputPlan(orders=2), tmp_path)

    read = contract.load(tmp_path)

    first = (0, columns.bid_cents[0], columns.ask_cents[0], inputs.START_NS)
    assert next(read.quotes()) == first
    assert read.price_levels() == {*columns.bid_cents, *columns.ask_cents}
