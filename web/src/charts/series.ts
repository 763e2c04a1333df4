/** Series of charts: thinning that keeps the outliers, gaps that stay gaps, drawdown. */

export interface Point {
  /** Seconds since 1970. */
  readonly at: number;
  readonly value: number | null;
}

/**
 * Return at most about `most` points: of each stretch the first, lowest, highest and last one.
 *
 * An outlier is what a trader looks for, so none is averaged away; a gap stays a gap.
 */
export function thinned(points: readonly Point[], most: number): Point[] {
  if (points.length <= most || most < 4) return [...points];
  const stretch = Math.ceil(points.length / Math.floor(most / 4));
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const end = Math.min(start + stretch, points.length);
    for (const index of extremes(points, start, end)) {
      const point = points[index];
      if (point !== undefined) kept.push(point);
    }
  }
  return kept;
}

function extremes(points: readonly Point[], start: number, end: number): number[] {
  let low = -1;
  let high = -1;
  let gap = -1;
  for (let index = start; index < end; index += 1) {
    const value = points[index]?.value ?? null;
    if (value === null) {
      gap = index;
      continue;
    }
    if (low < 0 || value < (points[low]?.value ?? Infinity)) low = index;
    if (high < 0 || value > (points[high]?.value ?? -Infinity)) high = index;
  }
  const wanted = new Set([start, low, high, gap, end - 1].filter((index) => index >= 0));
  return [...wanted].sort((a, b) => a - b);
}

/** Return how far each point is below the highest one before it, as a share (0 or less). */
export function drawdown(points: readonly Point[]): Point[] {
  let peak = -Infinity;
  return points.map(({ at, value }) => {
    if (value === null) return { at, value: null };
    peak = Math.max(peak, value);
    return { at, value: peak > 0 ? value / peak - 1 : null };
  });
}

/** Return the deepest point of a drawdown, null when nothing is known. */
export function deepest(points: readonly Point[]): Point | null {
  let found: Point | null = null;
  for (const point of points) {
    if (point.value !== null && (found?.value == null || point.value < found.value)) found = point;
  }
  return found;
}

/** Return several series on one time axis, each null where it says nothing; times ascend. */
export function aligned(series: readonly (readonly Point[])[]): {
  times: number[];
  values: (number | null)[][];
} {
  const times = [...new Set(series.flatMap((points) => points.map((point) => point.at)))].sort(
    (a, b) => a - b,
  );
  const places = new Map(times.map((at, index) => [at, index]));
  const values = series.map((points) => {
    const row = new Array<number | null>(times.length).fill(null);
    for (const { at, value } of points) row[places.get(at) ?? 0] = value;
    return row;
  });
  return { times, values };
}
