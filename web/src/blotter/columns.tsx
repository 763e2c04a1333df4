import type { ReactNode } from "react";
import { costWords, numberOf } from "../lib/costs";
import { exactWords } from "../lib/exact";
import { localWords } from "../panels/Moment";
import styles from "./blotter.module.css";
import { isWorking, type Order } from "./entries";

/** What a column shows of an order, and what it is sorted by. */
export interface BlotterColumn {
  readonly name: string;
  readonly title: string;
  /** What the title means, on hover. */
  readonly hint?: string;
  /** Its width as the grid of the page has it. */
  readonly width: string;
  readonly figures?: boolean;
  readonly show: (order: Order, cost: string | undefined) => ReactNode;
  readonly value: (order: Order, cost: string | undefined) => string | number;
}

const figure = (text: string | null | undefined) => numberOf(text) ?? Number.NEGATIVE_INFINITY;

export const COLUMNS: readonly BlotterColumn[] = [
  {
    name: "time",
    title: "Time",
    width: "138px",
    show: ({ submitted_at }) => <Time at={submitted_at} />,
    value: ({ submitted_at }) => submitted_at,
  },
  {
    name: "symbol",
    title: "Symbol",
    width: "66px",
    show: ({ symbol }) => <strong>{symbol}</strong>,
    value: ({ symbol }) => symbol,
  },
  {
    name: "side",
    title: "Side",
    width: "40px",
    show: ({ side }) => (
      <span className={styles.side} data-side={side}>
        {side}
      </span>
    ),
    value: ({ side }) => side,
  },
  {
    name: "quantity",
    title: "Shares",
    width: "62px",
    figures: true,
    show: ({ quantity }) => exactWords(quantity, 0, 4),
    value: ({ quantity }) => figure(quantity),
  },
  {
    name: "filled",
    title: "Filled",
    width: "86px",
    figures: true,
    show: (order) => <Filled order={order} />,
    value: ({ filled_quantity }) => figure(filled_quantity),
  },
  {
    name: "limit",
    title: "Limit",
    width: "74px",
    figures: true,
    show: ({ limit_price, order_type }) =>
      limit_price === null ? (
        <span className={styles.faint}>{order_type.replaceAll("_", " ").toLowerCase()}</span>
      ) : (
        exactWords(limit_price, 2, 4)
      ),
    value: ({ limit_price }) => figure(limit_price),
  },
  {
    name: "price",
    title: "Avg price",
    width: "74px",
    figures: true,
    show: ({ average_fill_price }) => exactWords(average_fill_price, 2, 4),
    value: ({ average_fill_price }) => figure(average_fill_price),
  },
  {
    name: "cost",
    title: "Cost bps",
    hint: "against the mid when it was decided; by side, so that a cost is a cost for buys and sells",
    width: "88px",
    figures: true,
    show: (_, cost) => <Cost bps={cost} />,
    value: (_, cost) => figure(cost),
  },
  {
    name: "status",
    title: "Status",
    width: "146px",
    show: (order) => <State order={order} />,
    value: ({ status }) => status,
  },
  {
    name: "route",
    title: "Route",
    width: "minmax(58px, 0.4fr)",
    show: ({ route, route_reason }) => <span title={route_reason}>{route}</span>,
    value: ({ route }) => route,
  },
  {
    name: "strategy",
    title: "Strategy",
    width: "minmax(84px, 0.6fr)",
    show: ({ strategy_name }) => strategy_name,
    value: ({ strategy_name }) => strategy_name,
  },
  {
    name: "reason",
    title: "Reason",
    width: "minmax(110px, 2fr)",
    show: ({ reason }) => <span title={reason}>{reason}</span>,
    value: ({ reason }) => reason,
  },
];

export const GRID = `26px ${COLUMNS.map(({ width }) => width).join(" ")}`;

function Time({ at }: { at: string }) {
  const date = new Date(at);
  const utc = `${date.toISOString().replace("T", " ").replace("Z", "")} UTC`;
  return (
    <time dateTime={at} title={utc}>
      {localWords(date)}
    </time>
  );
}

function Filled({ order }: { order: Order }) {
  const filled = numberOf(order.filled_quantity) ?? 0;
  const share = filled / (numberOf(order.quantity) || 1);
  return (
    <>
      {isPartial(order, share) ? (
        <progress className={styles.progress} value={share} max={1} aria-label="filled share" />
      ) : null}
      {filled === 0 ? (
        <span className={styles.faint}>0</span>
      ) : (
        exactWords(order.filled_quantity, 0, 4)
      )}
    </>
  );
}

function isPartial(order: Order, share: number): boolean {
  return share < 1 && (share > 0 || isWorking(order));
}

/** Positive is a cost, for buys and sells alike; the word says so. */
export function Cost({ bps }: { bps: string | null | undefined }) {
  const number = numberOf(bps);
  if (number === null) return <span className={styles.faint}>–</span>;
  const tone = Math.abs(number) < 0.005 ? "none" : number > 0 ? "cost" : "gain";
  return (
    <span className={styles.cost} data-tone={tone} title={costWords(number)}>
      {costWords(number).replace(" bps", "")}
    </span>
  );
}

const TONES: Readonly<Record<string, string>> = {
  FILLED: "good",
  PENDING: "working",
  SUBMITTED: "working",
  PARTIALLY_FILLED: "working",
  WORKING: "working",
  PARTLY_SENT: "working",
  REJECTED: "bad",
  EXPIRED: "bad",
};

/** Where an order stands; doubt and a cancel that is not confirmed are never hidden behind it. */
export function State({ order }: { order: Order }) {
  if (order.certainty === "IN_DOUBT") {
    return (
      <span className={styles.state} data-tone="doubt" title="the broker's answer is not known">
        IN DOUBT
      </span>
    );
  }
  const words = order.status.replaceAll("_", " ").toLowerCase();
  return (
    <span className={styles.state} data-tone={TONES[order.status] ?? "ended"}>
      {order.cancel_requested && isWorking(order) ? "cancel asked" : words}
      {order.slices > 0 && order.slice === 0 ? (
        <span className={styles.faint}> {order.slices} slices</span>
      ) : null}
    </span>
  );
}
