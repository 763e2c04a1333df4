import { expect, test } from "vitest";
import { Refused } from "../src/api/errors";

test("a refusal says what the server said", () => {
  const refused = new Refused(409, { error: { code: "ended", message: "the order has ended" } });

  expect(refused.message).toBe("the order has ended");
  expect(refused.code).toBe("ended");
});

test("an answer of another shape is still one clear sentence", () => {
  expect(new Refused(502, "<html>").message).toBe("the server answered 502 without a reason");
});
