/** What trading cost in all, from groups that have no order in common. */

import { sumOf } from "./exact";

export interface Group {
  readonly key: string;
  readonly n: number;
  readonly notional: number | null;
  readonly weighted_bps: number | null;
  readonly mean_bps: number;
  readonly mean_latency_ms: number;
  readonly fees: string;
  readonly shortfall: string | null;
}

export interface Totals {
  readonly n: number;
  readonly notional: number;
  /** Money lost against the benchmark; negative is a gain. */
  readonly cost: number;
  readonly weightedBps: number | null;
  readonly meanBps: number | null;
  readonly meanLatencyMs: number | null;
  /** Exact sums in account currency; the shortfall is null where no order knew it. */
  readonly fees: string;
  readonly shortfall: string | null;
  /** The group that cost most money, and how much; null when none cost any. */
  readonly dearest: { readonly key: string; readonly cost: number } | null;
}

/** Return the sum of some groups. */
export function totalsOf(groups: readonly Group[]): Totals {
  let [n, notional, cost, bps, latency] = [0, 0, 0, 0, 0];
  let dearest: Totals["dearest"] = null;
  for (const group of groups) {
    const lost = costOf(group);
    n += group.n;
    notional += group.notional ?? 0;
    cost += lost;
    bps += group.mean_bps * group.n;
    latency += group.mean_latency_ms * group.n;
    if (lost > (dearest?.cost ?? 0)) dearest = { key: group.key, cost: lost };
  }
  const known = groups.filter((group) => group.shortfall !== null);
  return {
    n,
    notional,
    cost,
    weightedBps: notional > 0 ? (cost / notional) * 1e4 : null,
    meanBps: n > 0 ? bps / n : null,
    meanLatencyMs: n > 0 ? latency / n : null,
    dearest,
    fees: sumOf(groups.map((group) => group.fees)),
    shortfall: known.length > 0 ? sumOf(known.map((group) => group.shortfall)) : null,
  };
}

/** Return what a group cost in money; 0 where that is not known. */
export function costOf({
  notional,
  weighted_bps,
}: Pick<Group, "notional" | "weighted_bps">): number {
  return ((notional ?? 0) * (weighted_bps ?? 0)) / 1e4;
}
