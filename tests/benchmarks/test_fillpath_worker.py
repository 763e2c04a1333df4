"""Our own worker does the whole of the work, so that a run never counts half of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import bars, fill_tapes, inputs, recordings
from benchmarks.bars import BarPlan
from benchmarks.fill_tapes import FillPlan
from benchmarks.inputs import InputPlan
from benchmarks.peers import WORKERS
from benchmarks.rounds import Job, check, parse
from benchmarks.works import TWAP_SLICES

SOURCE = Path(__file__).resolve().parents[2] / "src"


def outside(*command: str) -> str:
    """Run a worker as the bench does, in a process of its own that can import fillpath."""
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}  # noqa: TID251  # for the other process
    answer = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.parametrize(
    ("work", "wanted", "fills", "orders"),
    [
        pytest.param("round-trips", InputPlan(orders=40, sells=True), 40, 40, id="round trips"),
        pytest.param("held", InputPlan(orders=40), 40, 40, id="held"),
        pytest.param(
            "twap",
            InputPlan(orders=4, tail=3_000, step_ns=100_000_000, quantity=50, adv=2_000),
            4 * TWAP_SLICES,
            4 * TWAP_SLICES,
            id="twap",
        ),
        pytest.param("quotes", InputPlan(orders=0, tail=400), 0, 0, id="quotes"),
        pytest.param(
            "resting", InputPlan(orders=20, gap=1, tail=400, climbs=True), 0, 20, id="resting"
        ),
    ],
)
def test_the_worker_does_all_of_the_work(
    tmp_path: Path, work: str, wanted: InputPlan, fills: int, orders: int
) -> None:
    recordings.write(inputs.write(wanted, tmp_path), wanted, tmp_path)
    worker = str(WORKERS / "fillpath_worker.py")

    answer = outside(worker, work, "--system", "fillpath", "--inputs", str(tmp_path))

    job = Job(work, "fillpath", (), fills=fills, quotes=wanted.quotes, orders=orders)
    assert check(job, parse(job, answer)).seconds > 0


def test_the_worker_trades_on_bars_through_a_whole_backtest(tmp_path: Path) -> None:
    wanted = BarPlan(sessions=2, trading=1)
    columns = bars.write(wanted, tmp_path)
    recordings.write_bars(columns, tmp_path)
    worker = str(WORKERS / "fillpath_worker.py")

    answer = outside(worker, "bars", "--system", "fillpath", "--inputs", str(tmp_path))

    job = Job("bars", "fillpath", (), fills=20, quotes=780, position=wanted.position)
    paid = [columns.close[row] * 10 / 100 for row in columns.order_row]
    assert check(job, parse(job, answer)).notional == pytest.approx(sum(paid))


def test_the_worker_prices_every_fill(tmp_path: Path) -> None:
    fill_tapes.write(FillPlan(fills=200, quotes=4_000), tmp_path)
    worker = str(WORKERS / "fillpath_worker.py")

    answer = outside(worker, "fill-costs", "--system", "fillpath", "--inputs", str(tmp_path))

    job = Job("fill-costs", "fillpath", (), fills=200, quotes=4_000)
    assert check(job, parse(job, answer)).note.startswith("cost 1.0")


def test_the_engine_stands_ready_with_its_opening_cash() -> None:
    assert float(outside(str(WORKERS / "fillpath_ready.py"))) > 0
