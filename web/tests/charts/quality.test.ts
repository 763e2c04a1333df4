import { expect, test } from "vitest";
import { momentsWords } from "../../src/charts/axes";
import { latencyRange, qualitySeries, qualityWords, slippageRange } from "../../src/charts/quality";

const row = (key: string, more: object = {}) => ({
  key,
  n: 40,
  notional: 1,
  weighted_bps: 2,
  mean_bps: 3,
  median_bps: 3,
  p95_bps: 9,
  low_bps: 1,
  high_bps: 5,
  enough: true,
  mean_latency_ms: 250,
  p95_latency_ms: 900,
  fees: "0",
  shortfall: null,
  days: 1,
  ...more,
});

test("points follow time, whatever the order they come in", () => {
  const series = qualitySeries([row("2026-03-03"), row("2026-03-02", { mean_bps: 7 })], "day");

  expect(series.rows.map((one) => one.key)).toEqual(["2026-03-02", "2026-03-03"]);
  expect(series.slippage[0]).toEqual([7, 3]);
});

test("a point that stands on too few orders is never filled", () => {
  const series = qualitySeries([row("14"), row("15", { enough: false })], "hour");

  expect(series.slippage[4]).toEqual([3, null]);
});

test("nothing measured is a gap, and a latency of nothing has a place on a logarithmic scale", () => {
  const series = qualitySeries([row("14", { n: 0 }), row("15", { mean_latency_ms: 0 })], "hour");

  expect(series.slippage[0]).toEqual([null, 3]);
  expect(series.latency[0]).toEqual([null, 1]);
});

test("both alerts are always within what is drawn", () => {
  for (const [low, high] of [
    [null, null],
    [-40, -3],
    [1, 2],
    [5, 90],
  ] as const) {
    const [bottom, top] = slippageRange(low, high);
    expect(bottom).toBeLessThan(Math.min(0, low ?? 0) + 1e-9);
    expect(top).toBeGreaterThan(Math.max(10, high ?? 0));
  }
  const [least, most] = latencyRange(0.2, 60);
  expect(least).toBeLessThanOrEqual(1);
  expect(most).toBeGreaterThan(5_000);
});

test("what crosses an alert is said to those who do not see it", () => {
  const words = qualityWords([row("a", { mean_bps: 11, mean_latency_ms: 5_001 }), row("b")], "day");

  expect(words).toContain("1 above 10 basis points, 1 above 5 seconds");
});

test("an axis of time says the day where it begins, and the year where it turns", () => {
  const day = 86_400;
  const at = (...parts: [number, number, number, number?]) => new Date(...parts);

  expect(momentsWords([at(2025, 11, 31), at(2026, 0, 1)], day)).toEqual(["31 Dec", "1 Jan 2026"]);
  expect(momentsWords([at(2026, 2, 2, 22), at(2026, 2, 2, 23), at(2026, 2, 3, 0)], 3_600)).toEqual([
    "2 Mar 22:00",
    "23:00",
    "3 Mar 00:00",
  ]);
});
