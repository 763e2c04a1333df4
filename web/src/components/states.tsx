import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./states.module.css";

/** What is shown while something is read for the first time. */
export function Reading({ what }: { what: string }) {
  return (
    <div className={styles.reading} role="status" aria-label={`reading ${what}`}>
      {[96, 90, 93, 86, 91, 88].map((width) => (
        <Skeleton key={width} height={16} width={`${width}%`} />
      ))}
    </div>
  );
}

interface AwayProps {
  /** What could not be read, as the beginning of a sentence. */
  readonly what: string;
  readonly error: Error | null;
  readonly again: () => void;
}

/** What is shown when something cannot be read. */
export function Away({ what, error, again }: AwayProps) {
  return (
    <div className={styles.message} role="alert">
      <strong>{what} cannot be read.</strong>
      <span>{error?.message ?? "nobody says why"}</span>
      <Button size="xs" variant="default" onClick={again}>
        Try again
      </Button>
    </div>
  );
}

/** What is shown when there is nothing to show. */
export function Nothing({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.message} role="status">
      <strong>{title}</strong>
      <span>{children}</span>
    </div>
  );
}
