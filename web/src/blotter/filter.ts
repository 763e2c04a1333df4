import type { Order } from "./entries";

/** Which orders the blotter shows; it is all in the address of the page. */
export interface Filter {
  readonly q?: string;
  readonly symbol?: string;
  readonly strategy_name?: string;
  readonly status?: string;
  readonly route?: string;
  readonly side?: string;
  readonly since?: string;
  readonly until?: string;
}

export const FIELDS = [
  "q",
  "symbol",
  "strategy_name",
  "status",
  "route",
  "side",
  "since",
  "until",
] as const;

/** Return the filter that an address holds; what is no text is left out. */
export function filterOf(search: Record<string, unknown>): Filter {
  const found: Record<string, string> = {};
  for (const name of FIELDS) {
    const value = search[name];
    if ((typeof value === "string" || typeof value === "number") && value !== "") {
      found[name] = String(value);
    }
  }
  return found;
}

/** Return whether the server would list an order under this filter. */
export function matches(order: Order, filter: Filter): boolean {
  return (
    same(order.symbol, filter.symbol) &&
    same(order.strategy_name, filter.strategy_name) &&
    same(order.status, filter.status) &&
    same(order.route, filter.route) &&
    same(order.side, filter.side) &&
    !(filter.since !== undefined && order.submitted_at < filter.since) &&
    !(filter.until !== undefined && order.submitted_at >= filter.until) &&
    hasText(order, filter.q)
  );
}

function same(value: string, wanted: string | undefined): boolean {
  return wanted === undefined || value === wanted;
}

function hasText(order: Order, text: string | undefined): boolean {
  if (text === undefined) return true;
  const wanted = text.toLowerCase();
  const places = [
    order.order_id,
    order.signal_id,
    order.strategy_name,
    order.symbol,
    order.route_reason,
    order.reason,
  ];
  return places.some((place) => place.toLowerCase().includes(wanted));
}
