import { expect, test } from "vitest";
import { modeWords } from "../src/lib/modes";

test("a mode that nobody knows is never taken for a harmless one", () => {
  expect(modeWords("SOMETHING").means).toBe("nobody says whether orders are real");
  expect(modeWords(undefined).word).toBe("UNKNOWN");
});

test("live says that the money is real", () => {
  expect(modeWords("LIVE").means).toContain("real money");
});
