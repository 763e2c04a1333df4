"""Words on the command line become works, goals and processes."""

from pathlib import Path

import pytest

from benchmarks.goals import GOALS
from benchmarks.inputs import InputPlan
from benchmarks.peers import WORKERS, Absent, System
from benchmarks.plan import Wanted, choose, job_of, jobs_of, prepare
from benchmarks.works import WORKS
from tests.benchmarks.builders import a_system, a_work

WORKER = Path("worker.py")


@pytest.mark.parametrize(
    ("only", "works", "goals"),
    [
        pytest.param("A", ["round-trips", "held"], {"S1"}, id="work A is both variants"),
        pytest.param("A, twap", ["round-trips", "held", "twap"], {"S1", "S3"}, id="two words"),
        pytest.param("s8", ["memory"], {"S8"}, id="a goal stands for its works"),
        pytest.param("S7", ["import", "help", "ready"], {"S7"}, id="a goal of three works"),
        pytest.param("scale-1k", ["scale-1k"], set(), id="a part of a goal has no verdict"),
    ],
)
def test_only_chooses_works_and_the_goals_they_allow(
    only: str, works: list[str], goals: set[str]
) -> None:
    wanted = choose(only)

    assert [work.name for work in wanted.works] == works
    assert {goal.key for goal in wanted.goals} == goals


@pytest.mark.parametrize("only", ["", " , "])
def test_no_word_means_everything(only: str) -> None:
    assert choose(only) == Wanted(WORKS, GOALS)


def test_an_unknown_word_names_what_is_allowed() -> None:
    with pytest.raises(ValueError, match=r"--only got 'twaps'; allowed are A, S1, .*, twap,"):
        choose("twaps")


def test_an_absent_system_has_no_job_and_keeps_its_reason(tmp_path: Path) -> None:
    wanted = Wanted((a_work(),), ())
    systems: list[System | Absent] = [
        a_system(WORKER),
        Absent("nautilus-pre", "no wheel for this Python"),
    ]

    jobs, record = jobs_of(wanted, systems, tmp_path, quick=False)

    assert [job.system for job in jobs] == ["fillpath"]
    assert record.absent == {("held", "nautilus-pre"): "no wheel for this Python"}


def test_inputs_are_written_once_and_in_our_formats_only_for_us(tmp_path: Path) -> None:
    wanted = Wanted((a_work(systems=("nautilus-pre",)),), ())

    jobs_of(wanted, [a_system(WORKER, name="nautilus-pre")], tmp_path, quick=False)

    assert (tmp_path / "held" / "bid_cents.i64").exists()
    assert not (tmp_path / "held" / "quotes.parquet").exists()


def test_our_own_files_are_written_when_we_take_part(tmp_path: Path) -> None:
    wanted = Wanted((a_work(systems=("fillpath",)),), ())

    jobs_of(wanted, [a_system(WORKER)], tmp_path, quick=False)

    assert (tmp_path / "held" / "quotes.parquet").exists()
    assert (tmp_path / "held" / "signals.jsonl").exists()


def test_a_job_names_worker_work_system_and_inputs(tmp_path: Path) -> None:
    system = a_system(WORKER)

    job = job_of(a_work(), system, tmp_path, quick=False)

    assert job.command == [
        str(system.python),
        "worker.py",
        "held",
        "--system",
        "fillpath",
        "--inputs",
        str(tmp_path),
    ]
    assert (job.fills, job.quotes, job.answers) == (2, 40, True)


@pytest.mark.parametrize(
    ("name", "end", "answers"),
    [
        ("help", ["-m", "fillpath", "--help"], False),
        ("ready", [str(WORKERS / "fillpath_ready.py")], False),
        ("import", [str(WORKERS / "import_time.py"), "json.tool", "fillpath"], True),
    ],
)
def test_starting_up_needs_no_inputs(
    tmp_path: Path, name: str, end: list[str], *, answers: bool
) -> None:
    (work,) = choose(name).works

    job = job_of(work, a_system(WORKER), tmp_path, quick=False)

    assert list(job.command)[1:] == end
    assert (job.fills, job.quotes, job.answers, job.warm_up) == (None, None, answers, True)


def test_quick_works_are_smaller_and_never_of_another_kind() -> None:
    for work in WORKS:
        full, quick = work.plan(quick=False), work.plan(quick=True)
        if full and quick:
            assert quick.quotes <= full.quotes / 2
        if isinstance(full, InputPlan) and isinstance(quick, InputPlan):
            assert (quick.gap, quick.sells, quick.adv) == (full.gap, full.sells, full.adv)


def test_orders_that_shall_rest_are_counted_instead_of_fills(tmp_path: Path) -> None:
    (work,) = choose("resting-10000-short").works

    job = job_of(work, a_system(WORKER), tmp_path, quick=False)

    assert (job.fills, job.orders, job.quotes) == (0, 10_000, 200_000)


def test_bars_expect_every_order_to_fill_and_what_is_left_in_the_end(tmp_path: Path) -> None:
    (work,) = choose("bars").works

    job = job_of(work, a_system(WORKER), tmp_path, quick=False)

    assert (job.quotes, job.fills, job.position) == (98_280, 5_000, 20)


def test_bars_are_written_in_our_formats_only_for_us(tmp_path: Path) -> None:
    (work,) = choose("bars").works

    prepare(work, tmp_path / "peers", ours=False, quick=True)
    prepare(work, tmp_path / "all", ours=True, quick=True)

    assert not (tmp_path / "peers" / "bars" / "bars.parquet").exists()
    assert (tmp_path / "all" / "bars" / "bars.parquet").exists()
    assert (tmp_path / "all" / "bars" / "close.i64").exists()


def test_twap_expects_every_slice() -> None:
    (twap,) = choose("twap").works
    plan = twap.plan(quick=False)

    assert isinstance(plan, InputPlan)
    assert twap.expected_fills(plan) == 24_000
    seconds_left = plan.tail * plan.step_ns / 1e9
    assert seconds_left > 4 * 60
