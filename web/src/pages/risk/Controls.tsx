import { TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useRead } from "../../api/hooks";
import { limitWords } from "../../lib/limits";
import { CsvButton } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { ControlShown } from "../../panels/rows";

/** Every control that judges an order, or what came of it. */
export function Controls() {
  const read = useRead("/api/v1/risk/controls");
  const [text, setText] = useState("");
  const rows = useMemo(
    () => (read.data?.rows ?? []).filter((row) => matches(row, text)),
    [read.data, text],
  );
  return (
    <Panel
      title="Controls"
      read={read}
      flush
      empty={() =>
        rows.length ? null : text ? `No control has “${text}” in it.` : "No control is known."
      }
      actions={
        <>
          <TextInput
            size="xs"
            placeholder="Find a control"
            aria-label="Find a control"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <CsvButton name="controls" rows={rows} columns={COLUMNS} />
        </>
      }
    >
      {() => (
        <Listing
          caption="Controls"
          cards
          rows={rows}
          columns={COLUMNS}
          rowKey={(row) => row.id}
          most={10}
        />
      )}
    </Panel>
  );
}

const COLUMNS: Column<ControlShown>[] = [
  { title: "Id", names: true, value: (row) => row.id },
  { title: "What it does", wrap: true, value: (row) => row.title },
  { title: "When", value: (row) => row.when },
  { title: "Refuses with", wrap: true, value: (row) => row.codes.join(" ") },
  {
    title: "Limits",
    wrap: true,
    value: (row) => limitsText(row),
    show: (row) =>
      Object.entries(row.limits).length ? (
        Object.entries(row.limits).map(([name, value]) => (
          <div key={name}>
            {limitWords(name)} <strong>{value}</strong>
          </div>
        ))
      ) : (
        <span className={panels.soft}>fixed</span>
      ),
  },
  { title: "Why it is there", wrap: true, value: (row) => row.rationale },
];

function limitsText(row: ControlShown): string {
  return Object.entries(row.limits)
    .map(([name, value]) => `${name} ${value}`)
    .join("; ");
}

function matches(row: ControlShown, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const told = [row.id, row.title, row.when, row.rationale, limitsText(row), ...row.codes];
  return told.some((part) => part.toLowerCase().includes(wanted));
}
