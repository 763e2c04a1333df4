"""Write a small recording to replay: one hour of quotes, 25 days of volume, four signals.

The prices are made up, so that the example needs nothing but itself.

Run it: python3 dev.py python examples/write_recording.py my-recording
"""
# ruff: noqa: INP001  # a script beside the package

import csv
import json
import sys
from datetime import UTC, datetime, timedelta
from math import sin
from pathlib import Path

OPEN = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # 09:30 in New York
EDGE = {"win_rate": 0.55, "avg_win_pct": 2.0, "avg_loss_pct": 1.0, "n_trades": 200}


def write(folder: Path) -> None:
    """Write quotes.csv, daily.csv and signals.jsonl into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "quotes.csv").open("w", newline="") as target:
        rows = csv.writer(target)
        rows.writerow(["ts", "symbol", "bid_price", "ask_price", "bid_size", "ask_size"])
        for second in range(3_600):
            moment = (OPEN + timedelta(seconds=second)).isoformat()
            for symbol, base, spread in (("ACME", 15_000, 2), ("BOLT", 4_000, 10)):
                cents = base + second // 60 + round(base / 750 * sin(second / 300))
                rows.writerow([moment, symbol, cents / 100, (cents + spread) / 100, 300, 200])
    with (folder / "daily.csv").open("w", newline="") as target:
        rows = csv.writer(target)
        rows.writerow(["date", "symbol", "close", "volume"])
        for day in range(25, 0, -1):
            for symbol, close in (("ACME", 150), ("BOLT", 40)):
                rows.writerow([OPEN.date() - timedelta(days=day), symbol, close, 20_000])
    signals: tuple[tuple[str, int, str, float, dict[str, float]], ...] = (
        ("first", 60, "ACME", 0.6, EDGE),
        ("sure", 900, "BOLT", 0.95, {"quantity": 20}),
        ("patient", 1_200, "BOLT", 0.5, {"quantity": 50}),
        ("blind", 1_800, "BOLT", 0.6, {}),
    )
    with (folder / "signals.jsonl").open("w") as target:
        for name, second, symbol, strength, metadata in signals:
            signal = {"signal_id": name, "symbol": symbol, "direction": "LONG"}
            signal["ts"] = (OPEN + timedelta(seconds=second)).isoformat()
            line = {**signal, "strength": strength, "strategy_name": "hand", "metadata": metadata}
            target.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "my-recording"))
