import type { Shape } from "../api/contract";
import { numberOf } from "../lib/costs";
import { exactWords } from "../lib/exact";
import styles from "./orders.module.css";
import { Precise } from "./Timeline";

/** The slices of an order, planned and done, and how much of each is filled. */
export function Schedule({ slices }: { slices: readonly Shape["SlicePlan"][] }) {
  return (
    <table className={styles.schedule}>
      <caption className="unseen">Slices</caption>
      <thead>
        <tr>
          <th scope="col">Slice</th>
          <th scope="col">Left at</th>
          <th scope="col">Shares</th>
          <th scope="col">Filled</th>
          <th scope="col">Status</th>
        </tr>
      </thead>
      <tbody>
        {slices.map((slice) => (
          <tr key={slice.number} data-planned={slice.status === "PLANNED" || undefined}>
            <th scope="row">{slice.number}</th>
            <td>
              {slice.sent_at !== null ? (
                <Precise at={slice.sent_at} />
              ) : slice.due_at !== null ? (
                <>
                  due <Precise at={slice.due_at} />
                </>
              ) : (
                "–"
              )}
            </td>
            <td>{exactWords(slice.quantity, 0, 4)}</td>
            <td>
              <progress
                className={styles.progress}
                max={numberOf(slice.quantity) || 1}
                value={numberOf(slice.filled) ?? 0}
                aria-label={`filled of slice ${slice.number}`}
              />{" "}
              {exactWords(slice.filled, 0, 4)}
            </td>
            <td>{slice.status.replaceAll("_", " ").toLowerCase()}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
