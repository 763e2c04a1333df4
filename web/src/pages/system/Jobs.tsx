import { Button } from "@mantine/core";
import { useMemo } from "react";
import { useAct, useRead } from "../../api/hooks";
import { useMay } from "../../app/sessionContext";
import { useDeskNow } from "../../lib/deskNow";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { JobShown } from "../../panels/rows";

/** What the scheduler runs, how it went, and running it by hand. */
export function Jobs() {
  const read = useRead("/api/v1/system/jobs", undefined, { every: 5_000 });
  const run = useAct("/api/v1/system/jobs/{name}/run", ["/api/v1/system/jobs"]);
  const may = useMay("jobs");
  const now = useDeskNow(5_000);
  const { mutate, isPending, variables } = run;
  const columns = useMemo(() => {
    const busy = isPending ? variables?.names?.name : undefined;
    return jobColumns(may, busy, now, (name) =>
      mutate({ body: undefined as never, names: { name } }),
    );
  }, [may, mutate, isPending, variables, now]);
  return (
    <Panel
      title="Jobs"
      read={read}
      flush
      note={
        run.error ? (
          <span role="alert" className={panels.cost}>
            {run.error.message}
          </span>
        ) : run.data ? (
          <span role="status">
            {run.data.name}: {run.data.result} {run.data.text}
          </span>
        ) : undefined
      }
      empty={(data) => (data.rows.length ? null : "No job is scheduled here.")}
    >
      {(data) => (
        <Listing
          caption="Scheduled jobs"
          cards
          rows={data.rows}
          columns={columns}
          rowKey={(row) => row.name}
        />
      )}
    </Panel>
  );
}

const TONES: Readonly<Record<string, string | undefined>> = {
  OK: panels.gain,
  FAILED: panels.cost,
  SKIPPED: panels.warn,
};

/** Return the columns; whoever may can run a job now. */
export function jobColumns(
  may: boolean,
  busy: string | undefined,
  now: number | null,
  run: (name: string) => void,
): Column<JobShown>[] {
  return [
    { title: "Job", names: true, value: (row) => row.name },
    { title: "What it does", wrap: true, value: (row) => row.title },
    { title: "When", wrap: true, value: (row) => row.schedule },
    {
      title: "Last run",
      value: (row) => row.last_at,
      show: (row) =>
        row.last_at === null ? "never" : <Moment at={row.last_at} now={now ?? undefined} />,
    },
    {
      title: "Result",
      wrap: true,
      value: (row) => [row.last_result, row.last_text].filter(Boolean).join(": "),
      show: (row) => (
        <>
          <strong className={TONES[row.last_result]}>{row.last_result || "–"}</strong>{" "}
          {row.last_text}
        </>
      ),
    },
    {
      title: "Next run",
      value: (row) => row.next_at,
      show: (row) =>
        row.running ? (
          "runs now"
        ) : row.next_at === null ? (
          "not known"
        ) : now !== null && Date.parse(row.next_at) <= now ? (
          "due"
        ) : (
          <Moment at={row.next_at} now={now ?? undefined} />
        ),
    },
    {
      title: "Act",
      value: () => "",
      show: (row) => (
        <Button
          size="compact-xs"
          variant="default"
          disabled={!may || row.running}
          loading={busy === row.name}
          aria-label={`Run now: ${row.name}`}
          onClick={() => run(row.name)}
        >
          Run now
        </Button>
      ),
    },
  ];
}
