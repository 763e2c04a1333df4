import { Button, Modal, Switch, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useAct, useRead } from "../../api/hooks";
import acts from "../../app/acts.module.css";
import { useMay } from "../../app/sessionContext";
import { shareWords, UseBar } from "../../charts/UseBar";
import { exactWords } from "../../lib/exact";
import { limitWords, nearnessOf, unitWords, worstFirst } from "../../lib/limits";
import { CsvButton } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { LimitUse, Limits as Read } from "../../panels/rows";

const EVERY_MS = 5_000;

/** The use of every limit, the one nearest to being reached first. */
export function Limits() {
  const read = useRead("/api/v1/risk/limits", undefined, { every: EVERY_MS });
  const [counted, setCounted] = useState(true);
  const [chosen, setChosen] = useState<LimitUse | null>(null);
  const may = useMay("limits");
  const rows = useMemo(() => worstFirst(read.data?.rows ?? []), [read.data]);
  const shown = counted ? rows.filter((row) => row.used !== null) : rows;
  const columns = useMemo(() => limitColumns(may ? setChosen : null), [may]);
  return (
    <Panel
      title="Limits in force"
      read={read}
      flush
      note={read.data ? <Rules read={read.data} /> : undefined}
      explain={<Meaning />}
      empty={() => (rows.length ? null : "No limit is known.")}
      actions={
        <>
          <Switch
            size="xs"
            label="Only what is counted"
            checked={counted}
            onChange={(event) => setCounted(event.currentTarget.checked)}
          />
          <CsvButton name="limits" rows={rows} columns={FOR_A_FILE} />
        </>
      }
      foot={read.data ? <Foot read={read.data} /> : undefined}
    >
      {() => (
        <>
          <Listing
            caption="Limits and their use"
            rows={shown}
            columns={columns}
            rowKey={(row) => `${row.name}:${row.scope}:${row.target}`}
          />
          <Modal opened={chosen !== null} onClose={() => setChosen(null)} title="Tighten a limit">
            {chosen === null ? null : <Tighten limit={chosen} close={() => setChosen(null)} />}
          </Modal>
        </>
      )}
    </Panel>
  );
}

function Foot({ read: { reachable, rows } }: { read: Read }) {
  if (!reachable) {
    return (
      <>
        The engine does not answer: these are the limits of the settings, and their use is not
        known.
      </>
    );
  }
  const alone = rows.filter((row) => row.used === null).length;
  return <>{alone} limits judge each order by itself; nothing adds up against them.</>;
}

function Rules({ read }: { read: Read }) {
  return (
    <>
      rules {read.hash.slice(0, 12)}
      {read.since ? (
        <>
          {" since "}
          <Moment at={read.since} />
        </>
      ) : null}
      {read.by ? ` by ${read.by}` : ""}
      {read.reason ? `: ${read.reason}` : ""}
    </>
  );
}

function Meaning() {
  return (
    <>
      <p>
        What is used of each limit now, working orders included. From 80 % a bar turns amber, from
        100 % red: then every order that would add to it is refused.
      </p>
      <p>Limits can be tightened here at once. Loosening one takes the settings and a restart.</p>
    </>
  );
}

/** Return the columns; with `choose`, each limit can be tightened. */
export function limitColumns(choose: ((row: LimitUse) => void) | null): Column<LimitUse>[] {
  const columns: Column<LimitUse>[] = [
    {
      title: "Limit",
      names: true,
      value: (row) => row.name,
      show: (row) => <span title={row.meaning || row.name}>{limitWords(row.name)}</span>,
    },
    {
      title: "Use",
      value: (row) => row.share,
      show: (row) => <UseBar share={row.share} label={limitWords(row.name)} />,
      wide: true,
    },
    {
      title: "Share",
      figures: true,
      value: (row) => row.share,
      show: (row) => <Share row={row} />,
    },
    {
      title: "Used",
      figures: true,
      value: (row) => row.used,
      show: (row) => amountWords(row.used),
    },
    {
      title: "Allowed",
      figures: true,
      value: (row) => row.limit,
      show: (row) =>
        row.limit === "null" ? "off" : `${row.floor ? "at least " : ""}${amountWords(row.limit)}`,
    },
    { title: "Unit", value: (row) => row.unit, show: (row) => <Unit row={row} /> },
    {
      title: "Of",
      value: (row) => (row.target ? `${row.scope} ${row.target}` : row.scope),
      show: (row) => row.rests || (row.target ? `${row.scope} ${row.target}` : row.scope),
      wrap: true,
    },
  ];
  if (choose === null) return columns;
  return [
    ...columns,
    {
      title: "Act",
      value: () => "",
      show: (row) => (
        <Button size="compact-xs" variant="default" onClick={() => choose(row)}>
          Tighten…
        </Button>
      ),
    },
  ];
}

/** A unit is never broken into lines. */
function Unit({ row }: { row: LimitUse }) {
  return <span className={panels.whole}>{unitWords(row.unit)}</span>;
}

const FOR_A_FILE = limitColumns(null);

function Share({ row }: { row: LimitUse }) {
  if (row.rests) return <span className={panels.soft}>does not bind</span>;
  const nearness = nearnessOf(row.share);
  const tone = nearness === "reached" ? panels.cost : nearness === "near" ? panels.warn : undefined;
  return <span className={tone}>{shareWords(row.share)}</span>;
}

function amountWords(text: string | null): string {
  if (text === null || text === "") return "–";
  return Number.isNaN(Number(text)) ? text : exactWords(text, 0, 4);
}

function Tighten({ limit, close }: { limit: LimitUse; close: () => void }) {
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("");
  const tighten = useAct("/api/v1/risk/limits/tighten", ["/api/v1/risk/limits"]);
  const ready = value.trim() !== "" && reason.trim() !== "";
  if (tighten.data !== undefined) {
    return (
      <div className={acts.form}>
        <div className={acts.done} role="status">
          In force now: {tighten.data.changes.join(", ") || "nothing changed"}.
        </div>
        <div className={acts.buttons}>
          <Button onClick={close}>Close</Button>
        </div>
      </div>
    );
  }
  return (
    <form
      className={acts.form}
      action={() =>
        tighten.mutate({ body: { changes: { [limit.name]: value.trim() }, reason: reason.trim() } })
      }
    >
      <p className={acts.note}>
        <strong>{limit.name}</strong>
        {limit.meaning ? `: ${limit.meaning}` : ""}. It is {limit.limit} {unitWords(limit.unit)}{" "}
        now. What would loosen it is refused.
      </p>
      {tighten.error ? (
        <div className={acts.error} role="alert">
          {tighten.error.message}
        </div>
      ) : null}
      <TextInput
        label={limit.unit ? `New value, ${unitWords(limit.unit)}` : "New value"}
        data-autofocus
        required
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <TextInput
        label="Why (it is journaled)"
        required
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div className={acts.buttons}>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button type="submit" disabled={!ready} loading={tighten.isPending}>
          Tighten now
        </Button>
      </div>
    </form>
  );
}
