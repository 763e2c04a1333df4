import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { fileOf } from "../../api/client";
import { numberOf, SLIPPAGE_LIMIT_BPS, signed } from "../../lib/costs";
import { exactWords } from "../../lib/exact";
import { BENCHMARKS, type Benchmark, benchmarkOf, bpsOf, worstOf } from "../../lib/measured";
import { spanWords } from "../../lib/spans";
import { CsvLink } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Panel, type Reading } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { QualityRow, Listing as Rows } from "../../panels/rows";

const MOST = 20;

interface WorstProps {
  readonly read: Reading<Rows<QualityRow>>;
  readonly query: Readonly<Record<string, string>>;
  readonly measure: string;
}

/** The orders that cost most, each with the way to its own page. */
export function Worst({ read, query, measure }: WorstProps) {
  const against = benchmarkOf(measure);
  const columns = useMemo(() => worstColumns(against), [against]);
  return (
    <Panel
      title="Worst orders"
      note={BENCHMARKS[against]}
      read={read}
      flush
      empty={(data) =>
        worstOf(data.rows, against, 1).length ? null : "No order has cost anything in this time."
      }
      actions={<CsvLink href={fileOf("/api/v1/trades/quality.csv", query)} text="CSV of all" />}
      foot={read.data?.after ? "Of the newest 1,000 measurements." : undefined}
    >
      {(data) => (
        <Listing
          caption="Orders that cost most"
          cards
          rows={worstOf(data.rows, against, MOST)}
          columns={columns}
          rowKey={(row) => row.order_id}
        />
      )}
    </Panel>
  );
}

function worstColumns(against: Benchmark): Column<QualityRow>[] {
  return [
    {
      title: "Order",
      names: true,
      value: (row) => row.order_id,
      show: (row) => (
        <Link to="/order" search={{ order_id: row.order_id }}>
          {row.order_id}
        </Link>
      ),
    },
    {
      title: "Filled",
      value: (row) => row.filled_at,
      show: (row) => <Moment at={row.filled_at} />,
    },
    { title: "Symbol", value: (row) => row.symbol },
    { title: "Side", value: (row) => row.side },
    {
      title: "Shares",
      figures: true,
      value: (row) => row.quantity,
      show: (row) => exactWords(row.quantity, 0, 6),
    },
    { title: "Route", value: (row) => row.route },
    { title: "Strategy", value: (row) => row.strategy_name },
    {
      title: "Slippage bps",
      figures: true,
      value: (row) => bpsOf(row, against),
      show: (row) => {
        const bps = bpsOf(row, against) ?? 0;
        return (
          <span className={bps > SLIPPAGE_LIMIT_BPS ? panels.cost : undefined}>{signed(bps)}</span>
        );
      },
    },
    {
      title: "Cost",
      figures: true,
      value: (row) => lost(row, against),
      show: (row) => exactWords(lost(row, against).toFixed(2), 2),
    },
    {
      title: against === "expected" ? "Expected" : "Mid",
      figures: true,
      value: (row) => referenceOf(row, against),
      show: (row) => exactWords(referenceOf(row, against), 2, 4),
    },
    {
      title: "Paid",
      figures: true,
      value: (row) => row.filled_price,
      show: (row) => exactWords(row.filled_price, 2, 4),
    },
    {
      title: "Latency",
      figures: true,
      value: (row) => row.fill_latency_ms,
      show: (row) => spanWords(numberOf(row.fill_latency_ms)),
    },
  ];
}

function referenceOf(row: QualityRow, against: Benchmark): string | null {
  return against === "expected" ? row.expected_price : row.decision_mid;
}

function lost(row: QualityRow, against: Benchmark): number {
  return ((bpsOf(row, against) ?? 0) * (numberOf(row.notional) ?? 0)) / 1e4;
}
