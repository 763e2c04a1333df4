import { intervalWords, type Measured, verdictOf } from "../lib/costs";
import styles from "./charts.module.css";
import { type Domain, placeOf } from "./scales";

const WIDTH = 160;
const HEIGHT = 18;
const MARGIN = 6;

interface RangeProps extends Measured {
  readonly mean: number;
  /** The same for every row, so that rows can be compared. */
  readonly domain: Domain;
  /** Of markouts, where positive went our way; of costs negative is good. */
  readonly positiveIsGood?: boolean;
}

/** A mean with its 95 % interval against zero; a faint dot alone where there are too few orders. */
export function Range({ mean, low, high, n, enough, domain, positiveIsGood = false }: RangeProps) {
  const x = (value: number) => MARGIN + placeOf(value, domain) * (WIDTH - 2 * MARGIN);
  const verdict = verdictOf({ n, enough, low, high });
  const colour = (positiveIsGood ? TURNED : COLOURS)[verdict];
  const middle = HEIGHT / 2;
  const words = `mean ${mean.toFixed(2)} bps, 95 % interval ${intervalWords(low, high)}`;
  return (
    <svg className={styles.range} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
      <title>{words}</title>
      <line x1={x(0)} x2={x(0)} y1={1} y2={HEIGHT - 1} stroke="var(--line-strong)" />
      {low === null || high === null ? null : (
        <g stroke={colour} strokeWidth={2} opacity={enough ? 1 : 0.5}>
          <line x1={x(low)} x2={x(high)} y1={middle} y2={middle} />
          {low < domain.low ? null : (
            <line x1={x(low)} x2={x(low)} y1={middle - 4} y2={middle + 4} />
          )}
          {high > domain.high ? null : (
            <line x1={x(high)} x2={x(high)} y1={middle - 4} y2={middle + 4} />
          )}
        </g>
      )}
      <circle cx={x(mean)} cy={middle} r={3.5} fill={colour} opacity={enough ? 1 : 0.5} />
    </svg>
  );
}

const COLOURS = {
  cost: "var(--cost)",
  gain: "var(--gain)",
  unclear: "var(--ink-soft)",
  unknown: "var(--ink-faint)",
} as const;

const TURNED = { ...COLOURS, cost: COLOURS.gain, gain: COLOURS.cost } as const;
