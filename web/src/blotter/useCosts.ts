import { useMemo } from "react";
import { useRead } from "../api/hooks";

/** Orders whose cost is shown beside them: the newest measurements. */
const MOST = 1_000;

/** Return the cost of each measured order in basis points, by its name. */
export function useCosts(): ReadonlyMap<string, string> {
  const { data } = useRead("/api/v1/trades/quality", { limit: MOST }, { keep: true });
  return useMemo(
    () => new Map(data?.rows.map((row) => [row.order_id, row.slippage_bps]) ?? []),
    [data],
  );
}
