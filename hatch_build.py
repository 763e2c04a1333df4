"""Put the built page of the dashboard into every wheel and sdist, and the list of parts into wheels.

Who installs fillpath needs no node: the page is built here, when the package is made, and a source
archive carries it built already. The list of parts (SBOM) lies beside the wheel and, as PEP 770 wants
it, within.
"""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = "fillpath.cdx.json"


class PageHook(BuildHookInterface[Any]):
    """Build the page of the dashboard unless it was built of these very files."""

    def dependencies(self) -> list[str]:
        """Return the node that builds the page, when it must be built."""
        if self._page("fresh") == 0:
            return []
        project = tomllib.loads((Path(self.root) / "pyproject.toml").read_text(encoding="utf-8"))
        return [str(pin) for pin in project["dependency-groups"]["web"]]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page; an editable installation serves what is in the source folder.

        Raises:
            SystemExit: the page is not built and cannot be built here, or a lock cannot be read.
        """
        if version == "editable":
            return
        if self._page("build"):
            raise SystemExit("fillpath cannot be packaged without its page; the reason is above.")
        if self.target_name == "wheel":
            parts = Path(self.directory).absolute() / PARTS
            parts.parent.mkdir(parents=True, exist_ok=True)
            if self._run("sbom.py", str(parts)):
                raise SystemExit("the list of parts cannot be made; the reason is above.")
            build_data["sbom_files"].append(str(parts))

    def _page(self, verb: str) -> int:
        return self._run("page.py", verb)

    def _run(self, tool: str, argument: str) -> int:
        program = [sys.executable, str(Path(self.root) / "tools" / tool), argument]
        return subprocess.run(program, check=False).returncode
