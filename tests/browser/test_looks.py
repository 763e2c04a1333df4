"""How the desk looks to whom: on a phone, in the dark, and to somebody who does not see it."""

from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.visitor import Visitor
from tests.house.project import ROOT
from tests.servers import not_there

AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE: Final = ("serious", "critical")
PAGES: Final = {
    "Trades": "Orders",
    "Quality": "Execution quality",
    "Portfolio": "Portfolio",
    "Risk": "Risk",
    "System": "System",
}
PHONE: Final = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
EVERY_PAGE: Final = pytest.mark.parametrize("name", PAGES)
FINDINGS: Final = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  ({id, impact, nodes}) => ({id, impact, nodes: nodes.map(({html, failureSummary}) =>
    `${html.slice(0, 200)} ${failureSummary}`)}))
"""


@pytest.fixture(scope="module", autouse=True)
def _traded(desk: Desk) -> None:
    """Let there be something of everything on the pages."""
    desk.send("AAPL", 100)
    desk.send("MSFT", 40, strength="0.5")
    desk.send("IBM", 175)
    desk.send("AAPL", 100, metadata={"quantity": 10, "signal_price": "15"})


def findings(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds on a page that keeps somebody from using it."""
    if not AXE.exists():
        not_there("axe-core is not installed: python tools/page.py test")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(FINDINGS)
    return [one for one in found if one["impact"] in GRAVE]


def arrive(visitor: Visitor, name: str) -> None:
    """Open a page and wait until it shows what it has."""
    visitor.open(name)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_count(1)
    visitor.settle()


@EVERY_PAGE
def test_nothing_grave_keeps_anybody_from_using_a_page(visitor: Visitor, name: str) -> None:
    arrive(visitor, name)

    assert findings(visitor.page) == [], name


@EVERY_PAGE
@pytest.mark.browsing(color_scheme="dark", **PHONE)
def test_a_page_fits_a_phone_in_the_dark(visitor: Visitor, name: str) -> None:
    arrive(visitor, name)

    page = visitor.page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    assert page.evaluate(LUMINANCE) < 0.2
    assert findings(page) == [], name


LUMINANCE: Final = """
() => {
  const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}
"""


def test_the_colours_that_somebody_chose_stay(visitor: Visitor) -> None:
    visitor.open("Trades")
    before = visitor.page.evaluate(LUMINANCE)

    visitor.header.get_by_role("button", name="▾").click()
    visitor.page.get_by_role("button", name="Dark colours").click()
    visitor.page.reload()

    expect(visitor.header).to_be_visible()
    after = visitor.page.evaluate(LUMINANCE)
    assert before > 0.8
    assert after < 0.2


def test_the_door_lets_in_whoever_uses_it(visitor: Visitor, desk: Desk) -> None:
    visitor.page.context.clear_cookies()
    visitor.page.goto(desk.address)
    expect(visitor.page.get_by_role("form", name="Sign in")).to_be_visible()

    assert findings(visitor.page) == []
