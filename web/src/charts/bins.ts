/** Bins of a histogram of costs: zero is always an edge, so that no bin mixes cost and gain. */

import { niceStep } from "./scales";

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Whether the bin also holds everything beyond its outer edge. */
  readonly open: boolean;
}

const MOST_BINS = 41;
const TAIL = 0.01;

/**
 * Return the bins of some numbers, lowest first, none left out.
 *
 * The width follows Freedman and Diaconis (1981), rounded up to a nice step. One per cent of the
 * numbers on each side may lie beyond the outer edges; they are counted in the outermost bins, which
 * say so.
 */
export function binsOf(values: readonly number[]): Bin[] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  const low = quantile(sorted, TAIL);
  const high = quantile(sorted, 1 - TAIL);
  const width = widthOf(sorted, low, high);
  const first = Math.floor(low / width + 1e-9);
  const last = Math.max(first, Math.ceil(high / width - 1e-9) - 1);
  const counts = new Array<number>(last - first + 1).fill(0);
  for (const value of sorted) {
    const place = Math.min(last, Math.max(first, Math.floor(value / width + 1e-9))) - first;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const least = sorted[0] ?? 0;
  const most = sorted[sorted.length - 1] ?? 0;
  return counts.map((count, index) => {
    const from = clean((first + index) * width);
    const to = clean((first + index + 1) * width);
    const open = (index === 0 && least < from) || (index === counts.length - 1 && most > to);
    return { from, to, count, open };
  });
}

/** Return a quantile of sorted numbers, linear between neighbours (type 7). */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return NaN;
  const place = (sorted.length - 1) * Math.min(1, Math.max(0, share));
  const below = Math.floor(place);
  const lower = sorted[below] ?? NaN;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)] ?? lower;
  return lower + (upper - lower) * (place - below);
}

function widthOf(sorted: readonly number[], low: number, high: number): number {
  const middle = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  const wished = (2 * middle) / Math.cbrt(sorted.length);
  const span = high - low;
  const least = span / (MOST_BINS - 2);
  const rough = Math.max(wished, least);
  return rough > 0 ? niceStep(rough, 1) : niceStep(Math.abs(high) || 1, 10);
}

function clean(value: number): number {
  return Number(value.toPrecision(12));
}
