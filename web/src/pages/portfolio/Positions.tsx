import { useMemo } from "react";
import { useRead } from "../../api/hooks";
import { differenceOf, exactWords, signOf, sumOf } from "../../lib/exact";
import { CsvButton } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { localWords } from "../../panels/Moment";
import { Panel, type Reading } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { HeldPosition, LotRow, Portfolio } from "../../panels/rows";
import { Amount } from "./Amount";

/** What is held, against the engine and the broker, with its protection. */
export function Positions({ read }: { read: Reading<Portfolio> }) {
  const rows = useMemo(() => (read.data?.positions ?? []).filter(isHeld), [read.data]);
  const lots = useRead("/api/v1/portfolio/lots", {}, { keep: true });
  const strategies = useMemo(() => holdersOf(lots.data?.rows ?? []), [lots.data]);
  const columns = useMemo(() => positionColumns(rows, strategies), [rows, strategies]);
  const differing = rows.filter((row) => row.differs).length;
  return (
    <Panel
      title="Positions"
      read={read}
      flush
      note={
        differing ? (
          <strong className={panels.cost}>
            {differing === 1 ? "1 differs" : `${differing} differ`} from the broker
          </strong>
        ) : undefined
      }
      explain={<Meaning />}
      empty={() => (rows.length ? null : <Nothing />)}
      actions={<CsvButton name="positions" rows={rows} columns={columns} />}
    >
      {() => (
        <Listing
          caption="Positions against the broker"
          cards
          rows={rows}
          columns={columns}
          rowKey={(row) => `${row.position.symbol}:${row.position.strategy_name}`}
        />
      )}
    </Panel>
  );
}

function Nothing() {
  return (
    <>
      <strong>Nothing is held.</strong>
      <span>A position appears here with its first fill.</span>
    </>
  );
}

function Meaning() {
  return (
    <>
      <p>
        <b>Journal</b> is what our own record of fills says, <b>broker</b> what the broker said
        last. They must be equal; a symbol where they are not is quarantined until it is explained.
        A simulated broker is a part of the engine and is not compared.
      </p>
      <p>
        <b>Unrealised</b> profit is at the latest marks, before the fees of closing. Where nobody
        knows a price, the value is at cost and the profit is not known. <b>Realised</b> is what
        this position took since it was opened.
      </p>
    </>
  );
}

/** Return whether anybody says that something is held. */
export function isHeld(row: HeldPosition): boolean {
  return [row.position.quantity, row.engine_quantity, row.broker_quantity].some((quantity) =>
    Boolean(signOf(quantity)),
  );
}

/** Return the strategies that hold each symbol, from the lots that are open. */
export function holdersOf(lots: readonly LotRow[]): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>();
  for (const lot of lots) {
    if (lot.sold_at !== null || !lot.strategy_name) continue;
    found.set(lot.symbol, (found.get(lot.symbol) ?? new Set()).add(lot.strategy_name));
  }
  return new Map([...found].map(([symbol, names]) => [symbol, [...names].sort().join(", ")]));
}

/** Return the columns of the table. */
export function positionColumns(
  rows: readonly HeldPosition[],
  strategies: ReadonlyMap<string, string>,
): Column<HeldPosition>[] {
  return [
    { title: "Symbol", names: true, value: (row) => row.position.symbol },
    {
      title: "Strategy",
      value: (row) => row.position.strategy_name || strategies.get(row.position.symbol),
    },
    shares("Journal", (row) => row.position.quantity),
    shares("Broker", (row) => row.broker_quantity),
    {
      title: "Difference",
      figures: true,
      value: (row) => differenceOf(row.broker_quantity, row.position.quantity),
      show: (row) => <Difference row={row} />,
    },
    price("Average", (row) => row.position.average_price),
    {
      ...price("Mark", (row) => row.position.market_price),
      show: (row) => <Mark row={row} />,
    },
    {
      title: "Value",
      figures: true,
      value: (row) => row.position.market_value,
      show: (row) => <Value row={row} />,
      total: exactWords(sumOf(rows.map((row) => row.position.market_value))),
    },
    {
      title: "Unrealised",
      figures: true,
      value: unrealisedOf,
      show: (row) => <Amount value={unrealisedOf(row)} />,
      total: <Amount value={totalOf(rows.map(unrealisedOf))} />,
    },
    {
      title: "Realised",
      file: "Realised since opened",
      figures: true,
      value: (row) => row.position.realized_pnl,
      show: (row) => <Amount value={row.position.realized_pnl} />,
      total: <Amount value={sumOf(rows.map((row) => row.position.realized_pnl))} />,
    },
    price("Stop", (row) => row.position.stop_price),
    {
      title: "Protection",
      value: (row) => protectionWords(row),
      show: (row) => <Protection row={row} />,
      wrap: true,
    },
  ];
}

function shares(title: string, value: (row: HeldPosition) => string | null): Column<HeldPosition> {
  return {
    title,
    file: `${title} shares`,
    figures: true,
    value,
    show: (row) => exactWords(value(row), 0, 6),
  };
}

function price(title: string, value: (row: HeldPosition) => string | null): Column<HeldPosition> {
  return { title, figures: true, value, show: (row) => exactWords(value(row), 2, 4) };
}

/** The price that the position is valued at; its time on hover. */
function Mark({ row }: { row: HeldPosition }) {
  const shown = exactWords(row.position.market_price, 2, 4);
  if (row.marked_at === null) return <>{shown}</>;
  return <span title={`quoted ${localWords(new Date(row.marked_at))}`}>{shown}</span>;
}

function Value({ row }: { row: HeldPosition }) {
  const shown = exactWords(row.position.market_value);
  if (row.position.market_price !== null) return <>{shown}</>;
  return (
    <span className={panels.soft} title="at cost: nobody knows its price now">
      {shown}
    </span>
  );
}

/** Return the open profit of a position; null where nobody knows its price. */
export function unrealisedOf({ position }: HeldPosition): string | null {
  if (!signOf(position.quantity)) return "0";
  return position.market_price === null ? null : position.unrealized_pnl;
}

/** Return the exact sum of what is known, null when nothing is. */
export function totalOf(amounts: readonly (string | null)[]): string | null {
  return amounts.length > 0 && amounts.every((amount) => amount === null) ? null : sumOf(amounts);
}

function Difference({ row }: { row: HeldPosition }) {
  if (row.broker_quantity === null) return <span className={panels.soft}>not compared</span>;
  const difference = differenceOf(row.broker_quantity, row.position.quantity);
  if (!row.differs) return <span className={panels.soft}>none</span>;
  return <strong className={panels.cost}>{exactWords(difference, 0, 6)}</strong>;
}

/** Return how a position is protected, in words. */
export function protectionWords(row: HeldPosition): string {
  const bad = [
    row.unprotected ? `without a stop: ${row.unprotected}` : "",
    row.quarantined ? `quarantined: ${row.quarantined}` : "",
  ].filter(Boolean);
  if (bad.length > 0) return bad.join("; ");
  if (!signOf(row.position.quantity)) return "nothing held";
  return row.position.stop_price === null ? "no stop asked for" : "under a stop";
}

function Protection({ row }: { row: HeldPosition }) {
  const bad = row.quarantined || row.unprotected;
  return <span className={bad ? panels.cost : panels.soft}>{protectionWords(row)}</span>;
}
