/** Words for costs of execution: the sign is by side, so that positive is a cost for buys and sells alike. */

export const SLIPPAGE_LIMIT_BPS = 10;
export const LATENCY_LIMIT_MS = 5_000;
export const ENOUGH_SENTENCE = "not enough orders to say";

export type Verdict = "cost" | "gain" | "unclear" | "unknown";

export interface Measured {
  readonly n: number;
  readonly enough: boolean;
  readonly low: number | null;
  readonly high: number | null;
}

/** Return what an interval says: a cost, a gain, neither because it holds zero, or nothing yet. */
export function verdictOf({ enough, low, high }: Measured): Verdict {
  if (!enough || low === null || high === null) return "unknown";
  if (low > 0) return "cost";
  if (high < 0) return "gain";
  return "unclear";
}

/** Return the same in words, with the number of orders that it stands on. */
export function verdictWords(measured: Measured): string {
  const orders = measured.n === 1 ? "1 order" : `${measured.n.toLocaleString("en-US")} orders`;
  switch (verdictOf(measured)) {
    case "cost":
      return "costs money";
    case "gain":
      return "saves money";
    case "unclear":
      return "no cost or gain shown";
    case "unknown":
      return `${ENOUGH_SENTENCE} (${orders})`;
  }
}

/** Return an interval as text: `+1.20 to +4.80 bps`. */
export function intervalWords(low: number | null, high: number | null): string {
  if (low === null || high === null) return "–";
  return `${signed(low)} to ${signed(high)} bps`;
}

/** Return a number with its sign, thousands and two decimals; zero has no sign. */
export function signed(value: number, decimals = 2): string {
  const text = Math.abs(value).toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  if (Math.abs(value) < 0.5 / 10 ** decimals) return text;
  return value < 0 ? `−${text}` : `+${text}`;
}

/** Return basis points in words: `3.33 bps cost`, `1.20 bps gain`, `0.00 bps`. */
export function costWords(bps: number): string {
  const text = Math.abs(bps).toFixed(2);
  if (Number(text) === 0) return "0.00 bps";
  return `${text} bps ${bps > 0 ? "cost" : "gain"}`;
}

/**
 * Return how many orders each of two ways needs before a difference in cost can be told.
 *
 * Two-sided test at 5 % with 80 % power: n = 2 (1.96 + 0.84)² σ² / Δ², about 15.7 σ² / Δ².
 */
export function ordersNeeded(deviationBps: number, differenceBps: number): number {
  if (!(deviationBps > 0) || !(differenceBps > 0)) return 0;
  return Math.ceil((15.7 * deviationBps ** 2) / differenceBps ** 2);
}

/** Return a number of the wire, which is text where it is exact; null where it is none. */
export function numberOf(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
