import { Button, Skeleton } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";
import charts from "../charts/charts.module.css";
import type { Colours } from "../charts/Plot";
import { type QualitySeries, qualitySeries, qualityWords } from "../charts/quality";
import { dataOf, latencyOptions, slippageOptions } from "../charts/qualityOptions";
import { keyWords, type Span } from "../lib/buckets";
import {
  costWords,
  intervalWords,
  LATENCY_LIMIT_MS,
  SLIPPAGE_LIMIT_BPS,
  signed,
} from "../lib/costs";
import { saveText } from "../lib/csv";
import { spanWords } from "../lib/spans";
import { Choice } from "../panels/Choice";
import { type Column, Listing, listingCsv } from "../panels/Listing";
import { Frame, type Reading, Shown } from "../panels/Panel";
import type { QualitySummary } from "../panels/rows";

const Plot = lazy(() => import("../charts/Plot"));
const SLIPPAGE_HEIGHT = 230;
const LATENCY_HEIGHT = 170;
const SPANS = [
  { value: "day", label: "Day" },
  { value: "week", label: "Week" },
  { value: "hour", label: "Hour of day" },
] as const;

interface ChartProps {
  readonly read: Reading<readonly QualitySummary[]>;
  readonly by: Span;
  readonly choose: (by: Span) => void;
  /** What cost is measured against, in words. */
  readonly against: string;
}

/** Average slippage and latency over time, against the levels from which each fill raises an alert. */
export function ExecutionQualityChart({ read, by, choose, against }: ChartProps) {
  const [asTable, setAsTable] = useState(false);
  const save = () =>
    saveText(`execution-quality-by-${by}.csv`, listingCsv(read.data ?? [], columnsOf(by)));
  return (
    <Frame
      title="Execution quality over time"
      explain={<Meaning against={against} />}
      actions={
        <>
          <Choice label="Group by" data={SPANS} value={by} choose={choose} />
          <Button
            size="compact-xs"
            variant="default"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            Table
          </Button>
          <Button size="compact-xs" variant="default" disabled={!read.data?.length} onClick={save}>
            CSV
          </Button>
        </>
      }
    >
      <Shown read={read} empty={nothing} flush={asTable}>
        {(rows) =>
          asTable ? (
            <QualityTable rows={rows} by={by} />
          ) : (
            <Picture rows={rows} by={by} against={against} />
          )
        }
      </Shown>
    </Frame>
  );
}

function nothing(rows: readonly QualitySummary[]): ReactNode {
  if (rows.length > 0) return null;
  return (
    <>
      <strong>No order has been measured in this time.</strong>
      <span>Slippage and latency appear here as soon as an order is filled.</span>
    </>
  );
}

function Meaning({ against }: { against: string }) {
  return (
    <>
      <p>
        <b>Slippage</b> is what orders cost against {against}, in basis points (1 bps = 0.01 %). It
        is signed by side: positive is a cost, for buys and sells alike; negative is a gain.
      </p>
      <p>
        <b>Latency</b> is the time from signal to last fill, on a logarithmic scale.
      </p>
      <p>
        The band is the 95 % interval of the mean. A hollow point stands on too few orders to say
        anything. The dashed lines are where alerts begin: an order above {SLIPPAGE_LIMIT_BPS} bps
        against its expected price, or slower than {LATENCY_LIMIT_MS / 1_000} s.
      </p>
    </>
  );
}

interface PictureProps {
  readonly rows: readonly QualitySummary[];
  readonly by: Span;
  readonly against: string;
}

function Picture({ rows, by, against }: PictureProps) {
  const series = useMemo(() => qualitySeries(rows, by), [rows, by]);
  const [pointed, setPointed] = useState<number | null>(null);
  const slippage = useCallback((colour: Colours) => slippageOptions(colour, by, setPointed), [by]);
  const latency = useCallback((colour: Colours) => latencyOptions(colour, by, setPointed), [by]);
  const slippageData = useMemo(() => dataOf(series.places, series.slippage), [series]);
  const latencyData = useMemo(() => dataOf(series.places, series.latency), [series]);
  return (
    <Suspense fallback={<Skeleton height={SLIPPAGE_HEIGHT + LATENCY_HEIGHT + 60} />}>
      <Readout series={series} by={by} pointed={pointed} />
      <div className={charts.title}>
        <h3>Slippage against {against}, bps</h3>
        <SlippageLegend />
      </div>
      <Plot
        label={qualityWords(series.rows, by)}
        height={SLIPPAGE_HEIGHT}
        data={slippageData}
        options={slippage}
      />
      <div className={charts.title}>
        <h3>Latency, signal to last fill</h3>
        <LatencyLegend />
      </div>
      <Plot
        label={`Latency by ${by}, on a logarithmic scale`}
        height={LATENCY_HEIGHT}
        data={latencyData}
        options={latency}
      />
    </Suspense>
  );
}

interface ReadoutProps {
  readonly series: QualitySeries;
  readonly by: Span;
  readonly pointed: number | null;
}

function Readout({ series, by, pointed }: ReadoutProps) {
  const row = pointed === null ? undefined : series.rows[pointed];
  if (row === undefined) {
    return (
      <div className={charts.readout}>
        Point at the chart to read {by === "hour" ? "an hour" : `a ${by}`}.
      </div>
    );
  }
  return (
    <div className={charts.readout}>
      <strong>{keyWords(row.key, by)}</strong>
      {` · ${row.n.toLocaleString("en-US")} orders · mean ${costWords(row.mean_bps)}`}
      {row.enough ? ` (${intervalWords(row.low_bps, row.high_bps)})` : " (too few orders to say)"}
      {` · latency ${spanWords(row.mean_latency_ms)}, p95 ${spanWords(row.p95_latency_ms)}`}
    </div>
  );
}

function SlippageLegend() {
  return (
    <ul className={charts.legend}>
      <Key colour="var(--accent)" text="mean" />
      <li>
        <span className={charts.area} style={{ background: "var(--accent)", opacity: 0.25 }} />
        95 % interval
      </li>
      <li>
        <span className={charts.hollow} />
        too few orders to say
      </li>
      <Key colour="var(--ink-soft)" text="weighted by notional" dashed />
      <Key colour="var(--warn)" text={`alert above ${SLIPPAGE_LIMIT_BPS} bps`} dashed />
    </ul>
  );
}

function LatencyLegend() {
  return (
    <ul className={charts.legend}>
      <Key colour="var(--accent)" text="mean" />
      <Key colour="var(--ink-soft)" text="p95" />
      <Key colour="var(--warn)" text={`alert above ${LATENCY_LIMIT_MS / 1_000} s`} dashed />
    </ul>
  );
}

function Key({ colour, text, dashed }: { colour: string; text: string; dashed?: boolean }) {
  return (
    <li>
      <span
        className={dashed ? `${charts.key} ${charts.dashed}` : charts.key}
        style={{ borderColor: colour }}
      />
      {text}
    </li>
  );
}

function QualityTable({ rows, by }: { rows: readonly QualitySummary[]; by: Span }) {
  const columns = useMemo(() => columnsOf(by), [by]);
  return (
    <Listing
      caption={`Slippage and latency by ${by}`}
      rows={rows}
      columns={columns}
      rowKey={(row) => row.key}
      height={460}
    />
  );
}

function columnsOf(by: Span): Column<QualitySummary>[] {
  const bps = (title: string, value: (row: QualitySummary) => number | null) => ({
    title,
    file: `${title} bps`,
    figures: true,
    value,
    show: (row: QualitySummary) => {
      const number = value(row);
      return number === null ? "–" : signed(number);
    },
  });
  const span = (title: string, value: (row: QualitySummary) => number) => ({
    title,
    file: `${title} ms`,
    figures: true,
    value,
    show: (row: QualitySummary) => spanWords(value(row)),
  });
  return [
    { title: by === "hour" ? "Hour" : "From", names: true, value: (row) => keyWords(row.key, by) },
    { title: "Orders", figures: true, value: (row) => row.n },
    bps("Mean", (row) => row.mean_bps),
    bps("Low", (row) => row.low_bps),
    bps("High", (row) => row.high_bps),
    bps("Weighted", (row) => row.weighted_bps),
    bps("Median", (row) => row.median_bps),
    bps("p95", (row) => row.p95_bps),
    span("Latency mean", (row) => row.mean_latency_ms),
    span("Latency p95", (row) => row.p95_latency_ms),
    { title: "Enough", value: (row) => (row.enough ? "yes" : "too few to say") },
  ];
}
