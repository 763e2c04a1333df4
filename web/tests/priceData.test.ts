import { expect, test } from "vitest";
import { priceData, priceRange, type Told } from "../src/orders/priceData";
import { sinceWords } from "../src/orders/Timeline";
import { orderRow } from "./rows";

const at = (second: number) => `2026-03-02T14:30:${String(second).padStart(2, "0")}Z`;

function told(changes: Partial<Told>): Told {
  return {
    order: orderRow({ submitted_at: at(10), closed_at: at(20), limit_price: "60.10" }),
    children: [],
    fills: [],
    decisions: [],
    signal: null,
    quality: [],
    events: [],
    schedule: [],
    quotes: [],
    costs: null,
    ...changes,
  };
}

const fill = (second: number, price: string, quantity = "100") =>
  ({ ts: at(second), price, quantity }) as Told["fills"][number];

test("between two quotes the older one holds", () => {
  const data = priceData(
    told({
      quotes: [
        { ts: at(5), bid: "60.00", ask: "60.02" },
        { ts: at(15), bid: "60.04", ask: "60.06" },
      ],
    }),
  );

  expect(data.times.map((time) => time % 60)).toEqual([5, 10, 15, 20]);
  expect(data.bids).toEqual([60, 60, 60.04, 60.04]);
});

test("the quote of a decision is drawn where the kept ones begin later", () => {
  const market = { bid: "60.00", ask: "60.02", quote_at: at(9) };
  const decision = { ts: at(10), market } as Told["decisions"][number];

  const data = priceData(
    told({ decisions: [decision], quotes: [{ ts: at(15), bid: "60.04", ask: "60.06" }] }),
  );

  expect(data.times.map((time) => time % 60)).toEqual([9, 10, 15, 20]);
  expect(data.bids).toEqual([60, 60, 60.04, 60.04]);
});

test("the limit is drawn while the order works and not after", () => {
  const data = priceData(told({ quotes: [{ ts: at(30), bid: "1", ask: "2" }] }));

  expect(data.limits).toEqual([60.1, 60.1, null]);
});

test("a fill stands at its own moment, and a busted one nowhere", () => {
  const data = priceData(told({ fills: [fill(12, "60.05"), fill(13, "60.06", "0")] }));

  expect(data.fills.filter((price) => price !== null)).toEqual([60.05]);
});

test("every fill and quote is within the range that is shown", () => {
  const data = priceData(
    told({ quotes: [{ ts: at(5), bid: "60.00", ask: "60.02" }], fills: [fill(12, "61.00")] }),
  );
  const [low, high] = priceRange(data);

  expect(low).toBeLessThan(60);
  expect(high).toBeGreaterThan(61);
});

test("without kept quotes the one that was decided on is shown", () => {
  const market = { quote_at: at(9), bid: "60.00", ask: "60.02" };
  const decision = { ts: at(10), market } as Told["decisions"][number];
  const data = priceData(told({ decisions: [decision] }));

  expect(data.bids[0]).toBe(60);
});

test("an order of which nothing is known draws nothing and breaks nothing", () => {
  const data = priceData(told({ order: null }));

  expect(data.times).toEqual([]);
  expect(priceRange(data)).toEqual([0, 1]);
});

test("how long after the beginning something happened is said in the unit that fits", () => {
  expect([0, 12, 1_250, 180_000].map(sinceWords)).toEqual(["", "+12 ms", "+1.3 s", "+3 min"]);
});
