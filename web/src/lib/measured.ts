/** Single measurements: which ones count, and which were worst. */

import { numberOf } from "./costs";

interface Measured {
  readonly order_id: string;
  readonly parent_order_id: string | null;
  readonly slippage_bps: string;
}

/** Return the measurements of orders that went to the broker: slices, not the parents cut into them. */
export function sentOnly<R extends Measured>(rows: readonly R[]): R[] {
  const parents = new Set(rows.map((row) => row.parent_order_id));
  return rows.filter((row) => !parents.has(row.order_id));
}

/** Return the dearest orders first, parents and orders sent whole; only those that cost something. */
export function worstOf<R extends Measured>(rows: readonly R[], most: number): R[] {
  return rows
    .filter((row) => row.parent_order_id === null && (numberOf(row.slippage_bps) ?? 0) > 0)
    .sort((a, b) => (numberOf(b.slippage_bps) ?? 0) - (numberOf(a.slippage_bps) ?? 0))
    .slice(0, most);
}
