/** Use of limits: which one is nearest to being reached. */

import { numberOf } from "./costs";

export type Nearness = "reached" | "near" | "calm" | "unknown";

export interface Used {
  readonly name: string;
  readonly scope?: string | null;
  readonly share?: string | number | null;
}

const NEAR_SHARE = 0.8;

/** Return how near a limit is: reached from 100 %, near from 80 %. */
export function nearnessOf(share: string | number | null | undefined): Nearness {
  const number = numberOf(share);
  if (number === null) return "unknown";
  if (number >= 1) return "reached";
  return number >= NEAR_SHARE ? "near" : "calm";
}

/** Return limits with the most used first, then those whose use is not known, by name. */
export function worstFirst<T extends Used>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => {
    const left = numberOf(a.share);
    const right = numberOf(b.share);
    if (left !== right) return right === null ? -1 : left === null ? 1 : right - left;
    return a.name.localeCompare(b.name) || (a.scope ?? "").localeCompare(b.scope ?? "");
  });
}

/** Return a name of the settings as words: `risk.size.max_notional_pct` is `size: max notional`. */
export function limitWords(name: string): string {
  const parts = name.replace(/^risk\./, "").split(".");
  const last = (parts.pop() ?? name).replace(/_(pct|bps|seconds)$/, "").replaceAll("_", " ");
  const group = parts.join(" ").replaceAll("_", " ");
  return group ? `${group}: ${last}` : last;
}

/** Return a unit as it is written beside a figure: `percent of equity` is `% of equity`. */
export function unitWords(unit: string): string {
  return unit.replace(/^percent\b/, "%");
}
