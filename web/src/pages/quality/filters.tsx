import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useRead } from "../../api/hooks";
import { useDeskNow } from "../../panels/deskNow";

export interface Chosen {
  readonly days: string;
  readonly symbol: string;
  readonly strategy_name: string;
  readonly measure: Measure;
}

const DAYS = [
  { value: "1", label: "24 hours" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "", label: "All time" },
];
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const EVERYTHING: Chosen = {
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

/** Which orders the page is about, and what that is for the server. */
export function useFilters() {
  const now = useDeskNow();
  const [chosen, setChosen] = useState(EVERYTHING);
  const [since, setSince] = useState("");
  const choose = (change: Partial<Chosen>) => {
    setChosen({ ...chosen, ...change });
    if (change.days !== undefined) setSince(sinceOf(change.days, now));
  };
  return {
    chosen,
    choose,
    measure: chosen.measure,
    query: { since, symbol: chosen.symbol, strategy_name: chosen.strategy_name },
  };
}

/** Return the moment that many days ago, to the minute; empty for no days. */
export function sinceOf(days: string, now: number): string {
  if (days === "") return "";
  const at = Math.floor((now - Number(days) * DAY_MS) / MINUTE_MS) * MINUTE_MS;
  return new Date(at).toISOString();
}

/** Chooses the time, symbol and strategy of everything on the page. */
export function Filters({
  chosen,
  choose,
}: {
  chosen: Chosen;
  choose: (change: Partial<Chosen>) => void;
}) {
  const symbols = useKeys("symbol");
  const strategies = useKeys("strategy");
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label="Cost against"
        data={Object.entries(MEASURES).map(([value, name]) => ({
          value,
          label: `against ${name}`,
        }))}
        value={chosen.measure}
        onChange={(event) => choose({ measure: event.currentTarget.value as Measure })}
      />
      <NativeSelect
        size="xs"
        aria-label="Time"
        data={DAYS}
        value={chosen.days}
        onChange={(event) => choose({ days: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        aria-label="Symbol"
        data={[{ value: "", label: "All symbols" }, ...symbols]}
        value={chosen.symbol}
        onChange={(event) => choose({ symbol: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        aria-label="Strategy"
        data={[{ value: "", label: "All strategies" }, ...strategies]}
        value={chosen.strategy_name}
        onChange={(event) => choose({ strategy_name: event.currentTarget.value })}
      />
    </>
  );
}

function useKeys(by: "symbol" | "strategy"): string[] {
  const read = useRead("/api/v1/trades/quality/summary", { by });
  return (read.data?.rows ?? [])
    .map((row) => row.key)
    .filter(Boolean)
    .sort();
}
