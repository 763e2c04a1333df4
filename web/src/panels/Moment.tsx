import { agoWords } from "../lib/spans";
import styles from "./panels.module.css";

interface MomentProps {
  readonly at: string | null | undefined;
  /** Milliseconds since 1970; with it the time is told as time gone. */
  readonly now?: number;
}

/** A moment in the zone of whoever looks, with UTC on hover. */
export function Moment({ at, now }: MomentProps) {
  const date = at ? new Date(at) : null;
  if (date === null || Number.isNaN(date.getTime())) return <>–</>;
  const utc = `${date.toISOString().replace("T", " ").replace("Z", "")} UTC`;
  const here = localWords(date);
  return (
    <time
      className={styles.moment}
      dateTime={date.toISOString()}
      title={now === undefined ? utc : `${here}, ${utc}`}
    >
      {now === undefined ? here : agoWords(at, now)}
    </time>
  );
}

/** Return a moment as `2026-03-02 14:30:05` in the zone of whoever looks. */
export function localWords(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
