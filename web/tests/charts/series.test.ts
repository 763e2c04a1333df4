import { describe, expect, test } from "vitest";
import { aligned, deepest, drawdown, thinned } from "../../src/charts/series";

const line = (values: (number | null)[]) => values.map((value, at) => ({ at, value }));

describe("series", () => {
  test("thinning never loses the worst point", () => {
    const points = line(
      Array.from({ length: 10_000 }, (_, at) =>
        at === 7_777 ? 99 : at === 3_333 ? -99 : Math.sin(at),
      ),
    );

    const few = thinned(points, 400);

    expect(few.length).toBeLessThanOrEqual(500);
    expect(few.some((point) => point.value === 99)).toBe(true);
    expect(few.some((point) => point.value === -99)).toBe(true);
    expect(few[0]?.at).toBe(0);
    expect(few.at(-1)?.at).toBe(9_999);
    expect(few.map((point) => point.at)).toEqual(
      [...few.map((point) => point.at)].sort((a, b) => a - b),
    );
  });

  test("thinning keeps gaps and leaves short series alone", () => {
    const points = line(Array.from({ length: 1_000 }, (_, at) => (at === 500 ? null : 1)));

    expect(thinned(points, 100).some((point) => point.value === null)).toBe(true);
    expect(thinned(line([1, 2, 3]), 100)).toEqual(line([1, 2, 3]));
  });

  test("a drawdown is measured from the highest equity before it", () => {
    const down = drawdown(line([100, 110, 99, null, 121, 60.5]));

    expect(down.map((point) => point.value)).toEqual([0, 0, expect.closeTo(-0.1), null, 0, -0.5]);
    expect(deepest(down)).toEqual({ at: 5, value: -0.5 });
    expect(deepest([])).toBeNull();
  });

  test("series with different times share one axis, with gaps", () => {
    const { times, values } = aligned([
      [
        { at: 1, value: 10 },
        { at: 3, value: 30 },
      ],
      [{ at: 2, value: 5 }],
    ]);

    expect(times).toEqual([1, 2, 3]);
    expect(values).toEqual([
      [10, null, 30],
      [null, 5, null],
    ]);
  });
});
