import { useMemo, useState } from "react";
import { fileOf } from "../../api/client";
import { useRead } from "../../api/hooks";
import { exactWords, sumOf } from "../../lib/exact";
import { Choice } from "../../panels/Choice";
import { CsvLink } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Panel } from "../../panels/Panel";
import type { ProfitRow } from "../../panels/rows";
import { Amount } from "./Amount";

type Way = "strategy" | "symbol";
const WAYS = [
  { value: "strategy", label: "Strategy" },
  { value: "symbol", label: "Symbol" },
] as const;

/** Profit taken and profit open, by strategy or symbol. */
export function Profit() {
  const [by, setBy] = useState<Way>("strategy");
  const read = useRead("/api/v1/portfolio/pnl", { by }, { keep: true });
  return (
    <Panel
      title="Profit and loss"
      read={read}
      flush
      empty={(data) => (data.rows.length ? null : "Nothing has been bought or sold yet.")}
      explain={
        <p>
          From first-in-first-out lots: what was bought first is taken to be sold first. Realised
          profit has the fees of both sides in it; unrealised profit is at the latest marks, with
          the fees of opening and before those of closing. The figures at the top are before any
          fee. Account currency.
        </p>
      }
      actions={
        <>
          <Choice label="Profit by" data={WAYS} value={by} choose={setBy} />
          <CsvLink href={fileOf("/api/v1/portfolio/pnl.csv", { by })} />
        </>
      }
    >
      {(data) => <Table rows={data.rows} by={by} />}
    </Panel>
  );
}

function Table({ rows, by }: { rows: readonly ProfitRow[]; by: Way }) {
  const columns = useMemo(() => profitColumns(rows, by), [rows, by]);
  return (
    <Listing caption={`Profit by ${by}`} rows={rows} columns={columns} rowKey={(row) => row.key} />
  );
}

function profitColumns(rows: readonly ProfitRow[], by: Way): Column<ProfitRow>[] {
  const amount = (title: string, value: (row: ProfitRow) => string | null): Column<ProfitRow> => ({
    title,
    figures: true,
    value,
    show: (row) => <Amount value={value(row)} />,
    total: <Amount value={sumOf(rows.map(value))} />,
  });
  return [
    {
      title: by === "symbol" ? "Symbol" : "Strategy",
      names: true,
      value: (row) => row.key || "none",
      total: "All",
    },
    amount("Realised", (row) => row.realized),
    amount("Unrealised", (row) => row.unrealized),
    {
      title: "Fees",
      figures: true,
      value: (row) => row.fees,
      show: (row) => exactWords(row.fees),
      total: exactWords(sumOf(rows.map((row) => row.fees))),
    },
    {
      title: "Lots",
      file: "Lots closed",
      figures: true,
      value: (row) => row.lots,
      show: (row) => row.lots.toLocaleString("en-US"),
      total: rows.reduce((sum, row) => sum + row.lots, 0).toLocaleString("en-US"),
    },
  ];
}
