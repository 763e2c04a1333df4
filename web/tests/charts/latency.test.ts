import { expect, test } from "vitest";
import { waterfall, waterfallEnd } from "../../src/charts/latency";

test("stages follow the way of the order, each where the medians before it end", () => {
  const steps = waterfall([
    { stage: "fill", n: 3, median_ms: 400, p95_ms: 900 },
    { stage: "signal", n: 3, median_ms: 2, p95_ms: 3 },
    { stage: "route", n: 3, median_ms: 1, p95_ms: 2 },
  ]);

  expect(steps.map((step) => [step.stage, step.startMs])).toEqual([
    ["signal", 0],
    ["route", 2],
    ["fill", 3],
  ]);
  expect(waterfallEnd(steps)).toBe(903);
});

test("a stage that nobody measured takes no time and says that it is not known", () => {
  const steps = waterfall([
    { stage: "acknowledge", n: 0, median_ms: 0, p95_ms: 0 },
    { stage: "odd", n: 1, median_ms: 1, p95_ms: 1 },
  ]);

  expect(steps[0]).toMatchObject({ stage: "acknowledge", medianMs: null, p95Ms: null });
  expect(steps[1]).toMatchObject({ stage: "odd", startMs: 0 });
  expect(waterfallEnd([])).toBe(0);
});
