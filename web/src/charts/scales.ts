/** Scales of charts: where a number is drawn, and which numbers are written beside an axis. */

export interface Domain {
  readonly low: number;
  readonly high: number;
}

const NICE_STEPS = [1, 2, 2.5, 5, 10] as const;

/** Return the step of about `count` ticks over a span: 1, 2, 2.5 or 5 times a power of ten. */
export function niceStep(span: number, count: number): number {
  if (!(span > 0) || !(count > 0)) return 1;
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = NICE_STEPS.find((step) => step * power >= rough * (1 - 1e-9)) ?? 10;
  return nice * power;
}

/** Return round numbers within a domain, lowest first. */
export function ticks(domain: Domain, count = 5): number[] {
  const step = niceStep(domain.high - domain.low, count);
  const first = Math.ceil(domain.low / step - 1e-9);
  const last = Math.floor(domain.high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const value = (first + index) * step;
    return Number(value.toPrecision(12)); // 0.30000000000000004 is not a label
  });
}

/** Return the domain that holds every number given, widened by a share of its span on both sides. */
export function domainOf(values: Iterable<number | null>, margin = 0.05): Domain {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 1 };
  const span = high - low || Math.abs(high) || 1;
  return { low: low - span * margin, high: high + span * margin };
}

/** Return the place of a number as a share of the domain, kept within 0 and 1. */
export function placeOf(value: number, domain: Domain): number {
  const span = domain.high - domain.low;
  if (!(span > 0)) return 0;
  return Math.min(1, Math.max(0, (value - domain.low) / span));
}

/** Return a number as written beside an axis: `1.5k`, `0.25`, `−3`; nothing where a place is left free. */
export function tickLabel(value: number | null): string {
  if (value === null) return "";
  const size = Math.abs(value);
  const [shown, suffix] =
    size >= 1e9
      ? [value / 1e9, "bn"]
      : size >= 1e6
        ? [value / 1e6, "M"]
        : size >= 1e4
          ? [value / 1e3, "k"]
          : [value, ""];
  const text = String(Number(shown.toPrecision(6)));
  return `${text.replace("-", "−")}${suffix}`;
}
