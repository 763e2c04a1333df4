import { useMemo, useState } from "react";
import { useRead } from "../api/hooks";
import { ExecutionQualityChart } from "../components/ExecutionQualityChart";
import { Reading } from "../components/states";
import type { Span } from "../lib/buckets";
import { costWords, LATENCY_LIMIT_MS, SLIPPAGE_LIMIT_BPS, signed } from "../lib/costs";
import { exactWords, signOf } from "../lib/exact";
import { spanWords } from "../lib/spans";
import { type Totals, totalsOf } from "../lib/totals";
import { type Figure, Figures } from "../panels/Figures";
import { Frame, type Reading as ReadingOf, Shown } from "../panels/Panel";
import panels from "../panels/panels.module.css";
import type { Listing, QualitySummary } from "../panels/rows";
import { Breakdown } from "./quality/Breakdown";
import { MEASURES, type Measure } from "./quality/chosen";
import { Distribution } from "./quality/Distribution";
import { Filters, useFilters } from "./quality/filters";
import { Latency } from "./quality/Latency";
import { Markouts } from "./quality/Markouts";
import { Worst } from "./quality/Worst";

const SAMPLE = 1_000;
const FEW_DAYS = 3;
const KEPT = { keep: true };

/** What trading cost, where, and why. */
export function Quality() {
  const { chosen, choose, query } = useFilters();
  return (
    <div className={panels.page}>
      <div className={panels.head}>
        <h1>Execution quality</h1>
        <div className={panels.tools}>
          <Filters chosen={chosen} choose={choose} />
        </div>
      </div>
      {query === null ? (
        <Reading what="the measurements" />
      ) : (
        <Measured query={query} measure={chosen.measure} />
      )}
    </div>
  );
}

interface MeasuredProps {
  readonly query: Readonly<{ since: string; symbol: string; strategy_name: string }>;
  readonly measure: Measure;
}

function Measured({ query, measure }: MeasuredProps) {
  const [chosenBy, setBy] = useState<Span | null>(null);
  const byDay = useRead("/api/v1/trades/quality/summary", { ...query, measure, by: "day" }, KEPT);
  // One or two days are no course of time; their hours are.
  const by = chosenBy ?? ((byDay.data?.rows.length ?? FEW_DAYS) < FEW_DAYS ? "hour" : "day");
  const overTime = useRead("/api/v1/trades/quality/summary", { ...query, measure, by }, KEPT);
  const byRoute = useRead(
    "/api/v1/trades/quality/summary",
    { ...query, measure, by: "route" },
    KEPT,
  );
  const single = useRead("/api/v1/trades/quality", { ...query, limit: SAMPLE }, KEPT);
  return (
    <>
      <Answer read={byRoute} measure={measure} />
      <ExecutionQualityChart
        read={rowsOf(overTime)}
        by={by}
        choose={setBy}
        against={MEASURES[measure]}
      />
      <Breakdown query={{ ...query, measure }} against={MEASURES[measure]} />
      <div className={panels.columns}>
        <Distribution read={single} measure={measure} />
        <Latency query={query} />
      </div>
      <Markouts query={query} />
      <Worst read={single} query={query} measure={measure} />
    </>
  );
}

function rowsOf(read: ReadingOf<Listing<QualitySummary>>): ReadingOf<readonly QualitySummary[]> {
  return { ...read, data: read.data?.rows, refetch: read.refetch };
}

interface AnswerProps {
  readonly read: ReadingOf<Listing<QualitySummary>>;
  readonly measure: Measure;
}

function Answer({ read, measure }: AnswerProps) {
  const rows = read.data?.rows;
  const figures = useMemo(() => answers(rows ?? [], measure), [rows, measure]);
  if (rows === undefined) {
    return (
      <Frame title="What trading cost">
        <Shown read={read}>{() => null}</Shown>
      </Frame>
    );
  }
  return <Figures figures={figures} label="What trading cost" />;
}

function answers(rows: readonly QualitySummary[], measure: Measure): Figure[] {
  const totals = totalsOf(rows);
  const { weightedBps, meanBps, meanLatencyMs, dearest, n } = totals;
  const against = `against ${MEASURES[measure]}`;
  return [
    shortfallFigure(totals),
    {
      name: "Execution cost",
      value: n ? signed(totals.cost) : "–",
      tone: toneOf(totals.cost),
      note: `${against}, without fees`,
      explain: <Meaning against={against} />,
    },
    {
      name: "Weighted",
      value: weightedBps === null ? "–" : signed(weightedBps),
      unit: "bps",
      tone: toneOf(weightedBps ?? 0),
      note: "total cost over total notional",
    },
    {
      name: "Mean",
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
      note: n ? `${exactWords(totals.notional, 0, 0)} traded` : "nothing measured",
    },
  ];
}

function shortfallFigure({ shortfall, fees }: Totals): Figure {
  return {
    name: "Trading cost",
    value: shortfall === null ? "–" : costAmount(shortfall),
    tone: shortfall === null ? undefined : toneOf(signOf(shortfall) ?? 0),
    note:
      shortfall === null ? "not known yet" : `with ${exactWords(fees)} of fees, account currency`,
    explain: (
      <>
        <p>
          The implementation shortfall (Perold, 1988): what was lost between the price when it was
          decided to trade and what came of it. Delay, execution, what was not filled, and fees add
          up to it exactly.
        </p>
        <p>Positive is a cost, negative a gain. The page of each order shows its parts.</p>
      </>
    ),
  };
}

function Meaning({ against }: { against: string }) {
  return (
    <p>
      What fills cost {against}, in account currency: over all orders, basis points times value. It
      is signed by side: positive is a cost, for buys and sells alike.
    </p>
  );
}

function costAmount(amount: string): string {
  const shown = exactWords(amount);
  return (signOf(amount) ?? 0) > 0 ? `+${shown}` : shown;
}

function toneOf(cost: number): "cost" | "gain" | undefined {
  return cost > 0 ? "cost" : cost < 0 ? "gain" : undefined;
}
