import type uPlot from "uplot";

/** A level of a chart that has a meaning of its own. */
export interface Threshold {
  readonly value: number;
  readonly text: string;
  readonly colour: string;
}

/** Return a hook that draws a dashed line with its words, above everything else. */
export function drawThreshold(threshold: Threshold): (chart: uPlot) => void {
  return (chart) => {
    const { ctx, bbox } = chart;
    const y = Math.round(chart.valToPos(threshold.value, "y", true));
    if (y < bbox.top || y > bbox.top + bbox.height) return;
    const ratio = devicePixelRatio || 1;
    ctx.save();
    ctx.strokeStyle = threshold.colour;
    ctx.fillStyle = threshold.colour;
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = "right";
    ctx.textBaseline = "bottom";
    ctx.fillText(threshold.text, bbox.left + bbox.width - 4 * ratio, y - 2 * ratio);
    ctx.restore();
  };
}
