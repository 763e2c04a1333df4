import { NativeSelect } from "@mantine/core";
import { useMemo, useState } from "react";
import { fileOf } from "../../api/client";
import { useRead } from "../../api/hooks";
import { Range } from "../../charts/Range";
import { type Domain, domainOf } from "../../charts/scales";
import { keyWords } from "../../lib/buckets";
import { ordersNeeded, signed, verdictOf, verdictWords } from "../../lib/costs";
import { exactWords } from "../../lib/exact";
import { spanWords } from "../../lib/spans";
import { costOf } from "../../lib/totals";
import { CsvLink } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { QualitySummary } from "../../panels/rows";

const WAYS = ["route", "strategy", "symbol", "size", "hour", "day", "week"] as const;
type Way = (typeof WAYS)[number];

const TITLES: Readonly<Record<Way, string>> = {
  route: "Route",
  strategy: "Strategy",
  symbol: "Symbol",
  size: "Size",
  hour: "Hour (UTC)",
  day: "Day (UTC)",
  week: "Week (UTC)",
};
const TYPICAL_DEVIATION_BPS = 20;

type Query = Readonly<Record<string, string>>;

/** What trading cost by route, strategy and so on, with what can and what cannot be said. */
export function Breakdown({ query, against }: { query: Query; against: string }) {
  const [by, setBy] = useState<Way>("route");
  const asked = { ...query, by };
  const read = useRead("/api/v1/trades/quality/summary", asked, { keep: true });
  return (
    <Panel
      title={`Cost by ${by}`}
      read={read}
      flush
      explain={<Meaning against={against} />}
      note={`against ${against}`}
      empty={(data) => (data.rows.length ? null : "No order has been measured in this time.")}
      actions={
        <>
          <NativeSelect
            size="xs"
            aria-label="Cost by"
            data={WAYS.map((way) => ({ value: way, label: `by ${way}` }))}
            value={by}
            onChange={(event) => setBy(event.currentTarget.value as Way)}
          />
          <CsvLink href={fileOf("/api/v1/trades/quality/summary.csv", asked)} />
        </>
      }
      foot={<Power />}
    >
      {(data) => <Table rows={data.rows} by={by} />}
    </Panel>
  );
}

function Table({ rows, by }: { rows: readonly QualitySummary[]; by: Way }) {
  const columns = useMemo(() => breakdownColumns(by, domainFor(rows)), [rows, by]);
  return (
    <Listing
      caption={`What trading cost by ${by}`}
      rows={rows}
      columns={columns}
      rowKey={(row) => row.key}
      most={40}
    />
  );
}

/** Return one scale for every interval of the table; a single wild one does not squeeze the rest. */
function domainFor(rows: readonly QualitySummary[]): Domain {
  const sure = rows.filter((row) => row.enough);
  const told = sure.length > 0 ? sure : rows;
  return domainOf([0, ...told.flatMap((row) => [row.mean_bps, row.low_bps, row.high_bps])]);
}

/** Return the columns of the table. */
export function breakdownColumns(by: Way, domain: Domain): Column<QualitySummary>[] {
  return [
    {
      title: TITLES[by],
      names: true,
      value: (row) => row.key,
      show: (row) => (row.key ? keyWords(row.key, by) : "not known"),
    },
    { title: "Orders", figures: true, value: (row) => row.n, show: (row) => grouped(row.n) },
    {
      title: "Traded",
      figures: true,
      value: (row) => row.notional,
      show: (row) => exactWords(row.notional, 0, 0),
    },
    {
      title: "Cost",
      figures: true,
      value: (row) => (row.notional === null ? null : costOf(row)),
      show: (row) => (row.notional === null ? "–" : <Toned value={costOf(row)} />),
    },
    bps("Weighted bps", (row) => row.weighted_bps),
    bps("Mean bps", (row) => row.mean_bps),
    {
      title: "95 % interval",
      value: (row) => row.mean_bps,
      show: (row) => (
        <Range
          mean={row.mean_bps}
          low={row.low_bps}
          high={row.high_bps}
          n={row.n}
          enough={row.enough}
          domain={domain}
        />
      ),
    },
    {
      title: "What it says",
      value: (row) => verdictWords(told(row)),
      show: (row) => <Verdict row={row} />,
    },
    bps("Median", (row) => row.median_bps),
    bps("p95", (row) => row.p95_bps),
    span("Latency", (row) => row.mean_latency_ms),
    span("p95 latency", (row) => row.p95_latency_ms),
  ];
}

function told(row: QualitySummary) {
  return { n: row.n, enough: row.enough, low: row.low_bps, high: row.high_bps };
}

function Verdict({ row }: { row: QualitySummary }) {
  const verdict = verdictOf(told(row));
  const tone = verdict === "cost" || verdict === "gain" ? styles(verdict) : panels.soft;
  return <span className={tone}>{verdictWords(told(row))}</span>;
}

/** An amount with its sign and the colour of a cost or a gain. */
function Toned({ value }: { value: number }) {
  const shown = signed(value);
  const tone = shown.startsWith("+") ? "cost" : shown.startsWith("−") ? "gain" : undefined;
  return <span className={tone ? styles(tone) : undefined}>{shown}</span>;
}

function styles(tone: "cost" | "gain"): string | undefined {
  return panels[tone];
}

function bps(title: string, value: (row: QualitySummary) => number | null): Column<QualitySummary> {
  return {
    title,
    figures: true,
    value,
    show: (row) => {
      const number = value(row);
      return number === null ? "–" : signed(number);
    },
  };
}

function span(title: string, value: (row: QualitySummary) => number): Column<QualitySummary> {
  return { title, figures: true, value, show: (row) => spanWords(value(row)) };
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

function Meaning({ against }: { against: string }) {
  return (
    <>
      <p>
        Basis points against {against}, signed by side: positive is a cost, for buys and sells
        alike. Cost is in account currency.
      </p>
      <p>
        <b>Weighted</b> is total cost over total notional, the typical dollar; <b>mean</b> is the
        typical order. They differ when large orders fare differently.
      </p>
      <p>
        The interval is the 95 % interval of the mean. If it holds zero, neither a cost nor a gain
        has been shown. Groups with too few orders are not judged.
      </p>
    </>
  );
}

function Power() {
  const needed = ordersNeeded(TYPICAL_DEVIATION_BPS, 1).toLocaleString("en-US");
  return (
    <>
      To tell two ways of trading apart by 1 bps at a spread of {TYPICAL_DEVIATION_BPS} bps from
      order to order takes about {needed} orders of each (5 % level, 80 % power). Do not rank on
      fewer.
    </>
  );
}
