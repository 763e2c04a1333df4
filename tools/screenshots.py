"""Take a picture of every page of the dashboard: `python3 dev.py screenshots [FOLDER]`.

A demo is played fast until there is something to see, and every page is opened in light and dark
colours, as wide as a laptop and as a phone. Look at every picture: no test does.
"""  # noqa: INP001  # a program, not a package

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.browser.chromium import chromium  # noqa: E402
from tests.browser.desk import Program  # noqa: E402
from tests.browser.visitor import Visitor  # noqa: E402

SPEED: Final = 300
ENOUGH_ORDERS: Final = 120
PATIENCE_MS: Final = 180_000
SETTLE_MS: Final = 400
"""How long a page may take to draw what it has."""
PAGES: Final = ("trades", "quality", "portfolio", "risk", "system")
SIZES: Final = {"wide": (1280, 800), "phone": (390, 844)}
SCHEMES: Final = ("light", "dark")


class View(NamedTuple):
    """A page to look at: its name, and where it is."""

    name: str
    path: str


def main(arguments: list[str]) -> int:
    """Take the pictures; return 0."""
    options = argparse.ArgumentParser(description="a picture of every page of the dashboard")
    options.add_argument("folder", nargs="?", type=Path, default=Path("screenshots"))
    options.add_argument("--speed", type=int, default=SPEED)
    options.add_argument("--orders", type=int, default=ENOUGH_ORDERS)
    chosen = options.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fp-") as scratch, sync_playwright() as playwright:
        demo = Program(
            *("-m", "fillpath", "demo", "--port", "0"),
            *("--speed", str(chosen.speed), "--out", scratch),
        )
        try:
            door = demo.wait_for_door()
            browser = chromium(playwright)
            pictures(browser, door, chosen)
            browser.close()
        finally:
            demo.stop()
    return 0


def pictures(browser: Browser, door: dict[str, str], chosen: Any) -> None:
    """Sign in, wait until there is something to see, and take every picture."""
    with browser.new_context(base_url=door["address"]) as context:
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context.new_page())
        visitor.page.goto("/")
        visitor.page.get_by_role("form", name="Sign in").wait_for()
        visitor.page.screenshot(path=chosen.folder / "sign-in.png")
        visitor.come_first(door)
        wait_for_orders(context, visitor.page, chosen.orders)
        views = list(views_of(context))
        state = context.storage_state()
    for scheme in SCHEMES:
        for size, (width, height) in SIZES.items():
            with browser.new_context(
                base_url=door["address"],
                storage_state=state,
                color_scheme=scheme,
                viewport={"width": width, "height": height},
                is_mobile=size == "phone",
                has_touch=size == "phone",
                device_scale_factor=1,
            ) as context:
                context.set_default_timeout(PATIENCE_MS)
                page = context.new_page()
                for view in views:
                    take(page, view, chosen.folder / f"{view.name}-{size}-{scheme}.png")


def take(page: Page, view: View, path: Path) -> None:
    """Take one picture of a whole page, once it has drawn what it has."""
    page.goto(view.path)
    page.get_by_role("banner").wait_for()
    page.wait_for_load_state("load")
    page.wait_for_timeout(SETTLE_MS * 3)
    page.screenshot(path=path, full_page=True)
    print(path)  # noqa: T201


def wait_for_orders(context: BrowserContext, page: Page, count: int) -> None:
    """Return once so many orders were measured."""
    waited = 0
    while waited < PATIENCE_MS:
        rows = context.request.get("/api/v1/trades/orders?limit=500").json()["rows"]
        if len(rows) >= count:
            return
        page.wait_for_timeout(SETTLE_MS)
        waited += SETTLE_MS


def views_of(context: BrowserContext) -> Iterator[View]:
    """Yield every page, and an order of each way of trading."""
    for name in PAGES:
        yield View(name, f"/{name}")
    for route in ("twap", "passive"):
        answer = context.request.get(f"/api/v1/trades/orders?route={route}&limit=1")
        for row in answer.json()["rows"]:
            order_id = row["parent_order_id"] or row["order_id"]
            yield View(f"order-{route}", f"/order?order_id={order_id}")


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
