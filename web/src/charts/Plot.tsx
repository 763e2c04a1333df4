import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import styles from "./charts.module.css";

/** Colours of the desk as a chart needs them, read from the page. */
export type Colours = (name: string) => string;

export type PlotOptions = Omit<uPlot.Options, "width" | "height">;

interface PlotProps {
  /** Read out instead of the picture. */
  readonly label: string;
  readonly height: number;
  readonly data: uPlot.AlignedData;
  /** Makes the options; a new one makes the chart anew. */
  readonly options: (colour: Colours) => PlotOptions;
}

/** A chart on a canvas that keeps the width of its place and the colours of the page. */
export default function Plot({ label, height, data, options }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  const newest = useRef(data);
  const chart = useRef<uPlot | null>(null);
  newest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has other colours
  useEffect(() => {
    const element = place.current;
    if (element === null || !canDraw()) return;
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const size = { width: element.clientWidth, height };
    const made = new uPlot({ ...options(colour), ...size }, newest.current, element);
    chart.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [options, height, scheme]);

  useEffect(() => chart.current?.setData(data), [data]);

  if (!canDraw()) {
    return (
      <p className={styles.readout}>This browser draws no charts; the table has the numbers.</p>
    );
  }
  return (
    <div
      ref={place}
      className={styles.plot}
      role="img"
      aria-label={label}
      style={{ minHeight: height }}
    />
  );
}

let drawable: boolean | undefined;

/** Return whether there is a canvas to draw on; some browsers refuse it. */
function canDraw(): boolean {
  drawable ??= document.createElement("canvas").getContext("2d") !== null;
  return drawable;
}
