"""A browser, a desk, and somebody who is signed in."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState, expect, sync_playwright

from tests.browser.chromium import chromium, program
from tests.browser.desk import Desk
from tests.browser.visitor import Visitor
from tests.servers import not_there
from tools import page

PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run the system's Chromium for the tests of a module.

    No longer: a loop runs in this thread as long as it does, and tests of others bring their own.
    """
    if program() is None:
        not_there("there is no chromium; python3 dev.py test brings it where it may")
    if page.fresh():
        not_there("the page is not built, or of other sources: python tools/page.py build")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        found = chromium(playwright)
        yield found
        found.close()


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[Desk]:
    """Run an engine and a dashboard for the tests of a module."""
    del browser  # without one nothing is started
    folder = Path(tempfile.mkdtemp(prefix="fp-"))
    found = Desk(folder)
    try:
        found.open()
        yield found
    finally:
        found.end()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def signed_in(browser: Browser, desk: Desk) -> StorageState:
    """Sign in once, choose a password, and return what the browser keeps of it."""
    with browser.new_context(base_url=desk.address) as context:
        Visitor(context.new_page()).come_first(desk.door)
        return context.storage_state()


@pytest.fixture
def visitor(
    browser: Browser, desk: Desk, signed_in: StorageState, request: pytest.FixtureRequest
) -> Iterator[Visitor]:
    """Open a page for somebody who is signed in; a test may say how the browser is made."""
    how = request.node.get_closest_marker("browsing")
    given = {} if how is None else dict(how.kwargs)
    with browser.new_context(
        base_url=desk.address, storage_state=signed_in, locale="en-GB", **given
    ) as context:
        context.set_default_timeout(PATIENCE_MS)
        found = Visitor(context.new_page())
        problems: list[str] = []
        found.page.on("pageerror", lambda error: problems.append(str(error)))
        yield found
        assert not problems, "the page has no error of its own"
