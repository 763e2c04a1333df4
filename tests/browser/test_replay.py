"""``fillpath demo``: one command, one line, and a desk that somebody can watch."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk import Program
from tests.browser.visitor import Visitor


@pytest.fixture
def demo(browser: Browser) -> Iterator[Program]:
    """Start it as a person does, only faster."""
    del browser
    pytest.importorskip("bokeh_sampledata", reason="the demo's daily prices are not installed")
    with tempfile.TemporaryDirectory(prefix="fp-") as folder:
        out = str(Path(folder) / "demo")
        words = ("demo", "--port", "0", "--speed", "120", "--out", out)
        found = Program("-m", "fillpath", *words)
        yield found
        found.stop()


def test_a_replay_is_watched_live_from_the_line_that_the_demo_prints(
    demo: Program, browser: Browser
) -> None:
    door = demo.wait_for_door()
    with browser.new_context(base_url=door["address"]) as context:
        visitor = Visitor(context.new_page())
        visitor.come_first(door)
        visitor.open("Trades")

        # Nobody reloads: what comes is heard.
        expect(visitor.order("desk/GOOG-wake-0")).to_contain_text("filled")
        expect(visitor.order("desk/IBM-sliced-0")).to_contain_text("slices")
        expect(visitor.page.get_by_role("region", name="Pending approvals")).to_be_visible()
        expect(visitor.header).to_contain_text("2013")
        expect(visitor.header).to_contain_text("REPLAY")


def test_ctrl_c_ends_the_engine_and_its_dashboard(demo: Program) -> None:
    door = demo.wait_for_door()

    code = demo.interrupt()

    assert code == 0
    assert not demo.answers(door["address"])
    assert "ended; everything is in" in demo.said[-1]
