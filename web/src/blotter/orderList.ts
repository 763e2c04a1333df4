import { read } from "../api/client";
import type { Happened } from "../api/live";
import { type Entry, entryOf, lineOf, newestFirst, type Order } from "./entries";
import { type Filter, matches } from "./filter";

/** What is known of a list while it is read. */
export interface Listed {
  readonly entries: readonly Entry[];
  readonly state: "reading" | "ready" | "failed";
  readonly error: Error | null;
  /** Whether older orders exist that are not shown. */
  readonly cut: boolean;
}

export const MOST_ROWS = 10_000;
const FIRST_PAGE = 200;
const PAGE = 1_000;
const EMPTY: Listed = { entries: [], state: "reading", error: null, cut: false };

type Page = { rows: readonly Order[]; after: string };
type Reader = (filter: Filter, limit: number, after: string, signal: AbortSignal) => Promise<Page>;

/**
 * The orders that match a filter, as they stand: read page by page, then kept by what happens.
 *
 * Readers see a new list only when something changed, and a line that did not change stays the
 * very same object, so that only changed lines are drawn again.
 */
export class OrderList {
  #listed: Listed = EMPTY;
  #filter: Filter = {};
  #reading = new AbortController();
  readonly #own = new Map<string, Order>();
  readonly #below = new Map<string, Map<string, Order>>();
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  readonly #read: Reader;

  constructor(reader: Reader = readPage) {
    this.#read = reader;
  }

  readonly listed = (): Listed => this.#listed;

  readonly subscribe = (told: () => void): (() => void) => {
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  };

  /** Read the list anew under a filter. */
  async open(filter: Filter): Promise<void> {
    this.close();
    this.#filter = filter;
    this.#reading = new AbortController();
    for (const map of [this.#own, this.#below, this.#entries]) map.clear();
    this.#tell(EMPTY);
    await this.#readAll(this.#reading.signal);
  }

  close(): void {
    this.#reading.abort();
  }

  /** Take what happened into the list. */
  take(batch: readonly Happened[]): void {
    if (batch.some(({ event }) => event === "reset")) {
      void this.open(this.#filter);
      return;
    }
    const told = batch.filter(({ event }) => event === "order").map(({ data }) => rowOf(data));
    const orders = new Map(told.filter(isOrder).map((order) => [order.order_id, order]));
    this.#put([...orders.values()].filter((order) => this.#belongs(order)));
  }

  /** An order belongs here when it matches, and for as long as its line is shown. */
  #belongs(order: Order): boolean {
    return matches(order, this.#filter) || this.#entries.has(lineOf(order));
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    let after = "";
    let rows = 0;
    try {
      do {
        const page = await this.#read(this.#filter, rows === 0 ? FIRST_PAGE : PAGE, after, signal);
        if (signal.aborted) return;
        // What happened since is newer than a page that was asked for before.
        this.#put(page.rows.filter((order) => !this.#knows(order)));
        rows += page.rows.length;
        after = page.after;
      } while (after !== "" && rows < MOST_ROWS);
      this.#tell({ ...this.#listed, state: "ready", error: null, cut: after !== "" });
    } catch (error) {
      if (signal.aborted) return;
      this.#tell({ ...this.#listed, state: "failed", error: error as Error });
    }
  }

  #knows(order: Order): boolean {
    const line = lineOf(order);
    return line === order.order_id
      ? this.#own.has(line)
      : this.#below.get(line)?.has(order.order_id) === true;
  }

  #put(orders: readonly Order[]): void {
    if (orders.length === 0) return;
    const touched = new Set(orders.map((order) => this.#keep(order)));
    const fresh: Entry[] = [];
    let [changed, moved] = [false, false];
    for (const id of touched) {
      const entry = entryOf(id, this.#own.get(id) ?? null, [
        ...(this.#below.get(id)?.values() ?? []),
      ]);
      const before = this.#entries.get(id);
      if (before === undefined) fresh.push(entry);
      else {
        changed = true;
        moved ||= before.order.submitted_at !== entry.order.submitted_at;
      }
      this.#entries.set(id, entry);
    }
    const known = changed ? this.#listed.entries.map(this.#newest) : this.#listed.entries;
    const kept = moved ? [...known].sort(newestFirst) : known;
    const entries = fresh.length === 0 ? kept : merged(fresh.sort(newestFirst), kept);
    this.#tell({ ...this.#listed, entries });
  }

  readonly #newest = (entry: Entry): Entry => this.#entries.get(entry.id) ?? entry;

  #keep(order: Order): string {
    const line = lineOf(order);
    if (line === order.order_id) {
      this.#own.set(line, order);
      return line;
    }
    const below = this.#below.get(line) ?? new Map<string, Order>();
    below.set(order.order_id, order);
    this.#below.set(line, below);
    return line;
  }

  #tell(listed: Listed): void {
    this.#listed = listed;
    for (const told of this.#listeners) told();
  }
}

/** Put two sorted lists together. */
function merged(fresh: readonly Entry[], kept: readonly Entry[]): Entry[] {
  const all: Entry[] = [];
  let [left, right] = [0, 0];
  while (left < fresh.length || right < kept.length) {
    const [a, b] = [fresh[left], kept[right]];
    if (a !== undefined && (b === undefined || newestFirst(a, b) < 0)) {
      all.push(a);
      left += 1;
    } else if (b !== undefined) {
      all.push(b);
      right += 1;
    }
  }
  return all;
}

function isOrder(data: unknown): data is Order {
  return typeof data === "object" && data !== null && "order_id" in data && "submitted_at" in data;
}

/** Return the row that an event carries. */
export function rowOf(data: unknown): unknown {
  return typeof data === "object" && data !== null && "row" in data ? data.row : data;
}

async function readPage(
  filter: Filter,
  limit: number,
  after: string,
  signal: AbortSignal,
): Promise<Page> {
  return read("/api/v1/trades/orders", { ...filter, limit, after } as never, signal);
}
