/** Spans of time in words, and moments as people read them. */

/** Return a time span in the unit that fits: `250 ms`, `1.25 s`, `4 min`, `3 h 5 min`, `2 d 4 h`. */
export function spanWords(milliseconds: number | null): string {
  if (milliseconds === null || !Number.isFinite(milliseconds)) return "–";
  const size = Math.abs(milliseconds);
  if (size < 1) return `${trimmed(milliseconds, 2)} ms`;
  if (size < 10) return `${trimmed(milliseconds, 1)} ms`;
  if (size < 999.5) return `${Math.round(milliseconds)} ms`;
  if (size < 59_995) return `${(milliseconds / 1_000).toFixed(milliseconds % 1_000 ? 2 : 0)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 3_600) return both(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 2_880) return both(Math.floor(minutes / 60), "h", minutes % 60, "min");
  return both(Math.floor(minutes / 1_440), "d", Math.floor((minutes % 1_440) / 60), "h");
}

/** Return how long ago a moment was, or how long it is until then: `3 min 4 s ago`, `in 2 h`. */
export function agoWords(moment: string | null | undefined, now: number): string {
  const at = moment ? Date.parse(moment) : NaN;
  if (!Number.isFinite(at)) return "–";
  const gone = now - at;
  if (Math.abs(gone) < 1_000) return "now";
  return gone > 0 ? `${spanWords(gone)} ago` : `in ${spanWords(-gone)}`;
}

function both(large: number, unit: string, small: number, smaller: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smaller}`;
}

function trimmed(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
