"""An empty project with dev.py in it and a fake uv, for the tests of what dev.py promises.

The fake notes its calls and makes a `.venv` that is a link to the interpreter of the tests: nothing
is downloaded, everything else runs.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.project import ROOT

UV_PIN = "uv==1.0\n    # via a test\n"
FAKE_UV = """#!/bin/sh
echo "$*" >> "$CALLS"
env > "$CALLS.env"
if [ "$1" = venv ]; then
    mkdir -p "{venv}/bin" "{venv}/lib/{python}/site-packages"
    ln -sf "{executable}" "{venv}/bin/python"
elif [ "$1 $2" = "pip install" ]; then
    if [ "$UV_FATE" = orphaned ]; then kill -9 $PPID; sleep 0.4; echo "uv ended" >> "$CALLS"; fi
    sleep "${{UV_SECONDS:-0}}"
    exit "${{UV_CODE:-0}}"
fi
"""


class Project:
    """An empty project with dev.py in it, and a fake uv that is already there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls_file = root / "calls"
        self.pip = root / "pip"
        self.stamp = root / ".venv" / "fillpath-installed.json"
        self.programs = root / "programs"
        self.programs.mkdir()
        for name in ("env", "ln", "mkdir", "sleep"):
            (self.programs / name).symlink_to(shutil.which(name) or "")
        for name in ("redis-server", "chromium"):
            self.put_program(name, "#!/bin/sh\n")
        locks = root / "requirements"
        locks.mkdir()
        for group in ("base", "demo", "servers", "dev", "docs"):
            (locks / f"{group}.txt").write_text(f"{group}==1.0\n    # via a test\n")
        (locks / "uv.txt").write_text(UV_PIN)
        shutil.copy(ROOT / "dev.py", root)
        self._make_uv(root / ".tools" / "uv")
        self.put_pip("")

    def put_program(self, name: str, text: str) -> None:
        """Put a program into the only folder of the search path."""
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def put_pip(self, program: str) -> None:
        """Put this program in the place of pip."""
        self.pip.mkdir(exist_ok=True)
        (self.pip / "pip.py").write_text(program)

    def _make_uv(self, home: Path) -> None:
        uv = home / "bin" / "uv"
        uv.parent.mkdir(parents=True)
        python = f"python{sys.version_info.major}.{sys.version_info.minor}"
        executable = Path(sys.base_prefix) / "bin" / python
        uv.write_text(
            FAKE_UV.format(venv=self.root / ".venv", python=python, executable=executable),
        )
        uv.chmod(0o755)
        (home / "installed.txt").write_text(UV_PIN)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start dev.py with these arguments and environment variables."""
        environment = {
            "PATH": str(self.programs),
            "PYTHONPATH": f"{self.pip}{os.pathsep}{self.root / 'src'}",
            "CALLS": str(self.calls_file),
            **variables,
        }
        return subprocess.Popen(
            [sys.executable, "dev.py", *arguments],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def dev(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run dev.py to its end."""
        process = self.start(*arguments, **variables)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def calls(self) -> list[str]:
        """Return what uv was asked, the first two words of each call."""
        if not self.calls_file.exists():
            return []
        return [" ".join(row.split()[:2]) for row in self.calls_file.read_text().splitlines()]

    def apt_calls(self) -> list[str]:
        """Return what apt-get was asked, the question of its settings left out."""
        calls = self.root / "calls.apt"
        return calls.read_text().splitlines() if calls.exists() else []

    def uv_environment(self) -> dict[str, str]:
        """Return the environment of the last call of uv."""
        rows = (self.root / "calls.env").read_text().splitlines()
        return dict(row.split("=", 1) for row in rows if "=" in row)


def put_command(project: Project) -> None:
    """Give the project a fillpath command that prints its arguments."""
    package = project.root / "src" / "fillpath"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "cli.py").write_text("import sys\ndef main():\n    print(sys.argv[1:])\n")


def write_tool(project: Project, name: str, code: int) -> None:
    tool = project.root / ".venv" / "bin" / name
    tool.write_text(f"#!/bin/sh\nexit {code}\n")
    tool.chmod(0o755)
