import { Popover } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./panels.module.css";

/** A small button that says what a number means, where it is shown. */
export function Explain({ about, children }: { about: string; children: ReactNode }) {
  return (
    <Popover position="bottom-start" width={400} shadow="md" withArrow trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={styles.explain} aria-label={`What is ${about}?`}>
          ?
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={about}>
        <div className={styles.explanation}>{children}</div>
      </Popover.Dropdown>
    </Popover>
  );
}
