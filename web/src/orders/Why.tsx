import type { ReactNode } from "react";
import type { Shape } from "../api/contract";
import { numberOf } from "../lib/costs";
import { exactWords } from "../lib/exact";
import styles from "./orders.module.css";
import { Precise } from "./Timeline";

type Decision = Shape["DecisionRow"];

/** Why an order was made as it was: the market that was seen, the sizes, the risk and the route. */
export function Why({ decisions }: { decisions: readonly Decision[] }) {
  const oldestFirst = [...decisions].reverse();
  const first = oldestFirst.find(({ stage }) => stage === "SIGNAL") ?? oldestFirst[0];
  if (first === undefined)
    return <p className={styles.soft}>The tables hold no decision for it.</p>;
  const others = oldestFirst.filter((decision) => decision !== first);
  return (
    <div className={styles.why}>
      <Sentence decision={first} />
      <div className={styles.blocks}>
        {first.market == null ? null : <Market market={first.market} decision={first} />}
        <Sizing decision={first} />
        <Risk decision={first} />
      </div>
      {others.length > 0 ? (
        <details className={styles.more}>
          <summary>
            {others.length} later {others.length === 1 ? "decision" : "decisions"}
          </summary>
          <ol>
            {others.map((decision, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the past does not change its order
              <li key={index}>
                <Precise at={decision.ts} /> <Sentence decision={decision} />
              </li>
            ))}
          </ol>
        </details>
      ) : null}
    </div>
  );
}

function Sentence({ decision }: { decision: Decision }) {
  const { stage, outcome, route, route_reason, reason, text } = decision;
  return (
    <p className={styles.sentence}>
      <strong data-outcome={outcome}>
        {stage.toLowerCase()} {outcome.toLowerCase()}
      </strong>
      {route === "" ? null : (
        <>
          {" "}
          by route <strong>{route}</strong>
        </>
      )}
      {route_reason === "" ? "" : `: ${route_reason}`}
      {text || reason ? `; ${text || reason}` : ""}
      {text && reason ? <code> {reason}</code> : null}
    </p>
  );
}

interface MarketProps {
  readonly market: NonNullable<Decision["market"]>;
  readonly decision: Decision;
}

function Market({ market, decision }: MarketProps) {
  return (
    <Block title="The market that it saw">
      <Fact name="bid" value={sized(market.bid, market.bid_size)} />
      <Fact name="ask" value={sized(market.ask, market.ask_size)} />
      <Fact name="spread" value={unit(market.spread_bps, "bps", 2)} />
      <Fact name="age of the quote" value={unit(market.quote_age_ms, "ms", 0)} />
      <Fact name="average daily volume" value={unit(market.adv, "shares", 0)} />
      <Fact name="expected share of the volume" value={percent(decision.participation)} />
    </Block>
  );
}

function Sizing({ decision }: { decision: Decision }) {
  const limits = Object.entries(decision.sizing);
  return (
    <Block title="Its size">
      <Fact name="decided" value={unit(decision.quantity, "shares", 0)} />
      {limits.map(([name, shares]) => (
        <Fact
          key={name}
          name={words(name)}
          value={
            <>
              {exactWords(shares, 0, 4)} shares
              {name === decision.bound ? <em className={styles.bound}> bound it</em> : null}
            </>
          }
        />
      ))}
      {decision.kelly_fraction == null ? null : (
        <Fact name="Kelly fraction" value={percent(decision.kelly_fraction)} />
      )}
      <Fact name="cash of the account" value={exactWords(decision.cash, 2)} />
      <Fact name="reserved by orders" value={exactWords(decision.reserved, 2)} />
      <Fact name="equity" value={exactWords(decision.equity, 2)} />
    </Block>
  );
}

function Risk({ decision }: { decision: Decision }) {
  const reasons = [...decision.risk_reasons, ...decision.flags.map((flag) => words(flag))];
  return (
    <Block title="What risk said">
      <Fact name="verdict" value={decision.risk === "" ? "–" : words(decision.risk)} />
      {decision.order_type === "" ? null : <Fact name="type" value={words(decision.order_type)} />}
      <Price name="limit" price={decision.limit_price} />
      <Price name="stop" price={decision.stop_price} />
      {reasons.length === 0 ? (
        <Fact name="objections" value="none" />
      ) : (
        <div className={styles.reasons}>
          <dt>objections and remarks</dt>
          {reasons.map((reason) => (
            <dd key={reason}>{reason}</dd>
          ))}
        </div>
      )}
    </Block>
  );
}

function Price({ name, price }: { name: string; price: string | null }) {
  return price === null ? null : <Fact name={name} value={exactWords(price, 2, 4)} />;
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.block}>
      <h3>{title}</h3>
      <dl>{children}</dl>
    </section>
  );
}

export function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function sized(price: string | null, size: string): string {
  if (price == null) return "none";
  return `${exactWords(price, 2, 4)} × ${exactWords(size, 0, 0)}`;
}

function unit(value: string | null, name: string, decimals: number): string {
  return numberOf(value) === null ? "–" : `${exactWords(value, 0, decimals)} ${name}`;
}

function percent(share: string | null): string {
  const number = numberOf(share);
  return number === null ? "–" : `${Number((number * 100).toPrecision(3))} %`;
}

function words(name: string): string {
  return name.replaceAll("_", " ").toLowerCase();
}
