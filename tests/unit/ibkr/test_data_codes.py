"""Which of the vendor's messages leave a symbol without a price."""

import pytest

from fillpath.ibkr.data_codes import DataNews, read
from fillpath.ibkr.heard import Said

ROWS = [
    (354, DataNews.REFUSED),
    (10089, DataNews.REFUSED),
    (10090, DataNews.REFUSED),
    (10167, DataNews.REFUSED),
    (10168, DataNews.REFUSED),
    (200, DataNews.REFUSED),
    (10197, DataNews.COMPETING),
    (101, DataNews.NO_LINES),
    (2103, DataNews.GAP),
    (2105, DataNews.GAP),
    (2157, DataNews.GAP),
    (1100, DataNews.GAP),
    (2110, DataNews.GAP),
    (1102, DataNews.GAP),
    (2104, DataNews.FARM_BACK),
    (2106, DataNews.FARM_BACK),
    (2158, DataNews.FARM_BACK),
    (1101, DataNews.SUBSCRIPTIONS_LOST),
    (2107, DataNews.NOTHING),
    (2119, DataNews.NOTHING),
    (10349, DataNews.NOTHING),
]


@pytest.mark.parametrize(("code", "news"), ROWS)
def test_a_message_means_for_data_what_the_table_says(code: int, news: DataNews) -> None:
    assert read(Said(-1, code, "words")) is news
