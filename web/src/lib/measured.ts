/** Single measurements: which ones count, what they cost, and which were worst. */

import type { Shape } from "../api/contract";
import { numberOf } from "./costs";

type QualityRow = Shape["QualityRow"];
type Measured = Pick<
  QualityRow,
  "order_id" | "parent_order_id" | "slippage_bps" | "mid_slippage_bps"
>;

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

/** Return the dearest orders first, those in slices as one; only those that cost something. */
export function worstOf(
  rows: readonly QualityRow[],
  against: Benchmark,
  most: number,
): QualityRow[] {
  return wholes(rows)
    .filter((row) => (bpsOf(row, against) ?? 0) > 0)
    .sort((a, b) => (bpsOf(b, against) ?? 0) - (bpsOf(a, against) ?? 0))
    .slice(0, most);
}

/** Return the measurement of an order: its own, or what its slices come to together. */
export function wholeOf(id: string, rows: readonly QualityRow[]): QualityRow | undefined {
  const own = rows.find((row) => row.order_id === id);
  return own ?? together(rows.filter((row) => row.parent_order_id === id));
}

/** Return one measurement for each order, whether it was sent whole or in slices. */
function wholes(rows: readonly QualityRow[]): QualityRow[] {
  const found = new Map<string, QualityRow[]>();
  for (const row of rows) {
    const id = row.parent_order_id ?? row.order_id;
    found.set(id, [...(found.get(id) ?? []), row]);
  }
  return [...found]
    .map(([id, group]) => wholeOf(id, group))
    .filter((row): row is QualityRow => row !== undefined);
}

/** Prices are weighted by shares, costs by value; time runs from the first slice to the last. */
function together(slices: readonly QualityRow[]): QualityRow | undefined {
  const [first] = slices;
  if (first === undefined || first.parent_order_id === null) return undefined;
  const shares = (row: QualityRow) => numberOf(row.quantity) ?? 0;
  const value = (row: QualityRow) => Math.abs(numberOf(row.notional) ?? 0);
  const mean = (of: (row: QualityRow) => string | null, weight: (row: QualityRow) => number) =>
    weighted(slices.map((row) => [numberOf(of(row)), weight(row)]));
  const decided = earliest(slices.map((row) => row.decided_at));
  const filled = latest(slices.map((row) => row.filled_at));
  return {
    ...first,
    order_id: first.parent_order_id,
    parent_order_id: null,
    quantity: sum(slices.map(shares)),
    notional: sum(slices.map(value)),
    filled_price: mean((row) => row.filled_price, shares) ?? first.filled_price,
    expected_price: mean((row) => row.expected_price, shares) ?? first.expected_price,
    decision_mid: mean((row) => row.decision_mid, shares),
    slippage_bps: mean((row) => row.slippage_bps, value) ?? first.slippage_bps,
    arrival_slippage_bps: mean((row) => row.arrival_slippage_bps, value),
    mid_slippage_bps: mean((row) => row.mid_slippage_bps, value),
    fill_latency_ms: most(slices.map((row) => row.fill_latency_ms)),
    first_fill_latency_ms: least(slices.map((row) => row.first_fill_latency_ms)),
    order_latency_ms: String(Date.parse(filled) - Date.parse(decided)),
    decided_at: decided,
    filled_at: filled,
  };
}

/** Return a weighted mean as the wire would write it; null where a value or every weight is missing. */
function weighted(pairs: readonly (readonly [number | null, number])[]): string | null {
  let [total, weight] = [0, 0];
  for (const [number, share] of pairs) {
    if (number === null) return null;
    total += number * share;
    weight += share;
  }
  return weight > 0 ? text(total / weight) : null;
}

function sum(numbers: readonly number[]): string {
  return text(numbers.reduce((total, number) => total + number, 0));
}

function most(values: readonly string[]): string {
  return text(Math.max(...values.map(Number)));
}

function least(values: readonly string[]): string {
  return text(Math.min(...values.map(Number)));
}

function earliest(moments: readonly string[]): string {
  return moments.reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a));
}

function latest(moments: readonly string[]): string {
  return moments.reduce((a, b) => (Date.parse(b) > Date.parse(a) ? b : a));
}

/** Return a number without the noise of floating point. */
function text(number: number): string {
  return String(Number(number.toFixed(8)));
}
