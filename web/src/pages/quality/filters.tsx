import { NativeSelect } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useRead } from "../../api/hooks";
import { useDeskNow } from "../../lib/deskNow";
import {
  type Chosen,
  chosenOf,
  DAYS,
  EVERYTHING,
  MEASURES,
  type Measure,
  MINUTE_MS,
  sinceOf,
} from "./chosen";

interface Filtered {
  readonly chosen: Chosen;
  readonly choose: (change: Partial<Chosen>) => void;
  /** What the server is asked; null while nobody has said what time it is. */
  readonly query: { since: string; symbol: string; strategy_name: string } | null;
}

/** Which orders the page is about: it is in the address, so that a link and a reload keep it. */
export function useFilters(): Filtered {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const now = useDeskNow(MINUTE_MS);
  const name = JSON.stringify(chosenOf(search));
  const chosen = useMemo<Chosen>(() => ({ ...EVERYTHING, ...JSON.parse(name) }), [name]);
  const choose = useCallback(
    (change: Partial<Chosen>) =>
      void navigate({ to: ".", search: chosenOf({ ...chosen, ...change }), replace: true }),
    [navigate, chosen],
  );
  const known = chosen.days === "" || now !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time begins when it is chosen
  const query = useMemo(
    () =>
      known
        ? {
            since: sinceOf(chosen.days, now ?? 0),
            symbol: chosen.symbol,
            strategy_name: chosen.strategy_name,
          }
        : null,
    [chosen, known],
  );
  return { chosen, choose, query };
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
