import { signed } from "../lib/costs";
import type { Bin } from "./bins";
import styles from "./charts.module.css";
import { domainOf, placeOf, tickLabel, ticks } from "./scales";
import { useWidth } from "./width";

const HEIGHT = 214;
const LEFT = 36;
const BOTTOM = 34;
const TOP = 32;
const ZERO_WIDTH = 7;

interface HistogramProps {
  readonly bins: readonly Bin[];
  /** Orders that cost exactly nothing: neither gain nor cost. */
  readonly zeros?: number;
  /** Where a cost becomes an alert. */
  readonly threshold?: number;
  readonly median?: number | null;
  readonly label: string;
}

/** How costs are spread: gains left of zero, costs right of it. */
export function Histogram({ bins, zeros = 0, threshold, median, label }: HistogramProps) {
  const [place, width] = useWidth();
  const first = bins[0];
  const last = bins.at(-1);
  const span = domainOf([0, first?.from ?? -1, last?.to ?? 1], 0);
  const slot = first === undefined ? 0.1 : first.to - first.from;
  const domain = { low: Math.min(span.low, -slot), high: Math.max(span.high, slot) };
  const most = Math.max(zeros, 1, ...bins.map((bin) => bin.count));
  const x = (value: number) => LEFT + placeOf(value, domain) * (width - LEFT - 8);
  const y = (count: number) => HEIGHT - BOTTOM - (count / most) * (HEIGHT - BOTTOM - TOP);
  const beyond = threshold !== undefined && threshold > domain.high;
  return (
    <svg
      className={styles.svg}
      ref={place}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      {ticks({ low: 0, high: most }, 3)
        .filter(Number.isInteger)
        .map((count) => (
          <g key={count}>
            <line x1={LEFT} x2={width - 8} y1={y(count)} y2={y(count)} stroke="var(--line)" />
            <text x={LEFT - 6} y={y(count) + 4} textAnchor="end">
              {tickLabel(count)}
            </text>
          </g>
        ))}
      {bins.map((bin) => (
        <rect
          key={bin.from}
          x={x(bin.from) + 0.75}
          width={Math.max(1, x(bin.to) - x(bin.from) - 1.5)}
          y={y(bin.count)}
          height={HEIGHT - BOTTOM - y(bin.count)}
          fill={bin.from >= 0 ? "var(--cost)" : "var(--gain)"}
          opacity={0.78}
        >
          <title>{binWords(bin)}</title>
        </rect>
      ))}
      {zeros === 0 ? null : (
        <rect
          x={x(0) - ZERO_WIDTH / 2}
          width={ZERO_WIDTH}
          y={y(zeros)}
          height={HEIGHT - BOTTOM - y(zeros)}
          fill="var(--ink-faint)"
        >
          <title>{`${zeros} at exactly the expected price`}</title>
        </rect>
      )}
      {ticks(domain, Math.max(3, Math.round(width / 80))).map((value) => (
        <text key={value} x={x(value)} y={HEIGHT - BOTTOM + 15} textAnchor="middle">
          {tickLabel(value)}
        </text>
      ))}
      <text x={(LEFT + width) / 2} y={HEIGHT - 3} textAnchor="middle">
        ← gain · basis points · cost →
      </text>
      <line x1={x(0)} x2={x(0)} y1={TOP} y2={HEIGHT - BOTTOM} stroke="var(--ink-soft)" />
      {median === null || median === undefined ? null : (
        <Mark
          width={width}
          at={x(median)}
          text={`median ${signed(median)}`}
          colour="var(--ink)"
          lift={14}
        />
      )}
      {threshold === undefined || beyond ? null : (
        <Mark
          width={width}
          at={x(threshold)}
          text={`${threshold} bps alert`}
          colour="var(--warn)"
          dashed
        />
      )}
    </svg>
  );
}

interface MarkProps {
  readonly width: number;
  readonly at: number;
  readonly text: string;
  readonly colour: string;
  readonly dashed?: boolean;
  /** How much higher than another mark the words are. */
  readonly lift?: number;
}

function Mark({ width, at, text, colour, dashed, lift = 0 }: MarkProps) {
  const anchor = at > width - 60 ? "end" : at < LEFT + 60 ? "start" : "middle";
  return (
    <g>
      <line
        x1={at}
        x2={at}
        y1={TOP - 4 - lift}
        y2={HEIGHT - BOTTOM}
        stroke={colour}
        strokeWidth={1.5}
        strokeDasharray={dashed ? "5 4" : undefined}
      />
      <text x={at} y={TOP - 7 - lift} textAnchor={anchor} style={{ fill: colour }}>
        {text}
      </text>
    </g>
  );
}

/** Return what a bin holds, in words. */
export function binWords(bin: Bin): string {
  const orders = bin.count === 1 ? "1 order" : `${bin.count} orders`;
  const beyond = bin.open ? " and beyond" : "";
  return `${orders} from ${signed(bin.from)} to ${signed(bin.to)} bps${beyond}`;
}
