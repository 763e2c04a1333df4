import { describe, expect, test } from "vitest";
import { domainOf, niceStep, placeOf, tickLabel, ticks } from "../../src/charts/scales";

describe("scales", () => {
  test.each([
    [10, 5, 2],
    [9.7, 5, 2],
    [0.3, 5, 0.1],
    [1234, 5, 250],
    [0, 5, 1],
  ])("a span of %d in %d parts has steps of %d", (span, count, step) => {
    expect(niceStep(span, count)).toBeCloseTo(step, 12);
  });

  test("ticks are round numbers within the domain", () => {
    expect(ticks({ low: -0.25, high: 0.31 }, 5)).toEqual([-0.2, 0, 0.2]);
    expect(ticks({ low: 0.05, high: 0.35 }, 3)).toEqual([0.1, 0.2, 0.3]);
  });

  test("a domain holds every number, also where all are the same", () => {
    expect(domainOf([3, null, 10, NaN], 0)).toEqual({ low: 3, high: 10 });
    const one = domainOf([7]);
    expect(one.low).toBeLessThan(7);
    expect(one.high).toBeGreaterThan(7);
    expect(domainOf([])).toEqual({ low: 0, high: 1 });
  });

  test("a number beyond the domain is drawn at its edge", () => {
    expect(placeOf(5, { low: 0, high: 10 })).toBe(0.5);
    expect(placeOf(50, { low: 0, high: 10 })).toBe(1);
    expect(placeOf(-50, { low: 0, high: 10 })).toBe(0);
    expect(placeOf(1, { low: 1, high: 1 })).toBe(0);
  });

  test.each([
    [null, ""],
    [-3, "−3"],
    [0.30000000000000004, "0.3"],
    [12_500, "12.5k"],
    [9_000, "9000"],
    [2_500_000, "2.5M"],
    [-3e9, "−3bn"],
  ])("%s is written %s", (value, text) => {
    expect(tickLabel(value)).toBe(text);
  });
});
