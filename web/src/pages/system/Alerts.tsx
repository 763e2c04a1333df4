import { Button, Switch } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useAct, useRead } from "../../api/hooks";
import { useMay } from "../../app/sessionContext";
import { CsvButton } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { AlertShown } from "../../panels/rows";

const MOST = 500;

/** What people should know, and who has said that they do. */
export function Alerts() {
  const [open, setOpen] = useState(true);
  const read = useRead(
    "/api/v1/system/alerts",
    { unacknowledged: open, limit: MOST },
    { keep: true },
  );
  const know = useAct("/api/v1/system/alerts/{alert_id}/acknowledge", ["/api/v1/system/alerts"]);
  const may = useMay("acknowledge");
  const { mutate, isPending, variables } = know;
  const columns = useMemo(() => {
    const busy = isPending ? variables?.names?.alert_id : undefined;
    return alertColumns(may, busy, (id) =>
      mutate({ body: undefined as never, names: { alert_id: id } }),
    );
  }, [may, mutate, isPending, variables]);
  return (
    <Panel
      title="Alerts"
      read={read}
      flush
      explain={
        <p>
          An alert goes to every channel that is set up, and is repeated until somebody says that
          they know of it. Acknowledging stops the repeats; it changes nothing about the cause.
        </p>
      }
      note={
        know.error ? (
          <span role="alert" className={panels.cost}>
            {know.error.message}
          </span>
        ) : undefined
      }
      empty={(data) =>
        data.rows.length ? null : (
          <strong>{open ? "Nothing waits for anybody." : "There has been no alert."}</strong>
        )
      }
      actions={
        <>
          <Switch
            size="xs"
            label="Only what nobody knows of"
            checked={open}
            onChange={(event) => setOpen(event.currentTarget.checked)}
          />
          <CsvButton name="alerts" rows={read.data?.rows} columns={columns} />
        </>
      }
      foot={read.data?.after ? `The newest ${MOST}.` : undefined}
    >
      {(data) => (
        <Listing
          caption="Alerts"
          cards
          rows={data.rows}
          columns={columns}
          rowKey={(row) => row.id}
          most={50}
        />
      )}
    </Panel>
  );
}

const TONES: Readonly<Record<string, string | undefined>> = {
  CRITICAL: panels.cost,
  WARNING: panels.warn,
  INFO: panels.soft,
};

/** Return the columns; whoever may can say that they know of an alert. */
export function alertColumns(
  may: boolean,
  busy: string | undefined,
  know: (id: string) => void,
): Column<AlertShown>[] {
  return [
    { title: "Time", names: true, value: (row) => row.ts, show: (row) => <Moment at={row.ts} /> },
    {
      title: "Severity",
      value: (row) => row.severity,
      show: (row) => <strong className={TONES[row.severity]}>{row.severity}</strong>,
    },
    { title: "What", value: (row) => row.code },
    { title: "In words", wrap: true, value: (row) => row.text },
    {
      title: "Order",
      value: (row) => row.order_id,
      show: (row) =>
        row.order_id ? (
          <Link to="/order" search={{ order_id: row.order_id }}>
            {row.order_id}
          </Link>
        ) : null,
    },
    {
      title: "Known by",
      value: (row) => row.acknowledged_by,
      show: (row) =>
        row.acknowledged_by ? (
          <>
            {row.acknowledged_by}, <Moment at={row.acknowledged_at} />
          </>
        ) : (
          <Button
            size="compact-xs"
            variant="default"
            disabled={!may}
            loading={busy === row.id}
            aria-label={`I know of ${row.code}`}
            onClick={() => know(row.id)}
          >
            I know
          </Button>
        ),
    },
  ];
}
