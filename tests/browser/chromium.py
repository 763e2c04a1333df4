"""The system's Chromium."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """Return where it is; None where there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def chromium(playwright: Playwright) -> Browser:
    """Start it."""
    # Its sandbox needs a user of its own, which root in a container is not.
    quiet = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=program(), args=quiet)
