"""Write the contract of the API, which the page's own types are made from; a test compares it.

python3 dev.py python tools/make_openapi.py
"""  # noqa: INP001  # a program, not a package

import json
from pathlib import Path
from typing import Final

from fillpath.api.contract import contract_of
from fillpath.api.ports import Parts
from fillpath.api.server import make_app
from fillpath.runtime.clock import SystemClock

CONTRACT: Final = Path(__file__).resolve().parents[1] / "web" / "openapi.json"


def made() -> str:
    """Return the contract; its version is that of the routes, so that a release changes nothing."""
    app = make_app(Parts(accounts={}, clock=SystemClock(), version="v1"))
    return json.dumps(contract_of(app), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it."""
    CONTRACT.parent.mkdir(exist_ok=True)
    CONTRACT.write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
