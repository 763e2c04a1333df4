import { expect, test } from "vitest";
import { silence } from "../../src/app/Banners";
import { deskNow } from "../../src/lib/deskNow";

const AT = "2026-03-02T15:00:00Z";
const RECORDED = "2013-10-07T14:00:00Z";

function told(mode: string) {
  return { at: AT, status: { mode, at: RECORDED } } as never;
}

test("a recording has its own time", () => {
  expect(deskNow(told("REPLAY"), 500)).toBe(Date.parse(RECORDED) + 500);
});

test("everywhere else it is the server's, however old the engine's word is", () => {
  expect(deskNow(told("LIVE"), 500)).toBe(Date.parse(AT) + 500);
  expect(deskNow({ at: AT, status: null }, -3)).toBe(Date.parse(AT));
});

test("before the first word nobody says for how long nothing was heard", () => {
  expect(silence(null, 1_795_424_000_000)).toBe("since it was opened");
  expect(silence(1_000, 31_400)).toBe("for 30 s");
  expect(silence(0, 600_000)).toBe("for 10 min");
});
