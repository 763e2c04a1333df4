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

/** Room for one line under a chart. */
export const TIME_HEIGHT = 30;

const DAY_SECONDS = 86_400;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Return what is written under some moments: days as `26 Oct`, within a day `14:30`, within a
 * minute `14:30:05`.
 *
 * A moment that begins a day, and the first one, say the day too.
 */
export function momentsWords(moments: readonly Date[], stepSeconds: number): string[] {
  return moments.map((moment, index) => {
    const day = `${moment.getDate()} ${MONTHS[moment.getMonth()]}`;
    const year = moment.getFullYear();
    const before = moments[index - 1];
    if (stepSeconds >= DAY_SECONDS) {
      const turned = before !== undefined && before.getFullYear() !== year;
      return turned ? `${day} ${year}` : day;
    }
    const minutes = `${two(moment.getHours())}:${two(moment.getMinutes())}`;
    const time = stepSeconds < 60 ? `${minutes}:${two(moment.getSeconds())}` : minutes;
    const first = before === undefined || before.getDate() !== moment.getDate();
    return first ? `${day} ${time}` : time;
  });
}

/** Return an axis of time, written in the zone of whoever looks, or in UTC. */
export function timeAxis(colour: Colours, inUtc = false): uPlot.Axis {
  return {
    ...axis(colour),
    size: TIME_HEIGHT,
    space: 84,
    values: (_chart, splits, _index, _space, step) =>
      momentsWords(
        splits.map((at) => (inUtc ? asUtc(at) : new Date(at * 1_000))),
        step,
      ),
  };
}

/** Return a date whose local parts are the UTC parts of a moment. */
export function asUtc(seconds: number): Date {
  const date = new Date(seconds * 1_000);
  return new Date(date.getTime() + date.getTimezoneOffset() * 60_000);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
