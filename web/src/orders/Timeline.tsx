import type { Shape } from "../api/contract";
import styles from "./orders.module.css";

type Moment = Shape["OrderEvent"];

/** The life of an order, oldest first; what happened next to what it took. */
export function Timeline({ events }: { events: readonly Moment[] }) {
  const begins = events[0] === undefined ? 0 : Date.parse(events[0].at);
  return (
    <ol className={styles.timeline}>
      {events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the past does not change its order
        <li key={index} data-kind={event.kind}>
          <Precise at={event.at} />
          <span className={styles.after}>{sinceWords(Date.parse(event.at) - begins)}</span>
          <span className={styles.what}>
            <strong>{event.title}</strong>
            {event.text === "" ? null : <span>{event.text}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** A moment to the millisecond, with its day and UTC on hover. */
export function Precise({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time
      dateTime={at}
      title={`${date.toLocaleDateString("en-CA")}, ${date.toISOString().replace("T", " ").replace("Z", " UTC")}`}
    >
      {preciseWords(date)}
    </time>
  );
}

/** Return how long after the beginning something happened. */
export function sinceWords(milliseconds: number): string {
  if (milliseconds <= 0) return "";
  if (milliseconds < 1_000) return `+${Math.round(milliseconds)} ms`;
  if (milliseconds < 120_000) return `+${(milliseconds / 1_000).toFixed(1)} s`;
  return `+${Math.round(milliseconds / 60_000)} min`;
}

/** Return a time of day to the millisecond, in the zone of whoever looks. */
export function preciseWords(date: Date): string {
  const time = date.toLocaleTimeString("en-GB");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
