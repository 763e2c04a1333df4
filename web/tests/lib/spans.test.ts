import { expect, test } from "vitest";
import { agoWords, spanWords } from "../../src/lib/spans";

test.each([
  [0, "0 ms"],
  [0.1234, "0.12 ms"],
  [2.5, "2.5 ms"],
  [250, "250 ms"],
  [999.7, "1.00 s"],
  [1_250, "1.25 s"],
  [10_000, "10 s"],
  [187_190_000, "2 d 3 h"],
  [59_999, "1 min"],
  [240_000, "4 min"],
  [11_100_000, "3 h 5 min"],
  [187_200_000, "2 d 4 h"],
  [null, "–"],
])("%s is %s", (milliseconds, words) => {
  expect(spanWords(milliseconds)).toBe(words);
});

test("a moment is told as time gone or time to come", () => {
  const now = Date.parse("2026-03-02T14:30:00Z");

  expect(agoWords("2026-03-02T14:26:56Z", now)).toBe("3 min 4 s ago");
  expect(agoWords("2026-03-02T16:30:00Z", now)).toBe("in 2 h");
  expect(agoWords("2026-03-02T14:30:00.5Z", now)).toBe("now");
  expect(agoWords(null, now)).toBe("–");
});
