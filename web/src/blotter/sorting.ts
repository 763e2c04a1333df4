import { COLUMNS } from "./columns";
import type { Entry } from "./entries";

/** How the blotter is sorted; null is newest first, as the server lists it. */
export interface Sorting {
  readonly column: string;
  readonly down: boolean;
}

/** Return what a click on a heading makes of the sorting: down, up, and back to newest first. */
export function nextSorting(now: Sorting | null, column: string): Sorting | null {
  if (now?.column !== column) return { column, down: true };
  return now.down ? { column, down: false } : null;
}

/** Return a sorting as an address holds it. */
export function sortingOf(text: unknown): Sorting | null {
  if (typeof text !== "string") return null;
  const column = text.replace(/^-/, "");
  return COLUMNS.some(({ name }) => name === column)
    ? { column, down: text.startsWith("-") }
    : null;
}

export function sortingText(sorting: Sorting | null): string | undefined {
  return sorting === null ? undefined : `${sorting.down ? "-" : ""}${sorting.column}`;
}

/** Return the lines in order; equals stay newest first. */
export function sortedEntries(
  entries: readonly Entry[],
  sorting: Sorting | null,
  costs: ReadonlyMap<string, string>,
): readonly Entry[] {
  const column = COLUMNS.find(({ name }) => name === sorting?.column);
  if (sorting === null || column === undefined) return entries;
  const turn = sorting.down ? -1 : 1;
  const keyed = entries.map((entry) => ({
    entry,
    key: column.value(entry.order, costs.get(entry.id)),
  }));
  keyed.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -turn : turn));
  return keyed.map(({ entry }) => entry);
}
