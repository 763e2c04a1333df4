/** Single measurements: which ones count, what they cost, and which were worst. */

import { numberOf } from "./costs";

interface Measured {
  readonly order_id: string;
  readonly parent_order_id: string | null;
  readonly slippage_bps: string;
  readonly mid_slippage_bps: string | null;
}

/** What a single order is measured against: its expected price, or the mid when it was decided. */
export type Benchmark = "expected" | "mid";

/** How each is called. */
export const BENCHMARKS: Readonly<Record<Benchmark, string>> = {
  expected: "against the expected price",
  mid: "against the mid when it was decided",
};

/** Return what a single order can be measured against, nearest to what groups are measured against. */
export function benchmarkOf(measure: string): Benchmark {
  return measure === "slippage_bps" ? "expected" : "mid";
}

/** Return what an order cost in basis points; null where that is not known. */
export function bpsOf(row: Measured, against: Benchmark): number | null {
  return numberOf(against === "expected" ? row.slippage_bps : row.mid_slippage_bps);
}

/** Return the measurements of orders that went to the broker: slices, not the parents cut into them. */
export function sentOnly<R extends Measured>(rows: readonly R[]): R[] {
  const parents = new Set(rows.map((row) => row.parent_order_id));
  return rows.filter((row) => !parents.has(row.order_id));
}

/** Return the dearest orders first, parents and orders sent whole; only those that cost something. */
export function worstOf<R extends Measured>(
  rows: readonly R[],
  against: Benchmark,
  most: number,
): R[] {
  return rows
    .filter((row) => row.parent_order_id === null && (bpsOf(row, against) ?? 0) > 0)
    .sort((a, b) => (bpsOf(b, against) ?? 0) - (bpsOf(a, against) ?? 0))
    .slice(0, most);
}
