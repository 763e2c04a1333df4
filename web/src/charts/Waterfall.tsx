import { Fragment } from "react";
import { spanWords } from "../lib/spans";
import styles from "./charts.module.css";
import { type StageRow, waterfall, waterfallEnd } from "./latency";

const TITLES: Readonly<Record<string, string>> = {
  signal: "Signal taken",
  risk: "Judged and routed",
  route: "Route chosen",
  submit: "Submitted",
  acknowledge: "Acknowledged",
  fill: "First fill",
  last_fill: "Last fill",
};

/** Where the time between signal and fill goes: a bar for the median, a thin one up to the p95. */
export function Waterfall({ rows }: { rows: readonly StageRow[] }) {
  const steps = waterfall(rows);
  const end = waterfallEnd(steps) || 1;
  const share = (value: number) => `${(100 * value) / end}%`;
  return (
    <table className={styles.waterfall}>
      <caption className="unseen">Time between signal and fill by stage</caption>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col" className={styles.wide}>
            <span className="unseen">Bar</span>
          </th>
          <th scope="col">Median</th>
          <th scope="col">p95</th>
          <th scope="col">n</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step.stage}>
            <th scope="row">{TITLES[step.stage] ?? step.stage}</th>
            <td className={styles.wide}>
              <div className={styles.lane} aria-hidden>
                {step.medianMs === null ? null : (
                  <Fragment>
                    <div
                      className={styles.late}
                      style={{ left: share(step.startMs), width: share(step.p95Ms ?? 0) }}
                    />
                    <div
                      className={styles.median}
                      style={{ left: share(step.startMs), width: share(step.medianMs) }}
                    />
                  </Fragment>
                )}
              </div>
            </td>
            <td>{spanWords(step.medianMs)}</td>
            <td>{spanWords(step.p95Ms)}</td>
            <td>{step.n.toLocaleString("en-US")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
