"""The files that say who may trade what are read once, and whatever is wrong in them is named."""

from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError
from fillpath.risk.limits import Instruments, Permissions, Sectors
from fillpath.settings import RISK_FILE, Settings, load_settings, policy_hash

PERMISSIONS = """
momentum:
  symbols: [AAPL, IBM]
  sides: [BUY, SELL]
  order_types: LIMIT
  sessions: [regular, extended]
  max_notional: 50000.5
  allow_short: [IBM]
free: {symbols: "*", sides: "*", order_types: "*", sessions: "*", allow_short: true}
plain: {symbols: IBM, sides: BUY}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    settings = tmp_path / "settings.yaml"
    settings.write_text("# the defaults\n", encoding="utf-8")
    return settings


def loaded(path: Path, **files: str) -> Settings:
    lines = ["permissions:"]
    for key, text in files.items():
        path.with_name(key).write_text(text, encoding="utf-8")
        lines.append(f"  {key}: {key}")
    path.with_name(RISK_FILE).write_text("\n".join(lines), encoding="utf-8")
    return load_settings(path, {})


def test_permissions_are_read_beside_the_settings(path: Path) -> None:
    permissions = loaded(path, file=PERMISSIONS).desk_policy().risk.permissions

    assert permissions == Permissions(
        everyone=False,
        rows=(
            ("free", "*", "*", "*", "*", "", "*"),
            ("momentum", "AAPL,IBM", "BUY,SELL", "LIMIT", "extended,regular", "50000.5", "IBM"),
            ("plain", "IBM", "BUY", "*", "regular", "", ""),
        ),
    )


def test_sectors_and_instruments_are_read_beside_the_settings(path: Path) -> None:
    risk = (
        loaded(
            path,
            sectors_file="sector,symbol\nEnergy,XYZ\n",
            instruments_file="symbol,con_id,class,currency,primary_exchange\n"
            "IBM,8314,liquid,USD,NYSE\n",
        )
        .desk_policy()
        .risk
    )

    assert risk.sectors == Sectors(rows=(("XYZ", "Energy"),))
    assert risk.instruments == Instruments(rows=(("IBM", "8314", "liquid", "USD", "NYSE"),))


def test_without_a_file_all_is_allowed_where_nothing_is_real() -> None:
    assert Settings().desk_policy().risk.permissions == Permissions(everyone=True)


def test_without_a_file_nothing_is_allowed_where_orders_are_real() -> None:
    assert Settings().desk_policy(live=True).risk.permissions == Permissions(everyone=False)


def test_the_lists_are_part_of_the_rules(path: Path) -> None:
    one = loaded(path, file="a: {symbols: IBM, sides: BUY}")

    other = loaded(path, file="a: {symbols: XYZ, sides: BUY}")

    assert policy_hash(one) != policy_hash(other)
    assert one != other


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 3", "a must be a section with symbols and sides, got 3"),
        ("a: {symbols: IBM}", "a must say sides; write '*' for all of them"),
        ("a: {symbols: IBM, sides: BUY, price: 3}", "a.price is unknown; allowed are symbols, "),
        ("a: {symbols: {}, sides: BUY}", "a.symbols must be a word, a number or a list of words"),
        ("a: {symbols: IBM, sides: UP}", "'UP' must be one of BUY, SELL"),
        ("a: {symbols: IBM, sides: BUY, max_notional: much}", "max_notional must be a number"),
        ("a: {symbols: [", "expected the node content"),
    ],
)
def test_what_is_wrong_with_permissions_is_named(path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(path, file=text)

    assert message in str(refused.value)


def test_a_list_that_is_not_there_is_named(path: Path) -> None:
    path.with_name(RISK_FILE).write_text("permissions: {sectors_file: none.csv}", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"risk\.permissions: .*none\.csv"):
        load_settings(path, {})


def test_a_column_that_is_missing_is_named(path: Path) -> None:
    with pytest.raises(ConfigError, match="the column con_id is missing"):
        loaded(path, instruments_file="symbol,class\nIBM,liquid\n")
