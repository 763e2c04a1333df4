import type { Shape } from "../api/contract";
import { Cost } from "../blotter/columns";
import { numberOf } from "../lib/costs";
import { exactWords } from "../lib/exact";
import { spanWords } from "../lib/spans";
import styles from "./orders.module.css";
import { Fact } from "./Why";

type Parts = Shape["OrderCosts"];
type Quality = Shape["QualityRow"];

const PARTS = [
  ["delay", "the price moved between the decision and the first slice"],
  ["execution", "filling against the price at arrival: spread and impact"],
  ["opportunity", "what was not filled, at the price at the end"],
  ["fees", "commissions and fees"],
] as const;

interface CostsProps {
  readonly costs: Parts | null;
  readonly quality: Quality | undefined;
  readonly isSliced?: boolean;
}

/** What the order cost and where; positive is a cost, for buys and sells alike. */
export function Costs({ costs, quality, isSliced = false }: CostsProps) {
  if (costs === null && quality === undefined) {
    return <p className={styles.soft}>Costs are known when the order has filled.</p>;
  }
  return (
    <div className={styles.costs}>
      {costs === null ? null : <Shortfall costs={costs} />}
      <div className={styles.blocks}>
        <section className={styles.block}>
          <h3>Against prices, bps</h3>
          <dl>
            <Fact name="expected price" value={<Cost bps={quality?.slippage_bps} />} />
            <Fact
              name={isSliced ? "mid at each slice" : "mid at the decision"}
              value={<Cost bps={quality?.mid_slippage_bps} />}
            />
            <Fact name="price of the signal" value={<Cost bps={quality?.arrival_slippage_bps} />} />
            <Fact name="VWAP while it worked" value={<Cost bps={costs?.interval_vwap_bps} />} />
            <Fact name="TWAP while it worked" value={<Cost bps={costs?.interval_twap_bps} />} />
            <Fact name="effective spread" value={<Cost bps={costs?.effective_spread_bps} />} />
            <Fact name="realised spread" value={<Cost bps={costs?.realized_spread_bps} />} />
          </dl>
        </section>
        <section className={styles.block}>
          <h3>After the fills</h3>
          <dl>
            {(costs?.markouts ?? []).map(({ seconds, bps }) => (
              <Fact
                key={seconds}
                name={`after ${spanWords(Number(seconds) * 1_000)}`}
                value={went(bps)}
              />
            ))}
            {costs?.markouts.length ? null : <Fact name="markouts" value="not known" />}
          </dl>
        </section>
        <section className={styles.block}>
          <h3>Time it took</h3>
          <dl>
            <Fact name="signal to first fill" value={time(quality?.first_fill_latency_ms)} />
            <Fact name="signal to last fill" value={time(quality?.fill_latency_ms)} />
            <Fact name="decision to last fill" value={time(quality?.order_latency_ms)} />
          </dl>
        </section>
      </div>
    </div>
  );
}

function Shortfall({ costs }: { costs: Parts }) {
  const most = Math.max(...PARTS.map(([name]) => Math.abs(numberOf(costs[name]) ?? 0)), 1e-9);
  return (
    <table className={styles.shortfall}>
      <caption className="unseen">Implementation shortfall, account currency</caption>
      <tbody>
        {PARTS.map(([name, means]) => {
          const amount = numberOf(costs[name]);
          return (
            <tr key={name}>
              <th scope="row" title={means}>
                {name}
              </th>
              <td>
                <Bar share={(amount ?? 0) / most} />
              </td>
              <td>{amount === null ? "–" : amountWords(costs[name])}</td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">total</th>
          <td>
            <Cost bps={costs.total_bps} />
            {costs.total_bps === null ? null : " bps of the decided value"}
          </td>
          <td>{amountWords(costs.total)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

/** A bar to the right of the middle for a cost, to its left for a gain. */
function Bar({ share }: { share: number }) {
  const width = Math.min(50, Math.abs(share) * 50);
  return (
    <span className={styles.bar} aria-hidden>
      <i
        data-tone={share > 0 ? "cost" : "gain"}
        style={
          share > 0 ? { left: "50%", width: `${width}%` } : { right: "50%", width: `${width}%` }
        }
      />
    </span>
  );
}

/** Return an amount with the word that says which way it goes. */
export function amountWords(amount: string | null): string {
  const number = numberOf(amount);
  if (number === null) return "–";
  const size = exactWords(amount, 2).replace("−", "");
  return number === 0 ? size : `${size} ${number > 0 ? "cost" : "gain"}`;
}

function went(bps: string | null): string {
  const number = numberOf(bps);
  if (number === null) return "not known";
  if (Math.abs(number) < 0.005) return "0.00 bps";
  return `${Math.abs(number).toFixed(2)} bps ${number > 0 ? "our way" : "against us"}`;
}

function time(milliseconds: string | undefined): string {
  return spanWords(numberOf(milliseconds));
}
