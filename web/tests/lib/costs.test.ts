import { expect, test } from "vitest";
import {
  costWords,
  intervalWords,
  numberOf,
  ordersNeeded,
  signed,
  verdictOf,
  verdictWords,
} from "../../src/lib/costs";

test("a mean without enough orders is never called a cost or a gain", () => {
  const few = { n: 12, enough: false, low: 4, high: 9 };

  expect(verdictOf(few)).toBe("unknown");
  expect(verdictWords(few)).toBe("not enough orders to say (12 orders)");
  expect(verdictWords({ ...few, n: 1 })).toBe("not enough orders to say (1 order)");
});

test.each([
  [1, 4, "cost", "costs money"],
  [-4, -1, "gain", "saves money"],
  [-1, 4, "unclear", "no cost or gain shown"],
  [0, 4, "unclear", "no cost or gain shown"],
] as const)("an interval from %d to %d is %s", (low, high, verdict, words) => {
  expect(verdictOf({ n: 100, enough: true, low, high })).toBe(verdict);
  expect(verdictWords({ n: 100, enough: true, low, high })).toBe(words);
});

test.each([
  [3.3333, "3.33 bps cost"],
  [-1.2, "1.20 bps gain"],
  [-0.001, "0.00 bps"],
])("%d is %s", (bps, words) => {
  expect(costWords(bps)).toBe(words);
});

test("signs are written out, and a rounded zero has none", () => {
  expect(signed(3.3333)).toBe("+3.33");
  expect(signed(-2)).toBe("−2.00");
  expect(signed(-0.004)).toBe("0.00");
  expect(intervalWords(-1, 2.5)).toBe("−1.00 to +2.50 bps");
  expect(intervalWords(null, 2.5)).toBe("–");
});

test("one basis point at a deviation of twenty takes 6,280 orders each", () => {
  expect(ordersNeeded(20, 1)).toBe(6_280);
  expect(ordersNeeded(0, 1)).toBe(0);
});

test("what is no number is null, never zero", () => {
  expect([null, undefined, "", "NaN", "x"].map(numberOf)).toEqual([null, null, null, null, null]);
  expect(numberOf("-3.50")).toBe(-3.5);
});
