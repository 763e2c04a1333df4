import { useMemo } from "react";
import type { Shape } from "../api/contract";
import { useRead } from "../api/hooks";
import { numberOf } from "../lib/costs";

/** Orders whose cost is shown beside them: the newest measurements. */
const MOST = 1_000;

type Measured = Pick<
  Shape["QualityRow"],
  "order_id" | "parent_order_id" | "notional" | "slippage_bps"
>;

/** Return the cost of each measured order in basis points, by its name. */
export function useCosts(): ReadonlyMap<string, string> {
  const { data } = useRead("/api/v1/trades/quality", { limit: MOST }, { keep: true });
  return useMemo(() => costsOf(data?.rows ?? []), [data]);
}

/** Return costs by order; an order of slices that was not measured itself costs what they do, by notional. */
export function costsOf(rows: readonly Measured[]): ReadonlyMap<string, string> {
  const costs = new Map(rows.map((row) => [row.order_id, row.slippage_bps]));
  const sums = new Map<string, { cost: number; notional: number }>();
  for (const { parent_order_id, notional, slippage_bps } of rows) {
    if (parent_order_id === null || costs.has(parent_order_id)) continue;
    const sum = sums.get(parent_order_id) ?? { cost: 0, notional: 0 };
    const size = Math.abs(numberOf(notional) ?? 0);
    sum.cost += (numberOf(slippage_bps) ?? 0) * size;
    sum.notional += size;
    sums.set(parent_order_id, sum);
  }
  for (const [parent, { cost, notional }] of sums) {
    if (notional > 0) costs.set(parent, String(cost / notional));
  }
  return costs;
}
