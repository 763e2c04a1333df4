import { read } from "../api/client";
import type { Shape } from "../api/contract";
import type { Happened } from "../api/live";
import { numberOf } from "../lib/costs";
import { rowOf } from "./orderList";

export type Measured = Pick<
  Shape["QualityRow"],
  "order_id" | "parent_order_id" | "notional" | "mid_slippage_bps"
>;
export type Costs = ReadonlyMap<string, string>;

/** Where measurements are read; tests hand in their own. */
export interface Measurements {
  readonly of: (orders: readonly string[], signal: AbortSignal) => Promise<readonly Measured[]>;
  readonly page: (after: string, signal: AbortSignal) => Promise<Page>;
}

type Page = { readonly rows: readonly Measured[]; readonly after: string };

/** Orders of one question at most; the server takes no more. */
export const MOST_ORDERS = 100;
/** How long the same lines are in sight before their costs are asked for ... */
export const PAUSE_MS = 150;
/** ... and how long they may change before they are asked for all the same. */
export const PATIENCE_MS = 1_000;
const PAGE = 1_000;
const MOST_PAGES = 10;

/** What orders cost: asked for the lines that are in sight, then kept by what happens. */
export class CostBook {
  #costs: Costs = new Map();
  #reading = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isWhole = false;
  readonly #rows = new Map<string, Measured>();
  readonly #asked = new Set<string>();
  #waiting: readonly string[] = [];
  #since = 0;
  readonly #listeners = new Set<() => void>();
  readonly #measurements: Measurements;

  constructor(measurements: Measurements = { of: readSome, page: readPage }) {
    this.#measurements = measurements;
  }

  readonly costs = (): Costs => this.#costs;

  readonly subscribe = (told: () => void): (() => void) => {
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  };

  /** Ask what these orders cost once they stay in sight, unless it was asked before. */
  want(orders: readonly string[]): void {
    if (this.#isWhole) return;
    const unknown = orders.filter((order) => !this.#asked.has(order));
    const same = unknown.length === this.#waiting.length && unknown[0] === this.#waiting[0];
    if (this.#timer === undefined) this.#since = Date.now();
    else if (same || Date.now() - this.#since > PATIENCE_MS) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = unknown;
    if (unknown.length > 0) this.#timer = setTimeout(() => void this.#ask(), PAUSE_MS);
  }

  /** Ask what every order cost, newest first: to sort by it, all have to be known. */
  async wantAll(): Promise<void> {
    if (this.#isWhole) return;
    this.#isWhole = true;
    const { signal } = this.#reading;
    let after = "";
    try {
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const page = await this.#measurements.page(after, signal);
        this.#put(page.rows);
        after = page.after;
        if (after === "") return;
      }
    } catch {
      if (!signal.aborted) this.#isWhole = false;
    }
  }

  /** Take what happened into the book. */
  take(batch: readonly Happened[]): void {
    if (batch.some(({ event }) => event === "reset")) this.forget();
    const told = batch.filter(({ event }) => event === "quality").map(({ data }) => rowOf(data));
    if (told.length > 0) this.#put(told.filter(isMeasured));
  }

  /** Begin anew: another account, or a gap in what was heard. */
  forget(): void {
    this.#reading.abort();
    this.#reading = new AbortController();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWhole = false;
    this.#waiting = [];
    this.#rows.clear();
    this.#asked.clear();
    this.#tell();
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    const { signal } = this.#reading;
    const orders = [...new Set(this.#waiting)];
    this.#waiting = [];
    for (const order of orders) this.#asked.add(order);
    for (let at = 0; at < orders.length; at += MOST_ORDERS) {
      const some = orders.slice(at, at + MOST_ORDERS);
      try {
        this.#put(await this.#measurements.of(some, signal));
      } catch {
        if (signal.aborted) return;
        for (const order of some) this.#asked.delete(order);
      }
    }
  }

  #put(rows: readonly Measured[]): void {
    for (const row of rows) this.#rows.set(row.order_id, row);
    if (rows.length > 0) this.#tell();
  }

  #tell(): void {
    this.#costs = costsOf([...this.#rows.values()]);
    for (const told of this.#listeners) told();
  }
}

/**
 * Return costs by order against the mid when it was decided, which says the same of every route: a
 * limit that fills at its limit costs nothing against its expected price.
 *
 * An order of slices that was not measured itself costs what they do, by notional.
 */
export function costsOf(rows: readonly Measured[]): Costs {
  const costs = new Map<string, string>();
  for (const { order_id, mid_slippage_bps } of rows) {
    if (mid_slippage_bps !== null) costs.set(order_id, mid_slippage_bps);
  }
  const sums = new Map<string, { cost: number; notional: number }>();
  for (const { parent_order_id, notional, mid_slippage_bps } of rows) {
    if (parent_order_id === null || costs.has(parent_order_id)) continue;
    if (mid_slippage_bps === null) continue;
    const sum = sums.get(parent_order_id) ?? { cost: 0, notional: 0 };
    const size = Math.abs(numberOf(notional) ?? 0);
    sum.cost += (numberOf(mid_slippage_bps) ?? 0) * size;
    sum.notional += size;
    sums.set(parent_order_id, sum);
  }
  for (const [parent, { cost, notional }] of sums) {
    if (notional > 0) costs.set(parent, String(cost / notional));
  }
  return costs;
}

function isMeasured(data: unknown): data is Measured {
  return (
    typeof data === "object" && data !== null && "mid_slippage_bps" in data && "order_id" in data
  );
}

async function readSome(orders: readonly string[], signal: AbortSignal) {
  const found = await read("/api/v1/trades/quality/costs", { order_id: [...orders] }, signal);
  return found.rows;
}

async function readPage(after: string, signal: AbortSignal): Promise<Page> {
  return read("/api/v1/trades/quality", { limit: PAGE, after }, signal);
}
