import { Switch, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useRead } from "../../api/hooks";
import { CsvButton } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { SettingShown } from "../../panels/rows";

/** Every setting in force; secrets and account numbers are masked by the server. */
export function Settings() {
  const read = useRead("/api/v1/system/settings");
  const [text, setText] = useState("");
  const [changed, setChanged] = useState(false);
  const rows = useMemo(
    () => (read.data?.rows ?? []).filter((row) => (!changed || row.changed) && matches(row, text)),
    [read.data, text, changed],
  );
  return (
    <Panel
      title="Settings in force"
      read={read}
      flush
      explain={
        <p>
          From the settings files, and the variables beginning with SA_ that win over them. They are
          read once, at the start; secrets and account numbers are masked.
        </p>
      }
      empty={() => (rows.length ? null : "No setting matches.")}
      actions={
        <>
          <Switch
            size="xs"
            label="Only what differs from the default"
            checked={changed}
            onChange={(event) => setChanged(event.currentTarget.checked)}
          />
          <TextInput
            size="xs"
            placeholder="Find a setting"
            aria-label="Find a setting"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <CsvButton name="settings" rows={rows} columns={COLUMNS} />
        </>
      }
    >
      {() => (
        <Listing
          caption="Settings in force"
          cards
          rows={rows}
          columns={COLUMNS}
          rowKey={(row) => row.name}
          most={60}
        />
      )}
    </Panel>
  );
}

const COLUMNS: Column<SettingShown>[] = [
  {
    title: "Setting",
    names: true,
    value: (row) => row.name,
    show: (row) => <code>{row.name}</code>,
  },
  {
    title: "Value",
    wrap: true,
    value: (row) => row.value,
    show: (row) => (row.changed ? <strong>{row.value}</strong> : row.value),
  },
  { title: "Unit", value: (row) => row.unit },
  {
    title: "From",
    value: (row) => (row.changed ? "changed" : "default"),
    show: (row) =>
      row.changed ? (
        <span className={panels.warn}>changed</span>
      ) : (
        <span className={panels.soft}>default</span>
      ),
  },
  { title: "What it does", wrap: true, value: (row) => row.meaning },
];

function matches(row: SettingShown, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return [row.name, row.meaning].some((part) => part.toLowerCase().includes(wanted));
}
