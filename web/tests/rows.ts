import type { Order } from "../src/blotter/entries";

/** An order like any other, with what a test says of it. */
export function orderRow(changes: Partial<Order>): Order {
  return {
    order_id: "trend/1",
    parent_order_id: null,
    signal_id: "1",
    strategy_name: "trend",
    symbol: "KO",
    side: "BUY",
    quantity: "100",
    order_type: "LIMIT",
    limit_price: "60.10",
    stop_price: null,
    status: "SUBMITTED",
    filled_quantity: "0",
    average_fill_price: null,
    commission: "0",
    route: "default",
    route_reason: "spread 2.1 bps",
    slice: 0,
    slices: 0,
    submitted_at: "2026-03-02T14:30:00Z",
    acknowledged_at: null,
    closed_at: null,
    reason: "",
    broker_order_id: "1",
    certainty: "CONFIRMED",
    cancel_requested: false,
    ...changes,
  };
}
