import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useMemo, useRef } from "react";
import styles from "./blotter.module.css";
import { COLUMNS, GRID } from "./columns";
import type { Entry, Order } from "./entries";
import { nextSorting, type Sorting } from "./sorting";
import { useRowKeys } from "./useRowKeys";

const ROW_HEIGHT = 28;
/** On a phone a line is a card of two rows. */
const CARD_HEIGHT = 58;
const NARROW = "(max-width: 640px)";

/** One line on the screen: an order, or a slice under its order. */
interface Line {
  readonly order: Order;
  readonly entry: Entry;
  readonly isBelow: boolean;
  /** The order whose page it opens: a slice opens its whole order, a stop its own. */
  readonly page: string;
}

interface BlotterProps {
  readonly entries: readonly Entry[];
  readonly costs: ReadonlyMap<string, string>;
  readonly sorting: Sorting | null;
  readonly sort: (sorting: Sorting | null) => void;
  readonly expanded: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
  readonly open: (id: string) => void;
  readonly chosen: string | null;
  readonly choose: (id: string | null) => void;
  /** Told which orders are in sight. */
  readonly see: (orders: readonly string[]) => void;
}

/**
 * Every order as a line; only the lines in sight are drawn, however many there are.
 *
 * A table element cannot draw only some of its rows, so the roles are given by hand.
 */
export function Blotter(props: BlotterProps) {
  const { entries, costs, sorting, sort, expanded, toggle, open, chosen, choose, see } = props;
  const lines = useMemo(() => linesOf(entries, expanded), [entries, expanded]);
  const frame = useRef<HTMLDivElement>(null);
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false }) ?? false;
  const height = narrow ? CARD_HEIGHT : ROW_HEIGHT;
  // Another function would make the virtualizer measure every line anew, at every frame.
  const nameOf = useCallback((index: number) => lines[index]?.order.order_id ?? index, [lines]);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    getItemKey: nameOf,
    overscan: 12,
  });
  const { measure } = rows;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another height moves every line
  useEffect(() => measure(), [height]);

  useRowKeys({
    lines,
    chosen,
    choose,
    reveal: (index) => rows.scrollToIndex(index),
    open: (line) => open(line.page),
    toggle: (line) => toggle(line.entry.id),
  });

  const drawn = rows.getVirtualItems();
  const [first, last] = [drawn[0]?.index ?? 0, drawn.at(-1)?.index ?? -1];

  useEffect(() => {
    see(lines.slice(first, last + 1).flatMap(({ order, entry }) => [entry.id, order.order_id]));
  }, [lines, first, last, see]);

  return (
    <section
      ref={frame}
      className={styles.frame}
      aria-label="Orders"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <div
        role="table"
        aria-label="Orders, newest first"
        aria-rowcount={lines.length + 1}
        className={styles.table}
      >
        <Headings sorting={sorting} sort={sort} />
        <div role="rowgroup" className={styles.body} style={{ height: rows.getTotalSize() }}>
          {drawn.map(({ index, start, key }) => {
            const line = lines[index];
            return line === undefined ? null : (
              <Row
                key={key}
                order={line.order}
                isBelow={line.isBelow}
                below={line.isBelow ? 0 : line.entry.slices.length + line.entry.stops.length}
                page={line.page}
                narrow={narrow}
                cost={costs.get(line.order.order_id)}
                top={start}
                number={index + 2}
                isChosen={chosen === line.order.order_id}
                isExpanded={expanded.has(line.entry.id)}
                id={line.entry.id}
                toggle={toggle}
                open={open}
              />
            );
          })}
        </div>
      </div>
    </section>
  );
}

function linesOf(entries: readonly Entry[], expanded: ReadonlySet<string>): readonly Line[] {
  const lines: Line[] = [];
  for (const entry of entries) {
    const page = entry.order.order_id;
    lines.push({ order: entry.order, entry, isBelow: false, page });
    if (!expanded.has(entry.id)) continue;
    for (const order of entry.slices) lines.push({ order, entry, isBelow: true, page });
    for (const order of entry.stops) {
      lines.push({ order, entry, isBelow: true, page: order.order_id });
    }
  }
  return lines;
}

interface HeadingsProps {
  readonly sorting: Sorting | null;
  readonly sort: (sorting: Sorting | null) => void;
}

function Headings({ sorting, sort }: HeadingsProps) {
  return (
    <div role="rowgroup" className={styles.head}>
      <div
        role="row"
        aria-rowindex={1}
        className={styles.row}
        style={{ gridTemplateColumns: GRID }}
      >
        <span role="columnheader">
          <span className="unseen">Slices and stops</span>
        </span>
        {COLUMNS.map(({ name, title, hint, figures }) => {
          const mine = sorting?.column === name ? sorting : null;
          return (
            <span
              key={name}
              role="columnheader"
              aria-sort={mine === null ? "none" : mine.down ? "descending" : "ascending"}
              className={figures ? styles.figures : undefined}
            >
              <button
                type="button"
                className={styles.sort}
                title={hint}
                onClick={() => sort(nextSorting(sorting, name))}
              >
                {title}
                <i aria-hidden>{mine === null ? "" : mine.down ? " ▼" : " ▲"}</i>
              </button>
            </span>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly order: Order;
  readonly isBelow: boolean;
  readonly below: number;
  readonly page: string;
  readonly narrow: boolean;
  readonly cost: string | undefined;
  readonly top: number;
  readonly number: number;
  readonly isChosen: boolean;
  readonly isExpanded: boolean;
  readonly id: string;
  readonly toggle: (id: string) => void;
  readonly open: (id: string) => void;
}

const Row = memo(function Row(props: RowProps) {
  const { order, isBelow, below, page, narrow, cost, isChosen, isExpanded, id, toggle, open } =
    props;
  return (
    <div
      role="row"
      aria-rowindex={props.number}
      aria-selected={isChosen}
      data-order={order.order_id}
      data-below={isBelow || undefined}
      className={styles.row}
      style={{
        transform: `translateY(${props.top}px)`,
        ...(narrow ? {} : { gridTemplateColumns: GRID }),
      }}
      onClick={() => open(page)}
    >
      <span role="cell">
        {below > 0 ? (
          <button
            type="button"
            className={styles.expand}
            aria-expanded={isExpanded}
            aria-label={`Slices and stops of ${order.symbol}`}
            onClick={(event) => {
              event.stopPropagation();
              toggle(id);
            }}
          >
            {isExpanded ? "▾" : "▸"}
          </button>
        ) : null}
      </span>
      {COLUMNS.map(({ name, figures, show }) => (
        <span
          key={name}
          role="cell"
          data-column={name}
          className={figures ? styles.figures : styles.cell}
        >
          {show(order, cost)}
        </span>
      ))}
    </div>
  );
});
