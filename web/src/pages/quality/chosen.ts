export interface Chosen {
  readonly days: string;
  readonly symbol: string;
  readonly strategy_name: string;
  readonly measure: Measure;
}

export const DAYS = [
  { value: "1", label: "24 hours" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "", label: "All time" },
];
const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;
export const EVERYTHING: Chosen = {
  days: "",
  symbol: "",
  strategy_name: "",
  measure: "arrival_bps",
};

/** What cost is measured against, and how it is called. */
export const MEASURES = {
  arrival_bps: "the mid at release",
  slippage_bps: "the expected price",
  decision_bps: "the mid at the decision",
  vwap_bps: "the VWAP while it worked",
  twap_bps: "the TWAP while it worked",
} as const;
export type Measure = keyof typeof MEASURES;

/** Return what an address holds of it; a word that is not known here is left out. */
export function chosenOf(search: Readonly<Record<string, unknown>>): Partial<Chosen> {
  const days = String(search.days ?? "");
  const measure = String(search.measure ?? "") as Measure;
  return {
    ...(days !== "" && DAYS.some(({ value }) => value === days) ? { days } : {}),
    ...(measure in MEASURES && measure !== EVERYTHING.measure ? { measure } : {}),
    ...worded("symbol", search.symbol),
    ...worded("strategy_name", search.strategy_name),
  };
}

function worded(name: string, value: unknown): Partial<Chosen> {
  const known = typeof value === "string" || typeof value === "number";
  return known && value !== "" ? { [name]: String(value) } : {};
}

/** Return the moment that many days ago, to the minute; empty for no days. */
export function sinceOf(days: string, now: number): string {
  if (days === "") return "";
  const at = Math.floor((now - Number(days) * DAY_MS) / MINUTE_MS) * MINUTE_MS;
  return new Date(at).toISOString();
}
