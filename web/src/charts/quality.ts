/** Slippage and latency over time as a chart needs them. */

import { placeOfKey, type Span } from "../lib/buckets";
import { LATENCY_LIMIT_MS, SLIPPAGE_LIMIT_BPS } from "../lib/costs";
import type { QualitySummary } from "../panels/rows";

const LEAST_MS = 1;

export interface QualitySeries {
  /** The rows that are drawn, in their order. */
  readonly rows: readonly QualitySummary[];
  readonly places: readonly number[];
  readonly slippage: (number | null)[][];
  readonly latency: (number | null)[][];
}

/**
 * Return the rows in the order of time as columns.
 *
 * Slippage: mean, lower and upper end of its interval, weighted mean, and the mean once more where
 * there are enough orders. Latency: mean and p95; a logarithmic scale has no zero, so what took
 * less than a millisecond is drawn at one.
 */
export function qualitySeries(rows: readonly QualitySummary[], by: Span): QualitySeries {
  const placed = rows
    .map((row) => ({ row, place: placeOfKey(row.key, by) }))
    .filter((item): item is { row: QualitySummary; place: number } => item.place !== null)
    .sort((a, b) => a.place - b.place);
  const column = (read: (row: QualitySummary) => number | null) =>
    placed.map(({ row }) => (row.n > 0 ? read(row) : null));
  return {
    rows: placed.map(({ row }) => row),
    places: placed.map(({ place }) => place),
    slippage: [
      column((row) => row.mean_bps),
      column((row) => row.low_bps),
      column((row) => row.high_bps),
      column((row) => row.weighted_bps),
      column((row) => (row.enough ? row.mean_bps : null)),
    ],
    latency: [
      column((row) => Math.max(LEAST_MS, row.mean_latency_ms)),
      column((row) => Math.max(LEAST_MS, row.p95_latency_ms)),
    ],
  };
}

/** Return the range of the slippage axis: everything drawn, zero, and the alert above it. */
export function slippageRange(low: number | null, high: number | null): [number, number] {
  const bottom = Math.min(0, low ?? 0);
  const top = Math.max(SLIPPAGE_LIMIT_BPS, high ?? 0);
  const margin = (top - bottom) * 0.08;
  return [bottom < 0 ? bottom - margin : -margin, top + margin];
}

/** Return the range of the latency axis in whole powers of ten, with the alert inside. */
export function latencyRange(low: number | null, high: number | null): [number, number] {
  const bottom = Math.floor(Math.log10(Math.max(LEAST_MS, Math.min(low ?? 1_000, 1_000))));
  const top = Math.ceil(Math.log10(Math.max(high ?? 0, LATENCY_LIMIT_MS * 1.5)));
  return [10 ** bottom, 10 ** Math.max(top, bottom + 1)];
}

/** Return what the picture shows in one sentence, for those who do not see it. */
export function qualityWords(rows: readonly QualitySummary[], by: Span): string {
  const above = rows.filter((row) => row.mean_bps > SLIPPAGE_LIMIT_BPS).length;
  const late = rows.filter((row) => row.mean_latency_ms > LATENCY_LIMIT_MS).length;
  return (
    `Average slippage and latency by ${by}, ${rows.length} in all: ` +
    `${above} above ${SLIPPAGE_LIMIT_BPS} basis points, ${late} above ${LATENCY_LIMIT_MS / 1_000} seconds. ` +
    "The same numbers are in the table."
  );
}
