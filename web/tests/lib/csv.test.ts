import { expect, test } from "vitest";
import { csvOf } from "../../src/lib/csv";

test("a cell with commas, quotes or line breaks stays one cell", () => {
  expect(csvOf(["a", "b"], [['x,"y"', "line\nbreak"]])).toBe('a,b\r\n"x,""y""","line\nbreak"\r\n');
});

test.each(["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx"])(
  "%s is never run by a spreadsheet",
  (text) => {
    expect(csvOf(["t"], [[text]])).toContain(`'${text}`);
  },
);

test("numbers keep their sign and their digits", () => {
  expect(csvOf(["n"], [["-12.340"], [-5], ["+1"], [null], [undefined], [false]])).toBe(
    "n\r\n-12.340\r\n-5\r\n+1\r\n\r\n\r\nfalse\r\n",
  );
});
