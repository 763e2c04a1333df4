import { useRead } from "../../api/hooks";
import { useMay } from "../../app/sessionContext";
import { CsvButton } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Frame, Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { AuditRow } from "../../panels/rows";

const MOST = 500;

/** Who did what, and who tried to. */
export function Audit() {
  return useMay("audit") ? (
    <Entries />
  ) : (
    <Frame title="Audit log">
      <div className={panels.message}>
        <strong>Your role may not read the audit log.</strong>
        <span>The roles risk and admin may.</span>
      </div>
    </Frame>
  );
}

function Entries() {
  const read = useRead("/api/v1/system/audit", { limit: MOST }, { every: 15_000 });
  return (
    <Panel
      title="Audit log"
      read={read}
      flush
      explain={
        <p>
          Every act and every refused attempt, chained so that a changed or missing entry is found.
          It is only ever added to.
        </p>
      }
      empty={(data) =>
        data.rows.length ? null : "Nothing has been written into the audit log yet."
      }
      actions={<CsvButton name="audit" rows={read.data?.rows} columns={COLUMNS} />}
      foot={read.data?.after ? `The newest ${MOST}.` : undefined}
    >
      {(data) => (
        <Listing
          caption="Audit log"
          cards
          rows={data.rows}
          columns={COLUMNS}
          rowKey={(row) => String(row.number)}
          most={50}
        />
      )}
    </Panel>
  );
}

/** An act is written down before it is done and after; neither is bad news. */
const QUIET: ReadonlySet<string> = new Set(["ASKED", "DONE"]);

const COLUMNS: Column<AuditRow>[] = [
  { title: "No.", figures: true, names: true, value: (row) => row.number },
  { title: "Time", value: (row) => row.at, show: (row) => <Moment at={row.at} /> },
  { title: "Who", value: (row) => row.who },
  { title: "Role", value: (row) => row.role },
  { title: "From", value: (row) => row.source },
  { title: "Act", value: (row) => row.act },
  {
    title: "Outcome",
    value: (row) => row.outcome,
    show: (row) => (
      <span className={QUIET.has(row.outcome) ? undefined : panels.cost}>{row.outcome}</span>
    ),
  },
  { title: "Account", value: (row) => row.account },
  {
    title: "Target",
    wrap: true,
    value: (row) => row.target,
    show: (row) => factsOf(row.target),
  },
  {
    title: "Change",
    wrap: true,
    value: (row) => (row.before || row.after ? `${row.before} → ${row.after}` : ""),
    show: (row) =>
      row.before || row.after ? `${factsOf(row.before)} → ${factsOf(row.after)}` : "",
  },
  { title: "Why", wrap: true, value: (row) => row.reason },
];

/** Return what was written down as JSON without its marks; the file has it as it stands in the log. */
export function factsOf(text: string): string {
  let facts: unknown;
  try {
    facts = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof facts !== "object" || facts === null || Array.isArray(facts)) return text;
  return Object.entries(facts)
    .filter(([, value]) => value !== "" && value !== null)
    .map(([name, value]) => {
      const shown = typeof value === "string" ? value : JSON.stringify(value);
      return `${name.replaceAll("_", " ")} ${shown}`;
    })
    .join(", ");
}
