import { Link } from "@tanstack/react-router";
import { fileOf } from "../../api/client";
import { useRead } from "../../api/hooks";
import { exactWords } from "../../lib/exact";
import { CsvLink } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { DecisionRow } from "../../panels/rows";

const MOST = 200;

/** What was refused, with every reason. */
export function Refusals() {
  const read = useRead("/api/v1/risk/refusals", { limit: MOST }, { every: 10_000 });
  return (
    <Panel
      title="Refusals"
      read={read}
      flush
      explain={
        <p>
          Every signal and slice that was refused, newest first, with every objection and not only
          the first one. A missing or stale number is a refusal, never a pass.
        </p>
      }
      empty={(data) => (data.rows.length ? null : "Nothing has been refused.")}
      actions={<CsvLink href={fileOf("/api/v1/risk/refusals.csv")} text="CSV of all" />}
      foot={read.data?.after ? `The newest ${MOST}.` : undefined}
    >
      {(data) => (
        <Listing
          caption="Refused signals and slices"
          cards
          rows={data.rows}
          columns={REFUSAL_COLUMNS}
          rowKey={(row, index) => `${row.ts}:${row.signal_id}:${index}`}
          most={20}
        />
      )}
    </Panel>
  );
}

/** The columns of refusals. */
export const REFUSAL_COLUMNS: Column<DecisionRow>[] = [
  { title: "Time", names: true, value: (row) => row.ts, show: (row) => <Moment at={row.ts} /> },
  { title: "Symbol", value: (row) => row.symbol },
  { title: "Strategy", value: (row) => row.strategy_name },
  { title: "Wanted", value: wantedWords },
  { title: "Stage", value: (row) => row.stage },
  { title: "Refused by", value: (row) => row.reason },
  {
    title: "Every reason",
    wrap: true,
    value: (row) => reasonsOf(row).join("; "),
    show: (row) => <Reasons reasons={reasonsOf(row)} />,
  },
  {
    title: "Order",
    value: (row) => row.order_id,
    show: (row) =>
      row.order_id ? (
        <Link to="/order" search={{ order_id: row.order_id }}>
          {row.order_id}
        </Link>
      ) : (
        <span className={panels.soft}>{row.signal_id || "none"}</span>
      ),
  },
];

function wantedWords(row: DecisionRow): string {
  const shares = Number(row.quantity) ? ` ${exactWords(row.quantity, 0, 6)}` : "";
  return `${row.side || row.direction}${shares}`;
}

/** Return every reason of a refusal: the one that decided it, and each other objection and remark. */
export function reasonsOf(row: DecisionRow): string[] {
  const others = row.risk_reasons.filter((reason) => !row.text || !reason.endsWith(row.text));
  return [row.text, ...others, ...row.flags].filter(Boolean);
}

function Reasons({ reasons }: { reasons: readonly string[] }) {
  const [first, ...others] = reasons;
  if (first === undefined) return <>–</>;
  return (
    <>
      {first}
      {others.map((reason) => (
        <div key={reason} className={panels.soft}>
          {reason}
        </div>
      ))}
    </>
  );
}
