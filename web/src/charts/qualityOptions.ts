/** How slippage and latency over time are drawn. */

import type uPlot from "uplot";
import { keyWords, type Span } from "../lib/buckets";
import { LATENCY_LIMIT_MS, SLIPPAGE_LIMIT_BPS } from "../lib/costs";
import { asUtc, axis, type Point, pointing, shared, TIME_HEIGHT, timeAxis } from "./axes";
import type { Colours, PlotOptions } from "./Plot";
import { latencyRange, slippageRange } from "./quality";
import { tickLabel } from "./scales";
import { drawThreshold } from "./thresholds";

const SYNC = "execution-quality";

/** Return columns as the chart takes them. */
export function dataOf(
  places: readonly number[],
  columns: readonly (number | null)[][],
): uPlot.AlignedData {
  return [places as number[], ...columns] as uPlot.AlignedData;
}

/** Return the options of slippage over time. */
export function slippageOptions(colour: Colours, by: Span, point: Point): PlotOptions {
  const accent = colour("accent");
  const quiet = colour("ink-soft");
  const line = { stroke: accent, width: 2, spanGaps: true };
  return {
    ...shared(colour, SYNC),
    tzDate: asUtc,
    scales: {
      x: { time: by !== "hour", range: widened(by) },
      y: { range: (_chart, low, high) => slippageRange(low, high) },
    },
    axes: [
      xAxis(colour, by),
      { ...axis(colour), size: 52, values: (_chart, values) => values.map(tickLabel) },
    ],
    series: [
      {},
      {
        ...line,
        points: { show: true, size: 7, fill: colour("surface"), stroke: accent, width: 1.5 },
      },
      { width: 0, points: { show: false } },
      { width: 0, points: { show: false } },
      { stroke: quiet, width: 1.25, dash: [4, 3], spanGaps: true, points: { show: false } },
      { width: 0, points: { show: true, size: 7, fill: accent, stroke: accent } },
    ],
    bands: [{ series: [3, 2], fill: `color-mix(in srgb, ${accent} 18%, transparent)` }],
    hooks: {
      ...pointing(point),
      draw: [
        drawThreshold({
          value: SLIPPAGE_LIMIT_BPS,
          text: `alert ${SLIPPAGE_LIMIT_BPS} bps`,
          colour: colour("warn"),
        }),
      ],
    },
  };
}

/** Return the options of latency over time, on a logarithmic scale. */
export function latencyOptions(colour: Colours, by: Span, point: Point): PlotOptions {
  return {
    ...shared(colour, SYNC),
    tzDate: asUtc,
    scales: {
      x: { time: by !== "hour", range: widened(by) },
      y: { distr: 3, log: 10, range: (_chart, low, high) => latencyRange(low, high) },
    },
    axes: [
      xAxis(colour, by),
      {
        ...axis(colour),
        size: 52,
        splits: (chart) => powersOfTen(chart.scales.y?.min ?? 1, chart.scales.y?.max ?? 10),
        values: (_chart, values) => values.map((value) => shortSpan(value)),
      },
    ],
    series: [
      {},
      { stroke: colour("accent"), width: 2, spanGaps: true, points: { show: true, size: 5 } },
      { stroke: colour("ink-soft"), width: 1.25, spanGaps: true, points: { show: false } },
    ],
    hooks: {
      ...pointing(point),
      draw: [
        drawThreshold({
          value: LATENCY_LIMIT_MS,
          text: `alert ${LATENCY_LIMIT_MS / 1_000} s`,
          colour: colour("warn"),
        }),
      ],
    },
  };
}

function xAxis(colour: Colours, by: Span): uPlot.Axis {
  // Days and weeks were cut in UTC and are written in UTC, or a day would be called by its eve.
  if (by !== "hour") return timeAxis(colour, true);
  return {
    ...axis(colour),
    size: TIME_HEIGHT,
    incrs: [1, 2, 3, 6],
    space: 44,
    values: (_chart, values) =>
      values.map((value) => (value === null ? "" : keyWords(String(value), "hour"))),
  };
}

// A single day must not become a line at the edge, nor the first and last point half a circle; what
// uPlot makes of a single moment by itself is years.
function widened(by: Span): uPlot.Scale.Range {
  const least = by === "hour" ? 0.5 : by === "week" ? 302_400 : 43_200;
  return (chart) => {
    const places = chart.data[0] ?? [];
    return [(places[0] ?? 0) - least, (places[places.length - 1] ?? 0) + least];
  };
}

function powersOfTen(low: number, high: number): number[] {
  const found: number[] = [];
  for (let value = low; value <= high * 1.001; value *= 10) found.push(value);
  return found;
}

function shortSpan(milliseconds: number | null): string {
  if (milliseconds === null) return "";
  return milliseconds < 1_000
    ? `${tickLabel(milliseconds)} ms`
    : `${tickLabel(milliseconds / 1_000)} s`;
}
