"""polars on the costs of fills: one as-of join for the moment of the fill and for each horizon."""

from __future__ import annotations

from pathlib import Path

import contract
import polars as pl


def run_fills(folder: Path) -> contract.Outcome:
    """Read both files and work out the mean cost and markouts of all fills."""
    ready = contract.now()
    mid = (pl.col("bid_price") + pl.col("ask_price")) / 2
    wanted = ["ts", "symbol", "bid_price", "ask_price"]
    quotes = pl.read_parquet(folder / "quotes.parquet", columns=wanted)
    quotes = quotes.select("ts", "symbol", mid=mid).set_sorted("ts")
    ends = quotes.group_by("symbol").agg(end=pl.col("ts").max())
    fills = pl.read_parquet(folder / "fills.parquet").set_sorted("ts").join(ends, on="symbol")
    sign = pl.when(pl.col("side") == "BUY").then(1.0).otherwise(-1.0)
    fills = fills.with_columns(
        shares=sign * pl.col("quantity"), paid=pl.col("price") * pl.col("quantity")
    )
    found = [lost_bps(fills, quotes, after) for after in (0, *contract.HORIZONS_NS)]
    paid = float(fills["paid"].sum())
    done = contract.now()
    return contract.Outcome(
        version=pl.__version__,
        orders=fills.height,
        fills=fills.height,
        quotes=quotes.height,
        seconds=done - ready,
        setup_seconds=0.0,
        notional=paid,
        note=contract.costs_note(found[0], -found[-1]),
    )


def lost_bps(fills: pl.DataFrame, quotes: pl.DataFrame, after: int) -> float:
    """Return what was paid over the mid some time after the fills, basis points."""
    later = fills.with_columns(at=(pl.col("ts") + pl.duration(nanoseconds=after)).set_sorted())
    later = later.filter(pl.col("at") <= pl.col("end"))
    seen = later.join_asof(
        quotes, left_on="at", right_on="ts", by="symbol", check_sortedness=False
    ).filter(pl.col("mid").is_not_null())
    lost = (pl.col("shares") * (pl.col("price") - pl.col("mid"))).sum()
    return float(seen.select(lost / pl.col("paid").sum() * 10_000).item())


if __name__ == "__main__":
    contract.serve(None, {"fill-costs": run_fills})
