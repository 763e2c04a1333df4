/** Axes and cursors that all charts share. */

import type uPlot from "uplot";
import type { Colours, PlotOptions } from "./Plot";

/** Told which point the pointer is at; null for none. */
export type Point = (index: number | null) => void;

/** Return an axis in the colours of the page. */
export function axis(colour: Colours): uPlot.Axis {
  return {
    stroke: colour("ink-soft"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colour("line"), width: 1 },
    ticks: { stroke: colour("line"), width: 1, size: 4 },
  };
}

/** Return what charts under each other share: one cursor, no legend of their own, no zoom. */
export function shared(
  colour: Colours,
  key: string,
): Pick<PlotOptions, "cursor" | "legend" | "padding"> {
  return {
    padding: [12, 12, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key },
      y: false,
      drag: { x: false, y: false },
      points: { size: 8, fill: colour("accent") },
    },
  };
}

/** Return a hook that tells which point the pointer is at. */
export function pointing(point: Point): Pick<uPlot.Hooks.Arrays, "setCursor"> {
  return { setCursor: [(chart) => point(chart.cursor.idx ?? null)] };
}
