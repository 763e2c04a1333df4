"""Ask the tables of a run: which route cost what, and why was each signal refused?

Run it: python3 dev.py python examples/read_results.py my-run
"""
# ruff: noqa: INP001, T201  # a script that prints

import sys
from pathlib import Path

import polars as pl


def main(folder: Path) -> None:
    """Print cost by route and the refusals of a run that was written with --out."""
    quality = pl.read_parquet(folder / "quality.parquet")
    cost = pl.col("arrival_slippage_bps").cast(pl.Float64)
    print(quality.group_by("route").agg(pl.len(), cost.mean().alias("mean_bps")).sort("route"))
    decisions = pl.read_parquet(folder / "decisions.parquet")
    for row in decisions.filter(pl.col("outcome") == "REFUSED").iter_rows(named=True):
        print(f"{row['ts']:%H:%M:%S} {row['signal_id']}: {row['reason']}, {row['text']}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "my-run"))
