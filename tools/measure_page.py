"""Measure the page in a real browser: its size, its first render, and its frames under load.

`python tools/measure_page.py [--orders 10000] [--updates 50] [--seconds 10] [--browser PATH]` serves
the built page over a pretended desk (tools/page_fixture.py) and opens it in Chromium. It prints one
JSON object. Frames are counted by the browser itself, with requestAnimationFrame, first while the
list stands still and then while it is scrolled from end to end; the share of the main thread is
what the browser says it spent on tasks.
"""

import argparse
import gzip
import json
import shutil
import statistics
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import CDPSession, Page, sync_playwright

from tools.page_fixture import BUILT, Desk

FRAMES = """async ([seconds, scroll]) => {
    const frame = document.querySelector('section[aria-label="Orders"]');
    const began = performance.now();
    const gaps = [];
    let last = began;
    await new Promise((done) => {
        const step = (now) => {
            gaps.push(now - last);
            last = now;
            if (scroll) frame.scrollTop += 60;
            if (scroll && frame.scrollTop + frame.clientHeight >= frame.scrollHeight - 1) {
                frame.scrollTop = 0;
            }
            if (now - began < seconds * 1000) requestAnimationFrame(step); else done();
        };
        requestAnimationFrame(step);
    });
    gaps.shift();
    gaps.sort((a, b) => a - b);
    const late = gaps.filter((gap) => gap > 25).length;
    return {
        fps: Math.round(10000 * gaps.length / gaps.reduce((sum, gap) => sum + gap, 0)) / 10,
        p99_ms: Math.round(10 * gaps[Math.floor(gaps.length * 0.99)]) / 10,
        worst_ms: Math.round(10 * gaps[gaps.length - 1]) / 10,
        late_frames: late,
    };
}"""
FIRST = """() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    return { first_paint_ms: Math.round(paint ? paint.startTime : -1) };
}"""
ROWS = 'section[aria-label="Orders"] [data-order]'


def main() -> int:
    """Measure and print."""
    asked = arguments()
    if not (BUILT / "index.html").exists():
        sys.stderr.write("the page is not built: python tools/page.py build\n")
        return 1
    browser = asked.browser or shutil.which("chromium")
    desk = Desk(asked.orders, asked.updates)
    threading.Thread(target=desk.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1480, "height": 860})
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
        found = measured(page, desk, asked.seconds)
        found |= {"version": chromium.version, "errors": refused}
        chromium.close()
    sys.stdout.write(json.dumps(asked.__dict__ | {"browser": browser} | found, indent=1) + "\n")
    return 0


def measured(page: Page, desk: Desk, seconds: float) -> dict[str, Any]:
    """Return every figure."""
    renders = [first_render(page, desk) for _ in range(5)]
    page.get_by_text(f"{desk.orders:,} orders").wait_for()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    still = under_load(page, session, seconds, scroll=False)
    scrolled = under_load(page, session, seconds, scroll=True)
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    return {
        "sizes_gzip": sizes(),
        "first_rows_ms": {"median": statistics.median(renders), "worst": max(renders)},
        **page.evaluate(FIRST),
        "still": still,
        "scrolling": scrolled,
        "heap_mb": round(heap, 1),
    }


def first_render(page: Page, desk: Desk) -> int:
    """Return the milliseconds from asking for the page to the first order on the screen."""
    page.goto("about:blank")
    page.goto(f"{desk.address}/trades", wait_until="commit")
    page.wait_for_selector(ROWS)
    return round(float(page.evaluate("performance.now()")))


def under_load(page: Page, session: CDPSession, seconds: float, *, scroll: bool) -> dict[str, Any]:
    """Return the frames of some seconds, and how busy the main thread was."""
    before = busy(session)
    frames: dict[str, Any] = page.evaluate(FRAMES, [seconds, scroll])
    return {**frames, "busy_share": round((busy(session) - before) / seconds, 3)}


def busy(session: CDPSession) -> float:
    """Return the seconds that the main thread has spent on tasks so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(row["value"] for row in metrics if row["name"] == "TaskDuration"))


def sizes() -> dict[str, int]:
    """Return bytes after gzip: all of the page, and what opening it for the first time loads."""
    packed = {path: len(gzip.compress(path.read_bytes(), 9)) for path in files()}
    index = (BUILT / "index.html").read_text(encoding="utf-8")
    first = {path for path in packed if path.name in index or path.name == "index.html"}
    first |= {path for path in packed if path.name.startswith("Trades-")}
    return {"everything": sum(packed.values()), "first_page": sum(packed[path] for path in first)}


def files() -> list[Path]:
    """Return every file of the built page."""
    return [path for path in BUILT.rglob("*") if path.is_file()]


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--updates", type=float, default=50.0, help="changed orders each second")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--browser", default=None, help="Chromium (default: from PATH)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
