import { expect, test } from "vitest";
import { keyWords, placeOfKey } from "../../src/lib/buckets";

test("days lie at their UTC midnight, hours at their number", () => {
  expect(placeOfKey("2026-03-02", "day")).toBe(Date.UTC(2026, 2, 2) / 1_000);
  expect(placeOfKey("2026-03-02T00:00:00Z", "week")).toBe(Date.UTC(2026, 2, 2) / 1_000);
  expect(placeOfKey("09", "hour")).toBe(9);
});

test.each([
  ["12", "day"],
  ["all", "week"],
  ["2026-03-02", "hour"],
] as const)("%s is no %s and is drawn nowhere", (key, by) => {
  expect(placeOfKey(key, by)).toBeNull();
});

test("keys are written as people read them, and those of other kinds are left alone", () => {
  expect(keyWords("2026-03-02", "week")).toBe("week of 2026-03-02");
  expect(keyWords("9", "hour")).toBe("09:00");
  expect(keyWords("urgent", "route")).toBe("urgent");
});
