/** How equity and its drawdown are drawn. */

import { axis, type Point, pointing, shared, timeAxis } from "./axes";
import type { Colours, PlotOptions } from "./Plot";
import { tickLabel } from "./scales";

const SYNC = "equity";
const LEAST_WIDTH = 48;
const DIGIT_WIDTH = 7;

/** Return the options of the equity curve. */
export function equityOptions(colour: Colours, width: number, point: Point): PlotOptions {
  const accent = colour("accent");
  return {
    ...shared(colour, SYNC),
    scales: { x: { time: true }, y: {} },
    axes: [
      // The time is written once, under the drawdown.
      { ...timeAxis(colour), size: 10, values: () => [] },
      { ...axis(colour), size: width, values: (_chart, values) => values.map(equityTick) },
    ],
    series: [
      {},
      {
        stroke: accent,
        width: 1.75,
        points: { show: false },
        fill: `color-mix(in srgb, ${accent} 10%, transparent)`,
      },
    ],
    hooks: pointing(point),
  };
}

/** Return the options of the drawdown below it; zero is at the top. */
export function drawdownOptions(colour: Colours, width: number, point: Point): PlotOptions {
  const cost = colour("cost");
  return {
    ...shared(colour, SYNC),
    scales: { x: { time: true }, y: { range: (_chart, low) => drawdownRange(low) } },
    axes: [
      timeAxis(colour),
      {
        ...axis(colour),
        size: width,
        values: (_chart, values) =>
          values.map((value) => (value === null ? "" : `${tickLabel(value * 100)} %`)),
      },
    ],
    series: [
      {},
      {
        stroke: cost,
        width: 1.25,
        points: { show: false },
        fill: `color-mix(in srgb, ${cost} 18%, transparent)`,
      },
    ],
    hooks: pointing(point),
  };
}

/** Return the range of the drawdown axis: from a little below the deepest up to zero. */
export function drawdownRange(low: number | null): [number, number] {
  return [Math.min(-0.001, (low ?? 0) * 1.1), 0];
}

/** Return how wide the axis of amounts has to be; both charts get the same, to stand in line. */
export function axisWidth(highest: number): number {
  return Math.max(LEAST_WIDTH, equityTick(Math.round(highest)).length * DIGIT_WIDTH + 14);
}

// An axis of nearly equal amounts needs all their digits.
function equityTick(value: number | null): string {
  if (value === null) return "";
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}
