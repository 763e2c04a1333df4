import { Button, Modal } from "@mantine/core";
import { useMemo, useState } from "react";
import { useAct, useRead } from "../../api/hooks";
import acts from "../../app/acts.module.css";
import { useMay } from "../../app/sessionContext";
import { Typed } from "../../components/Typed";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { Breaker } from "../../panels/rows";

const EVERY_MS = 5_000;
const SCOPES = ["account", "all", "strategy", "symbol"] as const;
type Scope = (typeof SCOPES)[number];

const KINDS: Readonly<Record<string, string>> = {
  LATCH: "until a person ends it",
  HOLD: "until its cause is gone",
  QUARANTINE: "until it is explained",
  UNPROTECTED: "until a stop stands",
};

/** Everything that keeps orders from leaving, and what waits for a person to end it. */
export function Breakers() {
  const read = useRead("/api/v1/risk/breakers", undefined, { every: EVERY_MS });
  const [chosen, setChosen] = useState<Breaker | null>(null);
  const may = useMay("resume");
  const columns = useMemo(() => breakerColumns(may, setChosen), [may]);
  const waiting = (read.data?.rows ?? []).filter((row) => row.resumable).length;
  return (
    <Panel
      title="Breakers and latches"
      read={read}
      flush
      note={
        waiting ? (
          <strong className={panels.warn}>
            {waiting} {waiting === 1 ? "waits" : "wait"} for a person
          </strong>
        ) : undefined
      }
      explain={
        <p>
          A latch stays until a person ends it, also after a restart. A hold ends with its cause.
          Exits that only reduce a position leave all the same where that is said.
        </p>
      }
      empty={(data) => (data.rows.length ? null : <Nothing reachable={data.reachable} />)}
      foot={
        read.data?.reachable === false
          ? "The engine does not answer: this is its last word."
          : undefined
      }
    >
      {(data) => (
        <>
          <Listing
            caption="What keeps orders from leaving"
            cards
            rows={data.rows}
            columns={columns}
            rowKey={(row) => `${row.kind}:${row.code}:${row.scope}:${row.target}`}
          />
          <Modal
            opened={chosen !== null}
            onClose={() => setChosen(null)}
            title="Let it trade again"
          >
            {chosen === null ? null : <Resume breaker={chosen} close={() => setChosen(null)} />}
          </Modal>
        </>
      )}
    </Panel>
  );
}

function Nothing({ reachable }: { reachable: boolean }) {
  return reachable ? (
    <>
      <strong>Nothing keeps orders from leaving.</strong>
      <span>No latch, no hold, no quarantine.</span>
    </>
  ) : (
    <>
      <strong>The engine does not answer.</strong>
      <span>Whether anything stops it is not known here.</span>
    </>
  );
}

/** Return the columns; what a person may end has a button where they may. */
export function breakerColumns(may: boolean, choose: (row: Breaker) => void): Column<Breaker>[] {
  return [
    { title: "What", names: true, value: (row) => row.code },
    { title: "Stops", value: whereWords },
    { title: "Why", wrap: true, value: (row) => row.text },
    { title: "By", value: (row) => row.by },
    { title: "Since", value: (row) => row.since, show: (row) => <Moment at={row.since} /> },
    {
      title: "Until",
      value: (row) => row.until ?? KINDS[row.kind] ?? row.kind,
      show: (row) =>
        row.until === null ? (KINDS[row.kind] ?? row.kind) : <Moment at={row.until} />,
    },
    { title: "Exits leave", value: exitsWords },
    {
      title: "Act",
      value: () => "",
      show: (row) =>
        row.resumable ? (
          <Button size="compact-xs" variant="default" disabled={!may} onClick={() => choose(row)}>
            Resume…
          </Button>
        ) : null,
    },
  ];
}

/** Only a latch says whether orders that reduce a position leave all the same. */
function exitsWords({ kind, exits }: Breaker): string {
  return kind === "LATCH" ? (exits ? "yes" : "no") : "";
}

function whereWords(row: Breaker): string {
  return row.target ? `${row.scope} ${row.target}` : row.scope;
}

function Resume({ breaker, close }: { breaker: Breaker; close: () => void }) {
  const state = useRead("/api/v1/risk/kill");
  const [word, setWord] = useState("");
  const resume = useAct("/api/v1/risk/resume", [
    "/api/v1/risk/breakers",
    "/api/v1/risk/kill",
    "/api/v1/system/status",
  ]);
  const wanted = breaker.scope === "all" ? "ALL" : (state.data?.resume_word ?? "");
  if (resume.data !== undefined) {
    return (
      <div className={acts.form}>
        <div className={acts.done} role="status">
          {whereWords(breaker)} may trade again.
        </div>
        {resume.data.still.length ? (
          <ul className={acts.list}>
            {resume.data.still.map((why) => (
              <li key={why}>{why}</li>
            ))}
          </ul>
        ) : null}
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
        resume.mutate({
          body: { scope: scopeOf(breaker.scope), target: breaker.target || null, word },
        })
      }
    >
      <p className={acts.note}>
        {whereWords(breaker)} is stopped by <strong>{breaker.code}</strong>: {breaker.text}. Resume
        only when the cause is gone.
      </p>
      {resume.error || state.error ? (
        <div className={acts.error} role="alert">
          {(resume.error ?? state.error)?.message}
        </div>
      ) : null}
      <Typed word={wanted} value={word} change={setWord} autoFocus />
      <div className={acts.buttons}>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button
          type="submit"
          disabled={wanted === "" || word !== wanted}
          loading={resume.isPending}
        >
          Let it trade
        </Button>
      </div>
    </form>
  );
}

function scopeOf(text: string): Scope {
  return SCOPES.find((scope) => scope === text) ?? "account";
}
