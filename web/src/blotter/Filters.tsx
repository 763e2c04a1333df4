import { Button, NativeSelect, TextInput } from "@mantine/core";
import { memo, useEffect, useRef, useState } from "react";
import { FIELDS, type Filter } from "./filter";
import styles from "./filters.module.css";

const STATUSES = [
  "PENDING",
  "SUBMITTED",
  "PARTIALLY_FILLED",
  "FILLED",
  "CANCELLED",
  "REJECTED",
  "EXPIRED",
] as const;

/** How long after the last key a text is asked for. */
const PAUSE_MS = 250;

interface FiltersProps {
  readonly filter: Filter;
  readonly change: (filter: Filter) => void;
}

/** Which orders are shown. */
export const Filters = memo(function Filters({ filter, change }: FiltersProps) {
  const put = (name: keyof Filter) => (value: string) => {
    const { [name]: _, ...rest } = filter;
    change(value === "" ? rest : { ...rest, [name]: value });
  };
  const used = FIELDS.filter((name) => filter[name] !== undefined).length;
  return (
    <search className={styles.filters}>
      <Words label="Find" value={filter.q ?? ""} change={put("q")} isFirst />
      <Words label="Symbol" value={filter.symbol ?? ""} change={put("symbol")} upper />
      <Words label="Strategy" value={filter.strategy_name ?? ""} change={put("strategy_name")} />
      <Words label="Route" value={filter.route ?? ""} change={put("route")} />
      <Choice label="Status" value={filter.status} options={STATUSES} change={put("status")} />
      <Choice label="Side" value={filter.side} options={["BUY", "SELL"]} change={put("side")} />
      <Day label="From" value={filter.since} change={put("since")} />
      <Day label="Before" value={filter.until} change={put("until")} />
      {used > 0 ? (
        <Button size="compact-xs" variant="subtle" onClick={() => change({})}>
          Clear {used}
        </Button>
      ) : null}
    </search>
  );
});

interface WordsProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly isFirst?: boolean;
  readonly upper?: boolean;
}

/** A text that is asked for when whoever types has paused. */
function Words({ label, value, change, isFirst = false, upper = false }: WordsProps) {
  const [typed, setTyped] = useState(value);
  const timer = useRef<number | undefined>(undefined);

  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const write = (text: string) => {
    const wanted = upper ? text.toUpperCase() : text;
    setTyped(wanted);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => change(wanted.trim()), PAUSE_MS);
  };
  return (
    <TextInput
      size="xs"
      className={isFirst ? styles.find : styles.word}
      aria-label={label}
      placeholder={isFirst ? "Find  ( / )" : label}
      {...(isFirst ? { "data-filter": true } : {})}
      value={typed}
      onChange={(event) => write(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly string[];
  readonly change: (value: string) => void;
}

function Choice({ label, value, options, change }: ChoiceProps) {
  const rows = options.map((one) => ({
    value: one,
    label: one.replaceAll("_", " ").toLowerCase(),
  }));
  return (
    <NativeSelect
      size="xs"
      className={styles.choice}
      aria-label={label}
      value={value ?? ""}
      data={[{ value: "", label: `any ${label.toLowerCase()}` }, ...rows]}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

interface DayProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly change: (value: string) => void;
}

/** A day in the zone of whoever looks; the server is asked for the moment that it begins. */
function Day({ label, value, change }: DayProps) {
  return (
    <label className={styles.day}>
      {label}
      <input
        type="date"
        value={value === undefined ? "" : dayOf(value)}
        onChange={(event) => change(momentOf(event.currentTarget.value))}
      />
    </label>
  );
}

/** Return the moment that a day begins, as the server takes it; empty for no day. */
export function momentOf(day: string): string {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return "";
  return new Date(year, month - 1, date).toISOString();
}

/** Return the day of a moment in the zone of whoever looks; empty for no moment. */
export function dayOf(moment: string): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
