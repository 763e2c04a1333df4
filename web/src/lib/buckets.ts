/** Keys of grouped measurements: where a day, week or hour lies on a chart, and how it is written. */

export type Span = "day" | "week" | "hour";

const DAY = /^\d{4}-\d{2}-\d{2}(T|$)/;
const HOUR = /^(\d{1,2})(?::00)?$/;

/**
 * Return where a key lies: seconds since 1970 for days and weeks, the hour for hours.
 *
 * Null for what is none, so that a key of another kind is left out rather than drawn somewhere.
 */
export function placeOfKey(key: string, by: Span): number | null {
  if (by === "hour") {
    const hour = HOUR.exec(key);
    return hour === null ? null : Number(hour[1]);
  }
  // A parser that is eager takes "12" for a December.
  if (!DAY.test(key)) return null;
  const at = Date.parse(key.length === 10 ? `${key}T00:00:00Z` : key);
  return Number.isFinite(at) ? at / 1_000 : null;
}

/** Return a key as written under a chart or in a table; days and weeks stay in UTC, as they were cut. */
export function keyWords(key: string, by: string): string {
  const place = by === "day" || by === "week" || by === "hour" ? placeOfKey(key, by) : null;
  if (place === null) return key;
  if (by === "hour") return `${String(place).padStart(2, "0")}:00`;
  const day = new Date(place * 1_000).toISOString().slice(0, 10);
  return by === "week" ? `week of ${day}` : day;
}
