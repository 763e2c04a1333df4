import { useMemo, useState } from "react";
import { useRead } from "../api/hooks";
import { ExecutionQualityChart } from "../components/ExecutionQualityChart";
import type { Span } from "../lib/buckets";
import { costWords, LATENCY_LIMIT_MS, SLIPPAGE_LIMIT_BPS, signed } from "../lib/costs";
import { exactWords } from "../lib/exact";
import { spanWords } from "../lib/spans";
import { totalsOf } from "../lib/totals";
import { type Figure, Figures } from "../panels/Figures";
import { Frame, type Reading, Shown } from "../panels/Panel";
import panels from "../panels/panels.module.css";
import type { Listing, QualitySummary } from "../panels/rows";
import { Breakdown } from "./quality/Breakdown";
import { Distribution } from "./quality/Distribution";
import { Filters, useFilters } from "./quality/filters";
import { Latency } from "./quality/Latency";
import { Worst } from "./quality/Worst";

const SAMPLE = 1_000;
const KEPT = { keep: true };

/** What trading cost, where, and why. */
export function Quality() {
  const { chosen, choose, query } = useFilters();
  const [by, setBy] = useState<Span>("day");
  const overTime = useRead("/api/v1/trades/quality/summary", { ...query, by }, KEPT);
  const byRoute = useRead("/api/v1/trades/quality/summary", { ...query, by: "route" }, KEPT);
  const single = useRead("/api/v1/trades/quality", { ...query, limit: SAMPLE }, KEPT);
  return (
    <div className={panels.page}>
      <div className={panels.head}>
        <h1>Execution quality</h1>
        <div className={panels.tools}>
          <Filters chosen={chosen} choose={choose} />
        </div>
      </div>
      <Answer read={byRoute} />
      <ExecutionQualityChart read={rowsOf(overTime)} by={by} choose={setBy} />
      <Breakdown query={query} />
      <div className={panels.columns}>
        <Distribution read={single} />
        <Latency query={query} />
      </div>
      <Worst read={single} query={query} />
    </div>
  );
}

function rowsOf(read: Reading<Listing<QualitySummary>>): Reading<readonly QualitySummary[]> {
  return { ...read, data: read.data?.rows, refetch: read.refetch };
}

function Answer({ read }: { read: Reading<Listing<QualitySummary>> }) {
  const rows = read.data?.rows;
  const figures = useMemo(() => answers(rows ?? []), [rows]);
  if (rows === undefined) {
    return (
      <Frame title="What trading cost">
        <Shown read={read}>{() => null}</Shown>
      </Frame>
    );
  }
  return <Figures figures={figures} label="What trading cost" />;
}

function answers(rows: readonly QualitySummary[]): Figure[] {
  const totals = totalsOf(rows);
  const tone = totals.cost > 0 ? "cost" : totals.cost < 0 ? "gain" : undefined;
  const { weightedBps, meanBps, meanLatencyMs, dearest, n } = totals;
  return [
    {
      name: "Trading cost",
      value: n ? signed(totals.cost) : "–",
      tone,
      note: n
        ? `account currency, on ${exactWords(totals.notional, 0, 0)} traded`
        : "nothing measured",
      explain: (
        <p>
          What all fills cost against the prices that were expected: the sum over orders of slippage
          times value. Positive is a cost. Fees are on the page of each order, and in its profit.
        </p>
      ),
    },
    {
      name: "Weighted slippage",
      value: weightedBps === null ? "–" : signed(weightedBps),
      unit: "bps",
      tone,
      note: "total cost over total notional",
    },
    {
      name: "Mean slippage",
      value: meanBps === null ? "–" : signed(meanBps),
      unit: "bps",
      tone: meanBps !== null && meanBps > SLIPPAGE_LIMIT_BPS ? "warn" : undefined,
      note: meanBps === null ? "" : `${costWords(meanBps)} per order`,
    },
    {
      name: "Mean latency",
      value: spanWords(meanLatencyMs),
      tone: meanLatencyMs !== null && meanLatencyMs > LATENCY_LIMIT_MS ? "warn" : undefined,
      note: "signal to last fill",
    },
    {
      name: "Dearest route",
      value: dearest?.key ?? "–",
      note: dearest ? `${signed(dearest.cost)} of it` : "no route cost anything",
    },
    {
      name: "Orders measured",
      value: n.toLocaleString("en-US"),
      note: `alert above ${SLIPPAGE_LIMIT_BPS} bps or ${LATENCY_LIMIT_MS / 1_000} s`,
    },
  ];
}
