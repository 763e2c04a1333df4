import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CostBook, costsOf, type Measured, PAUSE_MS } from "../src/blotter/costBook";
import { entryOf, newestFirst, type Order } from "../src/blotter/entries";
import { type Filter, filterOf, matches } from "../src/blotter/filter";
import { OrderList } from "../src/blotter/orderList";
import { nextSorting, sortedEntries, sortingOf, sortingText } from "../src/blotter/sorting";
import { orderRow } from "./rows";

function slice(number: number, changes: Partial<Order> = {}): Order {
  return orderRow({
    order_id: `desk/large#${number}`,
    parent_order_id: "desk/large",
    slice: number,
    slices: 3,
    quantity: "100",
    ...changes,
  });
}

const filledAt = (price: string) => ({
  status: "FILLED",
  filled_quantity: "100",
  average_fill_price: price,
});

function told(...orders: Order[]) {
  return orders.map((row) => ({ event: "order", data: { sequence: 1, row } }));
}

async function listOf(pages: Order[][], filter: Filter = {}) {
  const read = vi.fn(async (_: Filter, __: number, after: string) => {
    const at = after === "" ? 0 : Number(after);
    return { rows: pages[at] ?? [], after: at + 1 < pages.length ? String(at + 1) : "" };
  });
  const list = new OrderList(read);
  await list.open(filter);
  return list;
}

test("slices without an order of their own are shown as what they come to together", () => {
  const { order } = entryOf("desk/large", null, [
    slice(1, filledAt("10.00")),
    slice(2, filledAt("10.50")),
  ]);

  expect(order.filled_quantity).toBe("200");
  expect(order.average_fill_price).toBe("10.25");
  expect(order.status).toBe("PARTLY_SENT");
});

test("an order is filled when every planned slice is", () => {
  const slices = [1, 2, 3].map((number) => slice(number, filledAt("10")));

  expect(entryOf("desk/large", null, slices).order.status).toBe("FILLED");
});

test("what a slice did not fill is in a slice after it, and is counted once", () => {
  const { order } = entryOf("desk/large", null, [
    slice(1, { status: "CANCELLED" }),
    slice(2, { ...filledAt("10"), quantity: "200", filled_quantity: "200" }),
    slice(3, filledAt("10")),
  ]);

  expect(order.quantity).toBe("300");
  expect(order.filled_quantity).toBe("300");
  expect(order.status).toBe("FILLED");
});

test("an order whose last slice was cancelled is not filled", () => {
  const { order } = entryOf("desk/large", null, [
    slice(1, filledAt("10")),
    slice(2, { status: "CANCELLED" }),
  ]);

  expect(order.status).toBe("PARTIALLY_FILLED");
});

test("a slice in doubt puts its order in doubt", () => {
  const { order } = entryOf("desk/large", null, [slice(1), slice(2, { certainty: "IN_DOUBT" })]);

  expect(order.certainty).toBe("IN_DOUBT");
});

test("every page is read, newest first", async () => {
  const list = await listOf([
    [orderRow({ order_id: "b", submitted_at: "2026-03-02T15:00:00Z" })],
    [orderRow({ order_id: "a", submitted_at: "2026-03-02T14:00:00Z" })],
  ]);

  expect(list.listed().entries.map(({ id }) => id)).toEqual(["b", "a"]);
  expect(list.listed().state).toBe("ready");
});

test("a new order appears on top without being asked for", async () => {
  const list = await listOf([[orderRow({ order_id: "a" })]]);

  list.take(told(orderRow({ order_id: "b", submitted_at: "2026-03-02T15:00:00Z" })));

  expect(list.listed().entries.map(({ id }) => id)).toEqual(["b", "a"]);
});

test("an update changes its own line and leaves every other one the same object", async () => {
  const list = await listOf([[orderRow({ order_id: "a" }), orderRow({ order_id: "b" })]]);
  const before = new Map(list.listed().entries.map((entry) => [entry.id, entry]));

  list.take(told(orderRow({ order_id: "a", status: "FILLED" })));

  const after = new Map(list.listed().entries.map((entry) => [entry.id, entry]));
  expect(after.get("a")?.order.status).toBe("FILLED");
  expect(after.get("b")).toBe(before.get("b"));
});

test("what happened while the list was read is newer than the page that was asked for", async () => {
  let answer: (page: { rows: Order[]; after: string }) => void = () => undefined;
  const list = new OrderList(() => new Promise((resolve) => (answer = resolve)));
  const reading = list.open({});
  list.take(told(orderRow({ order_id: "a", status: "FILLED" })));

  answer({ rows: [orderRow({ order_id: "a", status: "SUBMITTED" })], after: "" });
  await reading;

  expect(list.listed().entries[0]?.order.status).toBe("FILLED");
});

test("an order that does not match the filter does not appear", async () => {
  const list = await listOf([[]], { symbol: "KO" });

  list.take(told(orderRow({ order_id: "a", symbol: "F" })));

  expect(list.listed().entries).toEqual([]);
});

test("a list that cannot be read says why and keeps nothing half", async () => {
  const list = new OrderList(() => Promise.reject(new Error("the tables are away")));

  await list.open({});

  expect(list.listed().state).toBe("failed");
  expect(list.listed().error?.message).toBe("the tables are away");
});

test("an address holds the filter and nothing else", () => {
  expect(filterOf({ symbol: "KO", q: "", sort: "-time", since: 5 })).toEqual({
    symbol: "KO",
    since: "5",
  });
});

test("text is found in names and reasons, in capitals or not", () => {
  expect(matches(orderRow({ reason: "Spread too wide" }), { q: "SPREAD" })).toBe(true);
  expect(matches(orderRow({}), { q: "nowhere" })).toBe(false);
});

test("a heading sorts down, then up, then newest first again", () => {
  const down = nextSorting(null, "symbol");
  const up = nextSorting(down, "symbol");

  expect(sortingText(down)).toBe("-symbol");
  expect(sortingOf(sortingText(up))).toEqual({ column: "symbol", down: false });
  expect(nextSorting(up, "symbol")).toBeNull();
  expect(sortingOf("nothing")).toBeNull();
});

test("sorting by cost puts the dearest first and what was not measured last", () => {
  const entries = ["a", "b", "c"].map((id) => entryOf(id, orderRow({ order_id: id }), []));
  const costs = new Map([
    ["a", "-1.5"],
    ["b", "12.25"],
  ]);

  const sorted = sortedEntries(entries, { column: "cost", down: true }, costs);

  expect(sorted.map(({ id }) => id)).toEqual(["b", "a", "c"]);
});

test("equals always stand in the same order", () => {
  const [a, b] = ["a", "b"].map((id) => entryOf(id, orderRow({ order_id: id }), []));

  expect(a && b && newestFirst(a, b)).toBe(1);
});

test("an order of slices costs what its slices do, the large ones more", () => {
  const slice = (order_id: string, notional: string, mid_slippage_bps: string) => ({
    order_id,
    parent_order_id: "large",
    notional,
    mid_slippage_bps,
  });

  expect(costsOf([slice("a", "3000", "2"), slice("b", "1000", "6")]).get("large")).toBe("3");
});

test("an order that nobody saw a price for has no cost, not a cost of nothing", () => {
  const blind = { order_id: "a", parent_order_id: "large", notional: "9", mid_slippage_bps: null };

  expect([...costsOf([blind, measured("b", "1.5")])]).toEqual([["b", "1.5"]]);
});

test("a stop stands under the order that it protects, whichever is told first", async () => {
  const stop = orderRow({
    order_id: "a#p1",
    submitted_at: "2026-03-02T14:31:00Z",
    route: "protect",
  });
  const list = await listOf([[stop], [orderRow({ order_id: "a" })]]);

  const [entry, ...others] = list.listed().entries;
  expect(others).toEqual([]);
  expect(entry?.order.order_id).toBe("a");
  expect(entry?.stops.map(({ order_id }) => order_id)).toEqual(["a#p1"]);
});

test("a stop whose order is not in the list stands for itself", async () => {
  const list = await listOf([[orderRow({ order_id: "a#p1" })]]);

  expect(list.listed().entries[0]?.order.order_id).toBe("a#p1");
});

test("a line whose time becomes known moves to its place", async () => {
  const stop = orderRow({ order_id: "a#p1", submitted_at: "2026-03-02T16:00:00Z" });
  const other = orderRow({ order_id: "b", submitted_at: "2026-03-02T15:00:00Z" });
  const list = await listOf([[stop, other], [orderRow({ order_id: "a" })]]);

  expect(list.listed().entries.map(({ id }) => id)).toEqual(["b", "a"]);
});

function measured(order_id: string, mid_slippage_bps: string): Measured {
  return { order_id, parent_order_id: null, notional: "1000", mid_slippage_bps };
}

describe("what orders cost", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function bookOf(all: readonly Measured[]) {
    const of = vi.fn(async (orders: readonly string[]) =>
      all.filter(({ order_id }) => orders.includes(order_id)),
    );
    const page = vi.fn(async (after: string) => ({
      rows: after === "" ? all.slice(0, 1) : all.slice(1),
      after: after === "" ? "more" : "",
    }));
    return { book: new CostBook({ of, page }), of, page };
  }

  test("it is asked once, for what is in sight", async () => {
    const { book, of } = bookOf([measured("a", "1"), measured("old", "9")]);

    book.want(["gone"]);
    book.want(["a", "b"]);
    book.want(["a", "b"]);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    book.want(["a", "old"]);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);

    expect(of.mock.calls.map(([orders]) => orders)).toEqual([["a", "b"], ["old"]]);
    expect(Object.fromEntries(book.costs())).toEqual({ a: "1", old: "9" });
  });

  test("to sort by it all are read, page by page", async () => {
    const { book, page } = bookOf([measured("a", "1"), measured("b", "2")]);

    await book.wantAll();
    await book.wantAll();

    expect(page.mock.calls.map(([after]) => after)).toEqual(["", "more"]);
    expect(book.costs().get("b")).toBe("2");
  });

  test("a measurement that happens is known at once, and a gap forgets all", () => {
    const { book } = bookOf([]);

    book.take([{ event: "quality", data: { sequence: 1, row: measured("a", "4") } }]);
    expect(book.costs().get("a")).toBe("4");
    book.take([{ event: "reset", data: null }]);
    expect(book.costs().size).toBe(0);
  });

  test("what could not be read is asked again", async () => {
    const { book, of } = bookOf([measured("a", "1")]);
    of.mockRejectedValueOnce(new Error("away"));

    book.want(["a"]);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    book.want(["a"]);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);

    expect(book.costs().get("a")).toBe("1");
  });
});
