import { useRead } from "../../api/hooks";
import { useDeskNow } from "../../lib/deskNow";
import { spanWords } from "../../lib/spans";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { SystemStatus } from "../../panels/rows";

interface PartLine {
  readonly name: string;
  readonly kind: string;
  readonly healthy: boolean | null;
  readonly lag: string;
  readonly detail: string;
}

/** The health of everything that trading stands on, with how far behind each part is. */
export function Health() {
  const read = useRead("/api/v1/system/status", undefined, { every: 5_000 });
  return (
    <Panel
      title="Health"
      read={read}
      flush
      explain={
        <p>
          The engine writes its journal first; bus, tables and this page follow it. Lag is how many
          journal records a part has not been told yet. The tables can lag without any danger to
          trading: the engine never reads them.
        </p>
      }
      foot={read.data ? <Engine status={read.data} /> : undefined}
    >
      {(data) => (
        <Listing
          caption="Health of every part"
          cards
          rows={partsOf(data)}
          columns={COLUMNS}
          rowKey={(row) => row.name}
        />
      )}
    </Panel>
  );
}

/** Return every part as a line: engine, what it stands on, the feed's age, the tables. */
export function partsOf({ reachable, status, tables, feed }: SystemStatus): PartLine[] {
  const engine: PartLine = {
    name: "engine",
    kind: status?.mode ?? "",
    healthy: reachable && !status?.degraded,
    lag: "",
    detail: reachable
      ? [status?.state, status?.why].filter(Boolean).join(": ")
      : "it does not answer",
  };
  const parts = (status?.parts ?? []).map((part) => ({
    name: part.name,
    kind: part.kind,
    healthy: reachable ? part.healthy : null,
    lag: part.lag === null ? "" : recordsWords(part.lag),
    detail: part.detail,
  }));
  const prices: PartLine[] =
    feed === null
      ? []
      : [
          {
            name: "feed",
            kind: feed.kind,
            healthy: reachable ? feed.healthy : null,
            lag: feed.age_ms === null ? "" : `${spanWords(feed.age_ms)} old`,
            detail: feed.detail,
          },
        ];
  const shown: PartLine = {
    name: "tables",
    kind: tables.tier,
    healthy: tables.healthy,
    lag: tables.lag === null ? "" : recordsWords(tables.lag),
    detail: tables.detail || `through record ${tables.through.toLocaleString("en-US")}`,
  };
  // The engine may tell of its tables and of its feed, too; what is read here is what counts.
  const told = new Set([shown, ...prices].map(({ name }) => name));
  return [engine, ...parts.filter(({ name }) => !told.has(name)), ...prices, shown];
}

function recordsWords(lag: number): string {
  if (lag === 0) return "none";
  return lag === 1 ? "1 record" : `${lag.toLocaleString("en-US")} records`;
}

const COLUMNS: Column<PartLine>[] = [
  { title: "Part", names: true, value: (row) => row.name },
  { title: "What it is", value: (row) => row.kind },
  {
    title: "State",
    value: (row) => stateWords(row.healthy),
    show: (row) => (
      <span
        className={row.healthy === null ? panels.soft : row.healthy ? panels.gain : panels.cost}
      >
        <span aria-hidden>{row.healthy === null ? "○" : row.healthy ? "●" : "▲"}</span>{" "}
        {stateWords(row.healthy)}
      </span>
    ),
  },
  { title: "Lag", figures: true, value: (row) => row.lag },
  { title: "In words", wrap: true, value: (row) => row.detail },
];

function stateWords(healthy: boolean | null): string {
  return healthy === null ? "not known" : healthy ? "well" : "needs attention";
}

function Engine({ status: { status, reachable } }: { status: SystemStatus }) {
  const now = useDeskNow(5_000);
  if (status === null) return <>No engine has ever run for this account.</>;
  return (
    <>
      {reachable ? "Running since " : "Last heard of "}
      <Moment at={reachable ? status.started_at : status.at} />
      {reachable && now !== null ? ` (${spanWords(now - Date.parse(status.started_at))})` : ""}
      {`, process ${status.pid}, epoch ${status.epoch}, journal ${status.records.toLocaleString("en-US")} records, version ${status.version}`}
      {status.armed_until ? (
        <>
          {", armed for live trading until "}
          <Moment at={status.armed_until} />
        </>
      ) : null}
    </>
  );
}

/** Whether the journal and the broker agree. */
export function Agreement() {
  const read = useRead("/api/v1/system/reconciliation", undefined, { every: 10_000 });
  return (
    <Panel
      title="Reconciliation"
      read={read}
      flush
      explain={
        <p>
          Orders, executions, positions and cash of the broker against the journal, at each start,
          after each reconnect and all the time between. What does not agree is quarantined until it
          is explained. A simulated broker is a part of the engine, and there is nothing to compare.
        </p>
      }
      empty={(data) =>
        data.open.length ? null : (
          <strong>
            {data.reachable
              ? data.compared_at === null
                ? "The journal and the broker have not been compared."
                : "The journal and the broker agree."
              : "The engine does not answer: whether they agree is not known."}
          </strong>
        )
      }
    >
      {(data) => (
        <Listing
          caption="What the journal and the broker do not agree on"
          rows={data.open}
          columns={[
            { title: "What", names: true, value: (row) => row.what },
            { title: "About", value: (row) => row.name },
            { title: "In words", wrap: true, value: (row) => row.text },
          ]}
          rowKey={(row) => `${row.what}:${row.name}`}
        />
      )}
    </Panel>
  );
}
