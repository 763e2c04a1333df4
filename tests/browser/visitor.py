"""Somebody at the page: what a person does there, by the names that a person reads."""

import re
from typing import Final

from playwright.sync_api import Locator, Page, expect

PASSWORD: Final = "a lantern by the harbour"  # noqa: S105  # of a desk that lives for a test


class Visitor:
    """Uses the page with the keyboard and the mouse.

    Args:
        page: of the browser.
    """

    def __init__(self, page: Page) -> None:
        self.page = page

    def enter(self, name: str, password: str) -> None:
        """Sign in."""
        self.page.goto("/")
        door = self.page.get_by_role("form", name="Sign in")
        door.get_by_label("Name").fill(name)
        door.get_by_label(re.compile("^Password")).fill(password)
        door.get_by_role("button", name="Sign in").click()

    def choose(self, first: str, own: str) -> None:
        """Replace the first password."""
        door = self.page.get_by_role("form", name="Choose your own password")
        door.get_by_label("First password").fill(first)
        door.get_by_label(re.compile("^New password(?! again)")).fill(own)
        door.get_by_label("New password again").fill(own)
        door.get_by_role("button", name="Change it").click()
        expect(self.header).to_be_visible()

    def come_first(self, door: dict[str, str]) -> None:
        """Sign in as the first user, and choose a password."""
        self.enter(door["name"], door["password"])
        self.choose(door["password"], PASSWORD)

    @property
    def header(self) -> Locator:
        """The head of every page."""
        return self.page.get_by_role("banner")

    def open(self, name: str) -> None:
        """Go to a page by the navigation."""
        if self.page.url == "about:blank":
            self.page.goto("/")
        self.tab(name).click()

    def tab(self, name: str) -> Locator:
        """The way to a page."""
        return self.page.get_by_role("navigation", name="Pages").get_by_role("link", name=name)

    def settle(self) -> None:
        """Wait until the page shows what it has."""
        expect(self.page.locator("[aria-busy=true], .mantine-Skeleton-root")).to_have_count(0)

    def order(self, order_id: str) -> Locator:
        """The line of an order."""
        return self.page.locator(f'[data-order="{order_id}"]')

    def frame(self, title: str) -> Locator:
        """A part of the page, by its heading."""
        return self.page.get_by_role("region", name=title)

    def approval(self, title: str) -> Locator:
        """The order that waits for a person."""
        pending = self.page.get_by_role("region", name="Pending approvals")
        return pending.get_by_role("article", name=title)

    def kill(self, why: str) -> None:
        """Stop trading with the word that has to be typed."""
        self.page.get_by_role("button", name="KILL", exact=True).click()
        dialog = self.page.get_by_role("dialog", name="Stop trading")
        dialog.get_by_label("Why").fill(why)
        dialog.get_by_label("Type KILL").fill("KILL")
        dialog.get_by_role("button", name="Stop it").click()
        dialog.get_by_role("button", name="Close", exact=True).last.click()

    def resume(self, word: str) -> None:
        """Let it trade again."""
        self.header.get_by_role("button", name="Resume").click()
        dialog = self.page.get_by_role("dialog", name="Let it trade again")
        dialog.get_by_label(f"Type {word}").fill(word)
        dialog.get_by_role("button", name="Let it trade").click()
        dialog.get_by_role("button", name="Close", exact=True).last.click()
