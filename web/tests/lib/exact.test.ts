import { expect, test } from "vitest";
import { differenceOf, exactWords, signOf, sumOf } from "../../src/lib/exact";

test("sums are exact where floats are not", () => {
  expect(sumOf(["0.1", "0.2"])).toBe("0.3");
  expect(sumOf(["123456789012345678.01", "-0.01", null, "x"])).toBe("123456789012345678.00");
  expect(sumOf([])).toBe("0");
});

test("a difference with something unknown is not known", () => {
  expect(differenceOf("100", "99.5")).toBe("0.5");
  expect(differenceOf("1", "1.0")).toBe("0.0");
  expect(differenceOf("-3", null)).toBeNull();
});

test.each([
  ["1234567.5", 2, 2, "1,234,567.50"],
  ["-0.004", 2, 2, "0.00"],
  ["-1234.5", 2, 4, "−1,234.50"],
  ["0.125", 2, 2, "0.12"],
  ["0.135", 2, 2, "0.14"],
  ["0.12345678", 2, 4, "0.1235"],
  ["100", 0, 6, "100"],
  ["1E+3", 2, 2, "1,000.00"],
  ["1.5E-3", 2, 4, "0.0015"],
  [null, 2, 2, "–"],
  ["NaN", 2, 2, "–"],
] as const)("%s with %d to %d decimals is %s", (value, least, most, words) => {
  expect(exactWords(value, least, most)).toBe(words);
});

test("the sign of a tiny amount is kept", () => {
  expect(signOf("-0.0000000000000000000001")).toBe(-1);
  expect(signOf("0.000")).toBe(0);
  expect(signOf("")).toBeNull();
});
