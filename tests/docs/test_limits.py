"""What the page about limits shows is read as it says."""

import re
from pathlib import Path

from fillpath.risk.limits import Instruments, Permissions, Sectors
from fillpath.settings import RISK_FILE, load_settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "limits.md").read_text(encoding="utf-8")
LIMITS, FILES, STRATEGIES = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_examples_are_understood(tmp_path: Path) -> None:
    columns = re.findall(r"has the columns `([^`]*)`", PAGE)
    instruments, sectors = (line.replace(" ", "") for line in columns)
    (tmp_path / RISK_FILE).write_text(LIMITS + FILES, encoding="utf-8")
    (tmp_path / "permissions.yaml").write_text(STRATEGIES, encoding="utf-8")
    (tmp_path / "instruments.csv").write_text(f"{instruments}\nIBM,8314,liquid,USD,NYSE\n")
    (tmp_path / "sectors.csv").write_text(f"{sectors}\nIBM,Technology\n")
    settings = tmp_path / "settings.yaml"
    settings.write_text("# the defaults\n", encoding="utf-8")

    risk = load_settings(settings, {}).desk_policy(live=True).risk

    row = ("momentum", "AAPL,MSFT", "BUY,SELL", "*", "regular", "50000", "MSFT")
    assert risk.permissions == Permissions(everyone=False, rows=(row,))
    assert risk.instruments == Instruments(rows=(("IBM", "8314", "liquid", "USD", "NYSE"),))
    assert risk.sectors == Sectors(rows=(("IBM", "Technology"),))
    assert (risk.max_position_pct, risk.rates.symbol_per_second) == (4, 1)
    assert risk.restricted_symbols == {"AMC", "GME"}
    assert risk.require_contract
