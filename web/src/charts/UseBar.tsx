import { numberOf } from "../lib/costs";
import { nearnessOf } from "../lib/limits";
import styles from "./charts.module.css";

/** How much of a limit is used; a pattern where nobody counts. */
export function UseBar({ share, label }: { share: number | string | null; label: string }) {
  const nearness = nearnessOf(share);
  const width = Math.min(1, Math.max(0, numberOf(share) ?? 0));
  const words = nearness === "unknown" ? "not counted" : `${shareWords(share)} used`;
  return (
    <div className={styles.bar} role="img" aria-label={`${label}: ${words}`}>
      {nearness === "unknown" ? (
        <div className={`${styles.fill} ${styles.unknown}`} />
      ) : (
        <div
          className={`${styles.fill} ${nearness === "calm" ? "" : styles[nearness]}`}
          style={{ width: `${width * 100}%` }}
        />
      )}
    </div>
  );
}

/** Return a share as percent: `97 %`, below ten with a decimal. */
export function shareWords(share: number | string | null): string {
  const number = numberOf(share);
  if (number === null) return "–";
  const percent = number * 100;
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : percent.toFixed(1)} %`;
}
