import type { Shape } from "../api/contract";
import { numberOf } from "../lib/costs";

export type Told = Shape["OrderTold"];

/** A moment in which an order, or a slice of it, left or ended. */
export interface Mark {
  readonly at: number;
  readonly text: string;
}

/** What the chart of an order draws; times are seconds since 1970, prices may be missing. */
export interface PriceData {
  readonly times: readonly number[];
  readonly bids: readonly (number | null)[];
  readonly asks: readonly (number | null)[];
  readonly limits: readonly (number | null)[];
  readonly fills: readonly (number | null)[];
  readonly marks: readonly Mark[];
}

type Order = Shape["OrderRow"];

/** Return what is drawn of an order: the best prices as steps, its limit while it worked, its fills. */
export function priceData(told: Told): PriceData {
  const orders = [...(told.order === null ? [] : [told.order]), ...told.children];
  const quotes = [...told.quotes, ...seenQuotes(told)]
    .map((quote) => ({ ...quote, at: secondsOf(quote.ts) }))
    .sort((a, b) => a.at - b.at);
  const fills = told.fills.filter(({ quantity }) => (numberOf(quantity) ?? 0) > 0);
  const fillPrices = new Map(fills.map(({ ts, price }) => [secondsOf(ts), numberOf(price)]));
  const times = [
    ...new Set([
      ...quotes.map(({ at }) => at),
      ...fillPrices.keys(),
      ...orders.flatMap((order) => ends(order)),
    ]),
  ].sort((a, b) => a - b);
  let [bid, ask, next]: [number | null, number | null, number] = [null, null, 0];
  const [bids, asks]: [(number | null)[], (number | null)[]] = [[], []];
  for (const time of times) {
    for (let quote = quotes[next]; quote !== undefined && quote.at <= time; quote = quotes[next]) {
      [bid, ask] = [numberOf(quote.bid), numberOf(quote.ask)];
      next += 1;
    }
    bids.push(bid);
    asks.push(ask);
  }
  return {
    times,
    bids,
    asks,
    limits: times.map((time) => limitAt(orders, time)),
    fills: times.map((time) => fillPrices.get(time) ?? null),
    marks: orders
      .map((order) => ({
        at: secondsOf(order.submitted_at),
        text: order.slice > 0 ? `slice ${order.slice}` : "sent",
      }))
      .sort((a, b) => a.at - b.at),
  };
}

/** The quotes that decisions were made on: known even where the others were not kept, or not yet. */
function seenQuotes(told: Told): { ts: string; bid: string | null; ask: string | null }[] {
  return told.decisions.flatMap(({ market, ts }) =>
    market == null ? [] : [{ ts: market.quote_at ?? ts, bid: market.bid, ask: market.ask }],
  );
}

function ends(order: Order): number[] {
  const begins = secondsOf(order.submitted_at);
  return order.closed_at === null ? [begins] : [begins, secondsOf(order.closed_at)];
}

/** Return the limit of the order that worked at a moment; of several, the one that left last. */
function limitAt(orders: readonly Order[], time: number): number | null {
  const working = orders.filter(
    (order) =>
      order.limit_price !== null &&
      secondsOf(order.submitted_at) <= time &&
      (order.closed_at === null || time <= secondsOf(order.closed_at)),
  );
  const last = working.sort((a, b) => (a.submitted_at < b.submitted_at ? 1 : -1))[0];
  return numberOf(last?.limit_price);
}

function secondsOf(moment: string): number {
  return Date.parse(moment) / 1_000;
}

/** Return the lowest and highest price to show, with room around them. */
export function priceRange({ bids, asks, fills }: PriceData): [number, number] {
  const all = [...bids, ...asks, ...fills].filter((price) => price !== null);
  if (all.length === 0) return [0, 1];
  const low = all.reduce((least, price) => Math.min(least, price));
  const high = all.reduce((most, price) => Math.max(most, price));
  const room = Math.max((high - low) * 0.12, high * 0.0002);
  return [low - room, high + room];
}
