/** How the price around an order is drawn. */

import uPlot from "uplot";
import { axis, type Point, pointing, shared, timeAxis } from "../charts/axes";
import type { Colours, PlotOptions } from "../charts/Plot";
import { type PriceData, priceRange } from "./priceData";

/** Return the options of the price of an order. */
export function priceOptions(
  colour: Colours,
  data: PriceData,
  side: string,
  point: Point,
): PlotOptions {
  const ink = colour(side === "SELL" ? "sell" : "buy");
  const quiet = colour("ink-faint");
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const edge = {
    stroke: quiet,
    width: 1,
    points: { show: false },
    ...(stepped ? { paths: stepped } : {}),
  };
  return {
    ...shared(colour, "order-price"),
    scales: { x: { time: true }, y: { range: () => priceRange(data) } },
    axes: [
      timeAxis(colour),
      { ...axis(colour), size: 66, values: (_chart, values) => values.map(priceLabel) },
    ],
    series: [
      {},
      { ...edge, label: "ask" },
      { ...edge, label: "bid" },
      { ...edge, label: "limit", stroke: colour("warn"), width: 1.5, dash: [6, 4] },
      {
        label: "fills",
        width: 0,
        points: { show: true, size: 10, fill: ink, stroke: colour("surface"), width: 1.5 },
      },
    ],
    bands: [{ series: [1, 2], fill: `color-mix(in srgb, ${quiet} 16%, transparent)` }],
    hooks: { ...pointing(point), drawAxes: [(chart) => drawMarks(chart, data, colour)] },
  };
}

function priceLabel(value: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 4 });
}

/** Words of marks that would stand on each other are left out; their lines are not. */
const ROOM_FOR_WORDS = 46;

function drawMarks(chart: uPlot, { marks }: PriceData, colour: Colours): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio || 1;
  let free = Number.NEGATIVE_INFINITY;
  ctx.save();
  ctx.strokeStyle = colour("line-strong");
  ctx.fillStyle = colour("ink-soft");
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.font = `${10 * ratio}px system-ui, sans-serif`;
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  for (const { at, text } of marks) {
    const x = Math.round(chart.valToPos(at, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (x < free) continue;
    ctx.fillText(text, x + 3 * ratio, bbox.top + 10 * ratio);
    free = x + ROOM_FOR_WORDS * ratio;
  }
  ctx.restore();
}
