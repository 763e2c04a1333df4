import { describe, expect, test } from "vitest";
import type { Shape } from "../../src/api/contract";
import { sentOnly, wholeOf, worstOf } from "../../src/lib/measured";

type Row = Shape["QualityRow"];

function slice(number: number, changes: Partial<Row> = {}): Row {
  return {
    order_id: `a#${number}`,
    parent_order_id: "a",
    symbol: "IBM",
    side: "BUY",
    route: "twap",
    strategy_name: "desk",
    quantity: "100",
    notional: "20000",
    filled_price: "200",
    expected_price: "200.10",
    signal_price: null,
    decision_mid: "199.98",
    slippage_bps: "-5",
    arrival_slippage_bps: null,
    mid_slippage_bps: "1",
    fill_latency_ms: "30000",
    first_fill_latency_ms: "30000",
    order_latency_ms: "0.4",
    signal_at: "2026-03-02T14:30:00Z",
    decided_at: "2026-03-02T14:30:00Z",
    filled_at: "2026-03-02T14:30:30Z",
    ...changes,
  };
}

const LAST = slice(2, {
  quantity: "300",
  notional: "60600",
  filled_price: "202",
  expected_price: "202.10",
  decision_mid: "201.98",
  mid_slippage_bps: "5",
  fill_latency_ms: "240001",
  first_fill_latency_ms: "240001",
  decided_at: "2026-03-02T14:34:00Z",
  filled_at: "2026-03-02T14:34:00.001Z",
});

describe("an order in slices", () => {
  const whole = wholeOf("a", [LAST, slice(1)]);

  test("costs what its slices cost, the large ones more, whichever was told first", () => {
    expect(Number(whole?.mid_slippage_bps)).toBeCloseTo(4.007, 3);
    expect(whole?.slippage_bps).toBe("-5");
    expect(whole?.filled_price).toBe("201.5");
    expect(whole?.quantity).toBe("400");
  });

  test("took from its first fill to its last", () => {
    expect(whole?.first_fill_latency_ms).toBe("30000");
    expect(whole?.fill_latency_ms).toBe("240001");
    expect(whole?.order_latency_ms).toBe("240001");
  });

  test("is not measured against what one of its slices was not", () => {
    const half = wholeOf("a", [slice(1), slice(2, { mid_slippage_bps: null })]);

    expect(half?.mid_slippage_bps).toBeNull();
    expect(half?.slippage_bps).toBe("-5");
  });
});

test("an order that was measured itself is not put together", () => {
  const own = slice(0, { order_id: "a", parent_order_id: null, mid_slippage_bps: "7" });

  expect(wholeOf("a", [slice(1), own])?.mid_slippage_bps).toBe("7");
  expect(sentOnly([slice(1), own]).map(({ order_id }) => order_id)).toEqual(["a#1"]);
});

test("nothing is known of an order that was not measured", () => {
  expect(wholeOf("b", [slice(1)])).toBeUndefined();
});

test("the worst orders have those in slices among them, each once", () => {
  const single = slice(0, { order_id: "b", parent_order_id: null, mid_slippage_bps: "3" });
  const gain = slice(0, { order_id: "c", parent_order_id: null, mid_slippage_bps: "-3" });

  const worst = worstOf([single, slice(1), gain, LAST], "mid", 20);

  expect(worst.map(({ order_id }) => order_id)).toEqual(["a", "b"]);
});
