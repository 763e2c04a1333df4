import { Button, Checkbox, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAct, useRead } from "../../api/hooks";
import acts from "../../app/acts.module.css";
import { useMay } from "../../app/sessionContext";
import { Typed } from "../../components/Typed";
import { useDeskNow } from "../../lib/deskNow";
import { agoWords, spanWords } from "../../lib/spans";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { DrillShown } from "../../panels/rows";

const WORD = "DRILL";
const CHANGED = ["/api/v1/risk/kill", "/api/v1/risk/breakers", "/api/v1/system/status"] as const;
type Scope = "account" | "strategy" | "symbol";

function noteOf(at: string | undefined, now: number | null, known: boolean): string | undefined {
  if (at !== undefined && now !== null) return `last ${agoWords(at, now)}`;
  return known && at === undefined ? "never practised" : undefined;
}

/** Practising the kill, with how long each step took. */
export function Drills() {
  const read = useRead("/api/v1/risk/kill");
  const status = useRead("/api/v1/system/status");
  const [opened, setOpened] = useState(false);
  const now = useDeskNow(30_000);
  const may = useMay("drill");
  const last = read.data?.drills[0];
  return (
    <Panel
      title="Kill drill"
      read={read}
      flush
      explain={<Meaning />}
      note={noteOf(last?.at, now, read.data !== undefined)}
      actions={
        <Button
          size="compact-xs"
          color="red"
          variant="light"
          disabled={!may}
          onClick={() => setOpened(true)}
        >
          Practise a kill…
        </Button>
      }
    >
      {(data) => (
        <>
          {data.drills.length ? (
            <Listing
              caption="Practised kills"
              cards
              rows={data.drills}
              columns={DRILL_COLUMNS}
              rowKey={(row) => `${row.at}:${row.where}`}
              most={5}
            />
          ) : (
            <div className={panels.message}>
              <strong>The kill has never been practised on this account.</strong>
              <span>
                A switch that nobody has tried is a hope. Once a month on paper is a habit.
              </span>
            </div>
          )}
          <Modal opened={opened} onClose={() => setOpened(false)} title="Practise a kill">
            <DrillForm live={status.data?.status?.mode === "LIVE"} close={() => setOpened(false)} />
          </Modal>
        </>
      )}
    </Panel>
  );
}

function Meaning() {
  return (
    <>
      <p>
        A drill is a real kill with a watch on every step: the latch on disk, the desk that stops,
        the last cancel sent, the last order confirmed gone.
      </p>
      <p>
        It places nothing and cancels what works. Trading stays stopped until a person resumes it.
      </p>
    </>
  );
}

/** The columns of the log of drills. */
export const DRILL_COLUMNS: Column<DrillShown>[] = [
  { title: "When", names: true, value: (row) => row.at, show: (row) => <Moment at={row.at} /> },
  { title: "By", value: (row) => row.by },
  { title: "Stopped", value: (row) => row.where },
  { title: "Mode", value: (row) => row.mode },
  { title: "Orders", figures: true, value: (row) => row.orders },
  step("Latch", (row) => row.latch_ms),
  step("Desk", (row) => row.gate_ms),
  step("Last cancel", (row) => row.cancel_ms),
  step("All gone", (row) => row.confirmed_ms),
  {
    title: "Not confirmed",
    value: (row) => row.unconfirmed.join(" "),
    show: (row) =>
      row.unconfirmed.length ? (
        <span className={panels.cost}>{row.unconfirmed.join(", ")}</span>
      ) : (
        <span className={panels.soft}>none</span>
      ),
  },
];

function step(title: string, value: (row: DrillShown) => number | null): Column<DrillShown> {
  return { title, file: `${title} ms`, figures: true, value, show: (row) => spanWords(value(row)) };
}

function DrillForm({ live, close }: { live: boolean; close: () => void }) {
  const [scope, setScope] = useState<Scope>("account");
  const [target, setTarget] = useState("");
  const [sure, setSure] = useState(false);
  const [word, setWord] = useState("");
  const drill = useAct("/api/v1/risk/drill", CHANGED);
  const needsTarget = scope !== "account";
  const ready = word === WORD && (!live || sure) && (!needsTarget || target.trim() !== "");
  if (drill.data !== undefined) return <Practised answer={drill.data} close={close} />;
  return (
    <form
      className={acts.form}
      action={() =>
        drill.mutate({
          body: {
            scope,
            target: needsTarget ? target.trim() : null,
            reason: "practice",
            wait_seconds: 5,
            sure,
          },
        })
      }
    >
      <p className={acts.note}>
        Working orders in its scope are cancelled, and nothing is sent until somebody resumes.
      </p>
      {drill.error ? (
        <div className={acts.error} role="alert">
          {drill.error.message}
        </div>
      ) : null}
      <NativeSelect
        label="What is stopped"
        data={[
          { value: "account", label: "the account" },
          { value: "strategy", label: "one strategy" },
          { value: "symbol", label: "one symbol" },
        ]}
        value={scope}
        onChange={(event) => setScope(event.currentTarget.value as Scope)}
      />
      {needsTarget ? (
        <TextInput
          label={scope === "strategy" ? "Strategy" : "Symbol"}
          required
          value={target}
          onChange={(event) => setTarget(event.currentTarget.value)}
        />
      ) : null}
      {live ? (
        <Checkbox
          label="These are live orders, and they may be cancelled"
          checked={sure}
          onChange={(event) => setSure(event.currentTarget.checked)}
        />
      ) : null}
      <Typed word={WORD} value={word} change={setWord} autoFocus />
      <div className={acts.buttons}>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button type="submit" color="red" disabled={!ready} loading={drill.isPending}>
          Practise it
        </Button>
      </div>
    </form>
  );
}

interface PractisedProps {
  readonly answer: { readonly drill: DrillShown; readonly kept: boolean };
  readonly close: () => void;
}

function Practised({ answer: { drill, kept }, close }: PractisedProps) {
  const gone =
    drill.orders === 0
      ? "no order was working"
      : drill.confirmed_ms === null
        ? `${drill.unconfirmed.length} of ${drill.orders} orders were not confirmed gone`
        : `all ${drill.orders} orders were gone after ${spanWords(drill.confirmed_ms)}`;
  return (
    <div className={acts.form}>
      <div className={drill.unconfirmed.length ? acts.error : acts.done} role="status">
        The latch was durable after {spanWords(drill.latch_ms)}, the desk stopped after{" "}
        {spanWords(drill.gate_ms)}; {gone}.
      </div>
      <p className={acts.note}>
        {kept ? "" : "It could not be written into the log of drills: is the disk full? "}
        Trading stays stopped until it is resumed.
      </p>
      <div className={acts.buttons}>
        <Button onClick={close} data-autofocus>
          Close
        </Button>
      </div>
    </div>
  );
}
