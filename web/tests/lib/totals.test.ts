import { expect, test } from "vitest";
import { totalsOf } from "../../src/lib/totals";

const group = (key: string, more: object = {}) => ({
  key,
  n: 10,
  notional: 100_000,
  weighted_bps: 5,
  mean_bps: 4,
  mean_latency_ms: 100,
  fees: "0.1",
  shortfall: "0.2",
  ...more,
});

test("costs of groups add up by what was traded, means by orders, money exactly", () => {
  const totals = totalsOf([
    group("urgent"),
    group("passive", { n: 30, notional: 300_000, weighted_bps: -1, mean_bps: 0 }),
  ]);

  expect(totals).toMatchObject({ n: 40, notional: 400_000, cost: 20, meanBps: 1, fees: "0.2" });
  expect(totals.weightedBps).toBeCloseTo(0.5);
  expect(totals.shortfall).toBe("0.4");
  expect(totals.dearest).toEqual({ key: "urgent", cost: 50 });
});

test("nothing measured has no mean, no dearest group and no shortfall", () => {
  expect(totalsOf([])).toMatchObject({ n: 0, meanBps: null, dearest: null, shortfall: null });
  expect(totalsOf([group("a", { notional: null, shortfall: null })])).toMatchObject({
    weightedBps: null,
    shortfall: null,
  });
});
