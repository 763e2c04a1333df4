import { useMemo } from "react";
import { useRead } from "../../api/hooks";
import { Range } from "../../charts/Range";
import { domainOf } from "../../charts/scales";
import { ENOUGH_SENTENCE, intervalWords, signed, verdictOf } from "../../lib/costs";
import { spanWords } from "../../lib/spans";
import { CsvButton } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { MarkoutSummary } from "../../panels/rows";

type Query = Readonly<Record<string, string>>;

/** Where prices went after the fills: against us, or our way. */
export function Markouts({ query }: { query: Query }) {
  const read = useRead("/api/v1/trades/quality/markouts", query, { keep: true });
  const rows = read.data?.rows;
  const columns = useMemo(() => markoutColumns(rows ?? []), [rows]);
  return (
    <Panel
      title="Markouts"
      read={read}
      flush
      explain={
        <>
          <p>
            How far the mid moved after a fill, in basis points of the price paid. Positive went our
            way: up after a buy, down after a sell. Negative means that those who traded with us
            knew better.
          </p>
          <p>
            It is known only once the time has passed, and only where prices were kept. Orders whose
            prices were not kept are left out, never counted as zero.
          </p>
        </>
      }
      empty={(data) =>
        data.rows.some((row) => row.n > 0) ? null : "No price after a fill is known in this time."
      }
      actions={<CsvButton name="markouts" rows={rows} columns={columns} />}
    >
      {(data) => (
        <Listing
          caption="Where prices went after the fills"
          rows={data.rows}
          columns={columns}
          rowKey={(row) => row.seconds}
        />
      )}
    </Panel>
  );
}

function markoutColumns(rows: readonly MarkoutSummary[]): Column<MarkoutSummary>[] {
  const domain = domainOf([0, ...rows.flatMap((row) => [row.mean_bps, row.low_bps, row.high_bps])]);
  return [
    {
      title: "After",
      file: "after seconds",
      names: true,
      value: (row) => row.seconds,
      show: (row) => spanWords(Number(row.seconds) * 1_000),
    },
    { title: "Orders", figures: true, value: (row) => row.n },
    {
      title: "Mean bps",
      figures: true,
      value: (row) => row.mean_bps,
      show: (row) => (row.mean_bps === null ? "–" : signed(row.mean_bps)),
    },
    {
      title: "95 % interval",
      file: "95 % interval bps",
      value: (row) => (row.n === 0 ? "" : intervalWords(row.low_bps, row.high_bps)),
      show: (row) =>
        row.mean_bps === null ? (
          "–"
        ) : (
          <Range
            mean={row.mean_bps}
            low={row.low_bps}
            high={row.high_bps}
            n={row.n}
            enough={row.enough}
            domain={domain}
            positiveIsGood
          />
        ),
    },
    {
      title: "What it says",
      value: markoutWords,
      show: (row) => <span className={toneOf(row)}>{markoutWords(row)}</span>,
    },
  ];
}

function judged(row: MarkoutSummary) {
  return verdictOf({ n: row.n, enough: row.enough, low: row.low_bps, high: row.high_bps });
}

/** Return what a markout says; nothing while too few orders stand behind it. */
export function markoutWords(row: MarkoutSummary): string {
  if (row.n === 0) return "not known";
  switch (judged(row)) {
    case "cost":
      return "prices go our way";
    case "gain":
      return "prices go against us";
    case "unclear":
      return "no drift shown";
    case "unknown":
      return ENOUGH_SENTENCE;
  }
}

function toneOf(row: MarkoutSummary): string | undefined {
  const verdict = judged(row);
  if (row.n === 0 || verdict === "unknown" || verdict === "unclear") return panels.soft;
  return verdict === "cost" ? panels.gain : panels.cost;
}
