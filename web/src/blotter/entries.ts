import type { Shape } from "../api/contract";

export type Order = Shape["OrderRow"];

/** A line of the blotter: an order that was sent whole, or one that was cut into slices. */
export interface Entry {
  readonly id: string;
  /** The order as it is shown; of slices, what they come to together. */
  readonly order: Order;
  /** Its slices in their order; none for an order that was sent whole. */
  readonly slices: readonly Order[];
}

const WORKING = new Set(["PENDING", "SUBMITTED", "PARTIALLY_FILLED", "WORKING"]);

/** Return whether an order may still fill. */
export function isWorking(order: Pick<Order, "status">): boolean {
  return WORKING.has(order.status);
}

/** Return the line of an order and its slices; the slices decide where it has no row of its own. */
export function entryOf(id: string, own: Order | null, slices: readonly Order[]): Entry {
  const sorted = [...slices].sort(
    (a, b) => a.slice - b.slice || (a.order_id < b.order_id ? -1 : 1),
  );
  const order = own ?? together(id, sorted);
  return { id, order, slices: sorted };
}

function together(id: string, slices: readonly Order[]): Order {
  const first = slices[0];
  const last = slices.at(-1);
  if (first === undefined || last === undefined)
    throw new Error(`${id} has neither row nor slices`);
  const filled = slices.map((one) => Number(one.filled_quantity));
  const total = sum(filled);
  const paid = sum(
    slices.map((one, at) => Number(one.average_fill_price ?? 0) * (filled[at] ?? 0)),
  );
  return {
    ...first,
    order_id: id,
    parent_order_id: null,
    slice: 0,
    slices: Math.max(first.slices, slices.length),
    quantity: text(sum(slices.map((one) => Number(one.quantity)))),
    filled_quantity: text(total),
    average_fill_price: total > 0 ? text(paid / total) : null,
    commission: text(sum(slices.map((one) => Number(one.commission)))),
    status: statusOf(slices, first.slices),
    closed_at: slices.every((one) => one.closed_at !== null) ? last.closed_at : null,
    reason: last.reason,
    broker_order_id: "",
    certainty: slices.some((one) => one.certainty === "IN_DOUBT") ? "IN_DOUBT" : "CONFIRMED",
    cancel_requested: slices.some((one) => one.cancel_requested && isWorking(one)),
  };
}

/** Return where an order stands whose slices are these, of so many that were planned. */
function statusOf(slices: readonly Order[], planned: number): string {
  if (slices.some(isWorking)) return "WORKING";
  const filled = slices.filter((one) => one.status === "FILLED").length;
  if (filled >= planned) return "FILLED";
  const ended = slices.find((one) => one.status !== "FILLED");
  // The next slice may come, or be given up: only the engine knows, so neither is said.
  if (ended === undefined) return "PARTLY_SENT";
  return filled > 0 ? "PARTIALLY_FILLED" : ended.status;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Return a number as the wire would write it, without the noise of floating point. */
function text(number: number): string {
  return String(Number(number.toFixed(8)));
}

/** Where a line stands for sorting: newest first, and among equals always in the same order. */
export function newestFirst(a: Entry, b: Entry): number {
  if (a.order.submitted_at !== b.order.submitted_at) {
    return a.order.submitted_at < b.order.submitted_at ? 1 : -1;
  }
  return a.id < b.id ? 1 : -1;
}
