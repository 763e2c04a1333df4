"""The audit log, a page at a time."""

from pathlib import Path

import pytest

from fillpath.api.auth.audit import FILE, AuditLog, Entry
from fillpath.api.auth.showing import AuditPages
from fillpath.core.errors import ModelError, Unavailable


@pytest.fixture
def pages(tmp_path: Path) -> AuditPages:
    log = AuditLog(tmp_path)
    for number in range(5):
        entry = Entry(who="tom", role="trader", source="x", act=f"act {number}", outcome="DONE")
        log.write(entry, 20_000 * 86_400_000_000_000)
    return AuditPages(log)


@pytest.mark.security("S-19")
async def test_every_entry_is_on_one_page(pages: AuditPages) -> None:
    seen, after = [], ""

    for _ in range(3):
        page = await pages.page(limit=2, after=after)
        seen += [row.act for row in page.rows]
        after = page.after

    assert seen == [f"act {number}" for number in (4, 3, 2, 1, 0)]
    assert after == ""


@pytest.mark.parametrize("after", ["x", "-1", "1" * 30, "\u0661"])
async def test_a_page_that_nobody_named_is_refused(pages: AuditPages, after: str) -> None:
    with pytest.raises(ModelError, match="after must"):
        await pages.page(limit=2, after=after)


async def test_a_log_that_cannot_be_read_is_said(pages: AuditPages, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("what is this\n", "utf-8")

    with pytest.raises(Unavailable, match="cannot be read"):
        await pages.page(limit=2, after="")
