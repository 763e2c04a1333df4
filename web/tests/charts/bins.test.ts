import { describe, expect, test } from "vitest";
import { binsOf, quantile } from "../../src/charts/bins";

const random = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
};

describe("bins", () => {
  test("every order is in exactly one bin", () => {
    for (let seed = 1; seed < 60; seed += 1) {
      const next = random(seed);
      const values = Array.from(
        { length: 1 + Math.floor(next() * 400) },
        () => (next() - 0.4) ** 3 * 500,
      );

      const bins = binsOf(values);

      expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(values.length);
      expect(bins.length).toBeLessThanOrEqual(43);
    }
  });

  test("no bin mixes costs and gains", () => {
    for (const bin of binsOf([-7, -3, -1, -0.5, 0.5, 1, 2, 3, 9, 14])) {
      expect(bin.from < 0 && bin.to > 0).toBe(false);
    }
  });

  test("what lies far out is counted in the last bin, which says so", () => {
    const bins = binsOf([...Array.from({ length: 500 }, (_, index) => index % 10), 4_000]);

    expect(bins.at(-1)?.open).toBe(true);
    expect(bins.at(-1)?.to).toBeLessThan(100);
  });

  test("a single order, or many of the same cost, make one bin", () => {
    expect(binsOf([3.33])).toMatchObject([{ count: 1, open: false }]);
    expect(binsOf([0, 0, 0])).toMatchObject([{ count: 3, open: false }]);
    expect(binsOf([])).toEqual([]);
    expect(binsOf([NaN])).toEqual([]);
  });

  test("quantiles are linear between neighbours", () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([10], 0.95)).toBe(10);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
