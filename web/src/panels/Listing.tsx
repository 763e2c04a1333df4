import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type ReactNode, useMemo, useState } from "react";
import { numberOf } from "../lib/costs";
import { type Cell, csvOf } from "../lib/csv";
import styles from "./listing.module.css";

/** A column: what it holds for a file and for sorting, and how it is shown. */
export interface Column<R> {
  readonly title: string;
  readonly value: (row: R) => Cell;
  readonly show?: (row: R) => ReactNode;
  /** Right-aligned figures, sorted by size. */
  readonly figures?: boolean;
  /** Long text that may break into lines. */
  readonly wrap?: boolean;
  /** As wide as there is room. */
  readonly wide?: boolean;
  /** Under the column, below all rows. */
  readonly total?: ReactNode;
  /** The unit or the name in a file, where the title does not say it. */
  readonly file?: string;
  /** Whether it names the row. */
  readonly names?: boolean;
}

interface Order {
  readonly column: number;
  readonly down: boolean;
}

interface ListingProps<R> {
  /** What the table holds, for those who hear it. */
  readonly caption: string;
  readonly rows: readonly R[];
  readonly columns: readonly Column<R>[];
  readonly rowKey: (row: R, index: number) => string;
  readonly most?: number;
  readonly height?: number;
  /** On a narrow screen each row becomes a card of its own; for rows that are read one by one. */
  readonly cards?: boolean;
}

const MOST = 100;
const FEW = 6;

/** A table of moderate length that can be sorted; long ones show their first rows until asked. */
export function Listing<R>(props: ListingProps<R>) {
  const { caption, rows, columns, rowKey, most = MOST, height, cards } = props;
  const [order, setOrder] = useState<Order | null>(null);
  const [all, setAll] = useState(false);
  const sorted = useMemo(() => inOrder(rows, columns, order), [rows, columns, order]);
  const narrow = useMediaQuery("(max-width: 640px)", false) && cards;
  const shown = all ? sorted : sorted.slice(0, narrow ? Math.min(most, FEW) : most);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in */}
      <div
        role="group"
        className={styles.frame}
        style={height === undefined ? undefined : { maxHeight: height }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={caption}
      >
        <table className={cards ? `${styles.table} ${styles.cards}` : styles.table}>
          <caption className="unseen">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <Heading
                  key={column.title}
                  column={column}
                  index={index}
                  order={order}
                  choose={setOrder}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={rowKey(row, index)}>
                {columns.map((column) => (
                  <Field key={column.title} row={row} column={column} />
                ))}
              </tr>
            ))}
          </tbody>
          {columns.some((column) => column.total !== undefined) ? (
            <Totals columns={columns} />
          ) : null}
        </table>
      </div>
      {sorted.length > shown.length ? (
        <div className={styles.more}>
          <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
            Show all {sorted.length.toLocaleString("en-US")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

interface HeadingProps<R> {
  readonly column: Column<R>;
  readonly index: number;
  readonly order: Order | null;
  readonly choose: (order: Order | null) => void;
}

function Heading<R>({ column, index, order, choose }: HeadingProps<R>) {
  const mine = order?.column === index ? order : null;
  const sort = mine === null ? "none" : mine.down ? "descending" : "ascending";
  return (
    <th scope="col" className={column.figures ? styles.figures : undefined} aria-sort={sort}>
      <button
        type="button"
        className={styles.sort}
        onClick={() => choose(next(mine, index, column.figures === true))}
      >
        {column.title}
        <span className={styles.arrow} aria-hidden>
          {mine === null ? "" : mine.down ? "▼" : "▲"}
        </span>
      </button>
    </th>
  );
}

function next(mine: Order | null, column: number, down: boolean): Order | null {
  if (mine === null) return { column, down };
  return mine.down === down ? { column, down: !down } : null;
}

function Field<R>({ row, column }: { row: R; column: Column<R> }) {
  const shown = column.show ? column.show(row) : (column.value(row) ?? "–");
  const name = classOf(column);
  return column.names ? (
    <th scope="row" className={name} data-title={column.title}>
      {shown}
    </th>
  ) : (
    <td className={name} data-title={column.title} data-empty={isNothing(shown) || undefined}>
      <div>{shown}</div>
    </td>
  );
}

function isNothing(shown: ReactNode): boolean {
  return shown === null || shown === undefined || shown === "";
}

function classOf<R>({ figures, wrap, wide }: Column<R>): string | undefined {
  return figures ? styles.figures : wrap ? styles.wrap : wide ? styles.wide : undefined;
}

function Totals<R>({ columns }: { columns: readonly Column<R>[] }) {
  return (
    <tfoot>
      <tr>
        {columns.map((column) => (
          <td key={column.title} className={column.figures ? styles.figures : undefined}>
            {column.total ?? ""}
          </td>
        ))}
      </tr>
    </tfoot>
  );
}

/** Return the table as CSV, every row of it. */
export function listingCsv<R>(rows: readonly R[], columns: readonly Column<R>[]): string {
  return csvOf(
    columns.map((column) => column.file ?? column.title),
    rows.map((row) => columns.map((column) => column.value(row))),
  );
}

function inOrder<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  order: Order | null,
): readonly R[] {
  const column = order === null ? undefined : columns[order.column];
  if (order === null || column === undefined) return rows;
  const turn = order.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    const unknown = Number(missing(left)) - Number(missing(right));
    return unknown || turn * compared(left, right, column.figures === true);
  });
}

function missing(value: Cell): boolean {
  return value === null || value === undefined || value === "";
}

function compared(left: Cell, right: Cell, figures: boolean): number {
  if (!figures) return String(left ?? "").localeCompare(String(right ?? ""));
  return (numberOf(asNumeral(left)) ?? 0) - (numberOf(asNumeral(right)) ?? 0);
}

function asNumeral(value: Cell): string | number | null {
  return typeof value === "boolean" ? Number(value) : (value ?? null);
}
