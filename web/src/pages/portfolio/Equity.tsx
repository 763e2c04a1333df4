import { Button, Skeleton } from "@mantine/core";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { fileOf } from "../../api/client";
import { useRead } from "../../api/hooks";
import charts from "../../charts/charts.module.css";
import { axisWidth, drawdownOptions, equityOptions } from "../../charts/equityOptions";
import type { Colours } from "../../charts/Plot";
import { dataOf } from "../../charts/qualityOptions";
import { deepest } from "../../charts/series";
import { numberOf } from "../../lib/costs";
import { exactWords } from "../../lib/exact";
import { CsvLink } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { localWords, Moment } from "../../panels/Moment";
import { Panel } from "../../panels/Panel";
import type { EquityPoint } from "../../panels/rows";

const Plot = lazy(() => import("../../charts/Plot"));
const POINTS = 1_000;
const EQUITY_HEIGHT = 220;
const DRAWDOWN_HEIGHT = 110;

/** The equity curve, and how far it was below its highest point. */
export function Equity({ since }: { since: string }) {
  const [asTable, setAsTable] = useState(false);
  const read = useRead("/api/v1/portfolio/equity", { since, points: POINTS }, { keep: true });
  return (
    <Panel
      title="Equity and drawdown"
      read={read}
      flush={asTable}
      empty={(data) =>
        data.rows.length ? null : "The curve begins with the first snapshot of the account."
      }
      explain={
        <p>
          Equity is cash plus longs minus shorts at their marks, in account currency. Drawdown is
          how far it is below its highest value before, within the time that is shown.
        </p>
      }
      actions={
        <>
          <Button
            size="compact-xs"
            variant="default"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            Table
          </Button>
          <CsvLink href={fileOf("/api/v1/portfolio/equity.csv", { since, points: 5_000 })} />
        </>
      }
    >
      {(data) => (asTable ? <Table rows={data.rows} /> : <Picture rows={data.rows} />)}
    </Panel>
  );
}

function Table({ rows }: { rows: readonly EquityPoint[] }) {
  return (
    <Listing
      caption="Equity and drawdown"
      rows={[...rows].reverse()}
      columns={COLUMNS}
      rowKey={(row) => row.ts}
      height={400}
    />
  );
}

const COLUMNS: Column<EquityPoint>[] = [
  { title: "Time", names: true, value: (row) => row.ts, show: (row) => <Moment at={row.ts} /> },
  {
    title: "Equity",
    figures: true,
    value: (row) => row.equity,
    show: (row) => exactWords(row.equity),
  },
  { title: "Cash", figures: true, value: (row) => row.cash, show: (row) => exactWords(row.cash) },
  {
    title: "Realised",
    figures: true,
    value: (row) => row.realized_pnl,
    show: (row) => exactWords(row.realized_pnl),
  },
  {
    title: "Drawdown",
    figures: true,
    value: (row) => row.drawdown_share,
    show: (row) => downWords(row.drawdown_share),
  },
];

function Picture({ rows }: { rows: readonly EquityPoint[] }) {
  const [pointed, setPointed] = useState<number | null>(null);
  const width = axisWidth(Math.max(...rows.map((row) => Math.abs(numberOf(row.equity) ?? 0))));
  const equity = useCallback(
    (colour: Colours) => equityOptions(colour, width, setPointed),
    [width],
  );
  const drawdown = useCallback(
    (colour: Colours) => drawdownOptions(colour, width, setPointed),
    [width],
  );
  const { equityData, drawdownData } = useMemo(() => {
    const times = rows.map((row) => Date.parse(row.ts) / 1_000);
    return {
      equityData: dataOf(times, [rows.map((row) => numberOf(row.equity))]),
      drawdownData: dataOf(times, [rows.map(downOf)]),
    };
  }, [rows]);
  const last = rows.at(-1);
  const row = pointed === null ? last : (rows[pointed] ?? last);
  const worst = deepest(rows.map((one) => ({ at: Date.parse(one.ts), value: downOf(one) })));
  return (
    <Suspense fallback={<Skeleton height={EQUITY_HEIGHT + DRAWDOWN_HEIGHT + 40} />}>
      <div className={charts.readout}>
        {row === undefined ? null : (
          <>
            <strong>{exactWords(row.equity)}</strong> equity, {downWords(row.drawdown_share)}{" "}
            drawdown, {localWords(new Date(row.ts))}
          </>
        )}
        {worst === null || !worst.value
          ? null
          : ` · deepest ${downWords(-worst.value)} on ${localWords(new Date(worst.at))}`}
      </div>
      <Plot label={equityWords(rows)} height={EQUITY_HEIGHT} data={equityData} options={equity} />
      <Plot
        label="Drawdown in percent of the highest equity before"
        height={DRAWDOWN_HEIGHT}
        data={drawdownData}
        options={drawdown}
      />
    </Suspense>
  );
}

// Whichever sign a share of drawdown comes with, it is drawn below zero.
function downOf(row: EquityPoint): number {
  return -Math.abs(row.drawdown_share);
}

function downWords(share: number): string {
  return `${(Math.abs(share) * 100).toFixed(2)} %`;
}

function equityWords(rows: readonly EquityPoint[]): string {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return "Equity, nothing known";
  return `Equity from ${exactWords(first.equity)} to ${exactWords(last.equity)}, ${rows.length} points. The same numbers are in the table.`;
}
