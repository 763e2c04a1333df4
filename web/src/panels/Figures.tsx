import type { ReactNode } from "react";
import { Explain } from "./Explain";
import styles from "./panels.module.css";

export interface Figure {
  readonly name: string;
  readonly value: ReactNode;
  readonly unit?: string;
  readonly note?: ReactNode;
  readonly tone?: "cost" | "gain" | "warn" | undefined;
  readonly explain?: ReactNode;
}

/** The few numbers that answer the first question of a page. */
export function Figures({ figures, label }: { figures: readonly Figure[]; label: string }) {
  return (
    <dl className={styles.figures} aria-label={label}>
      {figures.map((figure) => (
        <div key={figure.name} className={styles.figure}>
          <dt>
            {figure.name}
            {figure.explain ? (
              <Explain about={figure.name.toLowerCase()}>{figure.explain}</Explain>
            ) : null}
          </dt>
          <dd className={figure.tone ? styles[figure.tone] : undefined}>
            {figure.value} {figure.unit ? <small>{figure.unit}</small> : null}
          </dd>
          {figure.note ? <dd className={styles.under}>{figure.note}</dd> : null}
        </div>
      ))}
    </dl>
  );
}
