"""The pages of alerts and figures are what their tables say."""

import pytest

from tests.house.project import ROOT
from tools.make_monitoring import FOLDER, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_table_says(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]()


def test_the_how_to_of_alerts_names_every_command() -> None:
    text = (ROOT / "docs" / "how-to" / "alerts.md").read_text(encoding="utf-8")

    for verb in ("list", "acknowledge", "test", "channels", "deliver"):
        assert f"fillpath alerts {verb}" in text
