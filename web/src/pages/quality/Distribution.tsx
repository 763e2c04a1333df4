import { useMemo } from "react";
import { binsOf, quantile } from "../../charts/bins";
import charts from "../../charts/charts.module.css";
import { Histogram } from "../../charts/Histogram";
import { SLIPPAGE_LIMIT_BPS, signed } from "../../lib/costs";
import { BENCHMARKS, type Benchmark, benchmarkOf, bpsOf, sentOnly } from "../../lib/measured";
import { Panel, type Reading } from "../../panels/Panel";
import type { Listing, QualityRow } from "../../panels/rows";

interface DistributionProps {
  readonly read: Reading<Listing<QualityRow>>;
  readonly measure: string;
}

/** How slippage is spread over the orders that went to the broker. */
export function Distribution({ read, measure }: DistributionProps) {
  const against = benchmarkOf(measure);
  return (
    <Panel
      title="Slippage distribution"
      note={BENCHMARKS[against]}
      read={read}
      empty={(data) => (data.rows.length ? null : "No order has been measured in this time.")}
      explain={
        <>
          <p>
            Each order that went to the broker is counted once, in basis points{" "}
            {BENCHMARKS[against]}. Left of zero it gained, right of zero it cost; grey is exactly
            the expected price. Slices count, the parents cut into them do not.
          </p>
          <p>A long tail on the right is what risk limits and price collars are for.</p>
        </>
      }
      foot={read.data?.after ? "The newest 1,000 measurements." : undefined}
    >
      {(data) => <Spread rows={data.rows} against={against} />}
    </Panel>
  );
}

interface SpreadProps {
  readonly rows: readonly QualityRow[];
  readonly against: Benchmark;
}

function Spread({ rows, against }: SpreadProps) {
  const { costs, bins } = useMemo(() => {
    const costs = sentOnly(rows)
      .map((row) => bpsOf(row, against))
      .filter((value): value is number => value !== null)
      .sort((a, b) => a - b);
    return { costs, bins: binsOf(costs.filter((value) => value !== 0)) };
  }, [rows, against]);
  const median = quantile(costs, 0.5);
  const above = costs.filter((value) => value > SLIPPAGE_LIMIT_BPS).length;
  const words =
    `${costs.length.toLocaleString("en-US")} orders and slices, median ${signed(median)} bps, ` +
    `p5 ${signed(quantile(costs, 0.05))}, p95 ${signed(quantile(costs, 0.95))}, ` +
    `${above} above ${SLIPPAGE_LIMIT_BPS} bps`;
  return (
    <>
      <div className={charts.readout}>{words}</div>
      <Histogram
        bins={bins}
        zeros={costs.filter((value) => value === 0).length}
        median={median}
        threshold={SLIPPAGE_LIMIT_BPS}
        label={`Distribution of slippage: ${words}`}
      />
    </>
  );
}
