"""Write the list of parts of a release (SBOM, CycloneDX 1.6): `python tools/sbom.py FILE`.

It is read from the locks: what an installation of the base lock gets, what the extras for servers add,
and what is built into the page, each with its exact version and its hashes. The same locks give the
same bytes. Only the standard library is imported: the packaging hook runs this where nothing else is
installed.
"""

import base64
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"base": "required", "servers": "optional"}
"""The locks of what is released, and whether each installation gets it."""
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
VERSION = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)

Part = dict[str, Any]


def parts(root: Path) -> list[Part]:
    """Return every part, by its name; one of two locks is in it once."""
    found: dict[str, Part] = {}
    for name, scope in LOCKS.items():
        for part in _python(root / "requirements" / f"{name}.txt", scope):
            found.setdefault(part["bom-ref"], part)
    for part in _page(root / "web" / "package-lock.json"):
        found.setdefault(part["bom-ref"], part)
    return [found[name] for name in sorted(found)]


def _python(lock: Path, scope: str) -> Iterator[Part]:
    """Yield the rows of a lock; one row of a package goes over several lines."""
    for block in re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8")):
        pin = PIN.match(block)
        if pin:
            hashes = [{"alg": "SHA-256", "content": one} for one in HASH.findall(block)]
            yield _part(f"pkg:pypi/{pin[1]}@{pin[2]}", pin[1], pin[2], scope) | {"hashes": hashes}


def _page(lock: Path) -> Iterator[Part]:
    """Yield what is built into the page, and nothing that only builds it."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for place, package in packages.items():
        if not place or package.get("dev"):
            continue
        name = place.rpartition("node_modules/")[2]
        address = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
        digest = base64.b64decode(package["integrity"].removeprefix("sha512-")).hex()
        part = _part(address, name, package["version"], "required")
        part["hashes"] = [{"alg": "SHA-512", "content": digest}]
        if "license" in package:
            part["licenses"] = [{"license": {"id": package["license"]}}]
        yield part


def _part(address: str, name: str, version: str, scope: str) -> Part:
    return {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": version,
        "scope": scope,
        "purl": address,
    }


def listed(root: Path) -> str:
    """Return the list as JSON.

    Raises:
        ValueError: the package says no version.
    """
    version = VERSION.search((root / "src/fillpath/__init__.py").read_text(encoding="utf-8"))
    if version is None:
        raise ValueError("src/fillpath/__init__.py must say __version__")
    ours = _part(f"pkg:pypi/fillpath@{version[1]}", "fillpath", version[1], "required")
    del ours["scope"]
    written = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours | {"licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": parts(root),
    }
    return json.dumps(written, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(listed(ROOT), encoding="utf-8")
