import type { Shape } from "../api/contract";

export type Order = Shape["OrderRow"];

/** A line of the blotter: an order that was sent whole, or one that was cut into slices. */
export interface Entry {
  readonly id: string;
  /** The order as it is shown; of slices, what they come to together. */
  readonly order: Order;
  /** Its slices in their order; none for an order that was sent whole. */
  readonly slices: readonly Order[];
  /** The orders that protect what it bought or sold, oldest first. */
  readonly stops: readonly Order[];
}

const PROTECTIVE = /#p\d+$/;

/** Return the line that an order stands on: its own, that of its parent, or of what it protects. */
export function lineOf({ order_id, parent_order_id }: Order): string {
  return parent_order_id ?? order_id.replace(PROTECTIVE, "");
}

export function isStop({ order_id }: Order): boolean {
  return PROTECTIVE.test(order_id);
}

const WORKING = new Set(["PENDING", "SUBMITTED", "PARTIALLY_FILLED", "WORKING"]);

/** Return whether an order may still fill. */
export function isWorking(order: Pick<Order, "status">): boolean {
  return WORKING.has(order.status);
}

/**
 * Return the line of an order, of its slices and of what protects it.
 *
 * Where it has no row of its own its slices tell how it stands, and where the list has neither, the
 * newest of its stops stands for it.
 */
export function entryOf(id: string, own: Order | null, below: readonly Order[]): Entry {
  const slices = below.filter((order) => !isStop(order)).sort((a, b) => a.slice - b.slice);
  const stops = below.filter(isStop).sort((a, b) => (a.submitted_at < b.submitted_at ? -1 : 1));
  const last = stops.at(-1);
  if (own !== null) return { id, order: own, slices, stops };
  if (slices.length > 0) return { id, order: together(id, slices), slices, stops };
  if (last === undefined) throw new Error(`${id} has neither a row nor anything below it`);
  return { id, order: last, slices, stops: stops.slice(0, -1) };
}

function together(id: string, slices: readonly Order[]): Order {
  const first = slices[0];
  const last = slices.at(-1);
  if (first === undefined || last === undefined) throw new Error(`${id} has no slices`);
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
    quantity: text(sum(slices.map((one, at) => ordered(one, slices.length - 1 - at)))),
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

/** Return what a slice adds to its order: what it did not fill is in a slice after it. */
function ordered(slice: Order, after: number): number {
  return Number(after === 0 || isWorking(slice) ? slice.quantity : slice.filled_quantity);
}

/** Return where an order stands whose slices are these, of so many that were planned. */
function statusOf(slices: readonly Order[], planned: number): string {
  if (slices.some(isWorking)) return "WORKING";
  const last = slices.at(-1);
  if (last?.status === "FILLED") {
    // The last slice holds all that was left. Before it the next one may come, or be given up: only
    // the engine knows, so neither is said.
    return last.slice >= planned ? "FILLED" : "PARTLY_SENT";
  }
  const filled = slices.some((one) => Number(one.filled_quantity) > 0);
  return filled ? "PARTIALLY_FILLED" : (last?.status ?? "PENDING");
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
