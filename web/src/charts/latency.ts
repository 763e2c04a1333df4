/** The way of an order from signal to fill as a waterfall: where each stage begins and how long it takes. */

export const STAGES = [
  "signal",
  "risk",
  "route",
  "submit",
  "acknowledge",
  "fill",
  "last_fill",
] as const;

export interface StageRow {
  readonly stage: string;
  readonly n: number;
  readonly median_ms: number | null;
  readonly p95_ms: number | null;
}

export interface Step {
  readonly stage: string;
  readonly n: number;
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  /** Where the bar begins: the sum of the medians before it. */
  readonly startMs: number;
}

/** Return the stages in the order in which an order passes them; those that nobody named come last. */
export function waterfall(rows: readonly StageRow[]): Step[] {
  let start = 0;
  return [...rows]
    .sort((a, b) => placeOf(a.stage) - placeOf(b.stage))
    .map((row) => {
      const step = {
        stage: row.stage,
        n: row.n,
        medianMs: row.n > 0 ? row.median_ms : null,
        p95Ms: row.n > 0 ? row.p95_ms : null,
        startMs: start,
      };
      start += step.medianMs ?? 0;
      return step;
    });
}

/** Return the end of the chart: the sum of the medians, or a late p95 that reaches beyond it. */
export function waterfallEnd(steps: readonly Step[]): number {
  return steps.reduce(
    (end, step) => Math.max(end, step.startMs + Math.max(step.medianMs ?? 0, step.p95Ms ?? 0)),
    0,
  );
}

function placeOf(stage: string): number {
  const place = (STAGES as readonly string[]).indexOf(stage.toLowerCase());
  return place < 0 ? STAGES.length : place;
}
