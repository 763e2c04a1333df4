import { expect, test } from "vitest";
import { limitWords, nearnessOf, worstFirst } from "../../src/lib/limits";

test("the limit that is most used comes first, and one of unknown use last", () => {
  const rows = [
    { name: "b", share: "0.5" },
    { name: "z", share: null },
    { name: "a", share: 1.2 },
    { name: "a2", share: "0.5", scope: "MSFT" },
    { name: "a2", share: "0.5", scope: "AAPL" },
  ];

  expect(worstFirst(rows).map((row) => row.name + (row.scope ?? ""))).toEqual([
    "a",
    "a2AAPL",
    "a2MSFT",
    "b",
    "z",
  ]);
});

test.each([
  ["1", "reached"],
  ["0.8", "near"],
  ["0.79", "calm"],
  [null, "unknown"],
] as const)("a share of %s is %s", (share, nearness) => {
  expect(nearnessOf(share)).toBe(nearness);
});

test("names of settings are shown as words", () => {
  expect(limitWords("risk.max_position_pct")).toBe("max position");
  expect(limitWords("risk.size.max_notional_pct")).toBe("size: max notional");
});
