/** Exact decimals of the wire, shown and added without ever becoming floats. */

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

interface Exact {
  readonly units: bigint;
  readonly places: number;
}

/** Return a decimal with thousands and at least and at most some decimals, rounded half to even. */
export function exactWords(
  value: string | number | null | undefined,
  least = 2,
  most = least,
): string {
  const exact = read(value);
  if (exact === null) return "–";
  const { units, places } = rounded(exact, most);
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  let rest = places ? digits.slice(-places) : "";
  while (rest.length > least && rest.endsWith("0")) rest = rest.slice(0, -1);
  rest = rest.padEnd(least, "0");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const sign = negative && units !== 0n ? "−" : "";
  return `${sign}${grouped}${rest ? `.${rest}` : ""}`;
}

/** Return the exact sum of some decimals as text; what is no number counts as nothing. */
export function sumOf(values: Iterable<string | number | null | undefined>): string {
  let units = 0n;
  let places = 0;
  for (const value of values) {
    const exact = read(value);
    if (exact === null) continue;
    const deeper = Math.max(places, exact.places);
    units =
      units * 10n ** BigInt(deeper - places) + exact.units * 10n ** BigInt(deeper - exact.places);
    places = deeper;
  }
  return textOf({ units, places });
}

/** Return the exact difference of two decimals, null when one is none. */
export function differenceOf(
  left: string | null | undefined,
  right: string | null | undefined,
): string | null {
  const [a, b] = [read(left), read(right)];
  if (a === null || b === null) return null;
  return sumOf([textOf(a), textOf({ units: -b.units, places: b.places })]);
}

/** Return -1, 0 or 1; null for what is no number. */
export function signOf(value: string | number | null | undefined): -1 | 0 | 1 | null {
  const exact = read(value);
  if (exact === null) return null;
  return exact.units > 0n ? 1 : exact.units < 0n ? -1 : 0;
}

function read(value: string | number | null | undefined): Exact | null {
  if (value === null || value === undefined) return null;
  const found = DECIMAL.exec(String(value).trim());
  if (!found || !(found[2] || found[3])) return null;
  const [, sign, whole = "", fraction = "", exponent = "0"] = found;
  const digits = BigInt(`${whole}${fraction}` || "0");
  const places = fraction.length - Number(exponent);
  const units = sign === "-" ? -digits : digits;
  if (Math.abs(places) > 1_000) return null;
  return places >= 0 ? { units, places } : { units: units * 10n ** BigInt(-places), places: 0 };
}

function rounded({ units, places }: Exact, most: number): Exact {
  if (places <= most) return { units, places };
  const divisor = 10n ** BigInt(places - most);
  const size = units < 0n ? -units : units;
  let whole = size / divisor;
  const twice = (size % divisor) * 2n;
  if (twice > divisor || (twice === divisor && whole % 2n === 1n)) whole += 1n;
  return { units: units < 0n ? -whole : whole, places: most };
}

function textOf({ units, places }: Exact): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = places ? `.${digits.slice(-places)}` : "";
  return `${units < 0n ? "-" : ""}${whole}${fraction}`;
}
