import { NativeSelect } from "@mantine/core";
import { useMemo, useState } from "react";
import { fileOf } from "../../api/client";
import { useRead } from "../../api/hooks";
import { exactWords, sumOf } from "../../lib/exact";
import { Choice } from "../../panels/Choice";
import { CsvLink } from "../../panels/CsvButton";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Panel } from "../../panels/Panel";
import type { LotRow } from "../../panels/rows";
import { Amount } from "./Amount";

type Kind = "closed" | "open";
const KINDS = [
  { value: "closed", label: "Closed" },
  { value: "open", label: "Open" },
] as const;
const YEARS = 6;
/** What a tax return calls short and long, which are other things on a desk. */
const TERMS: Readonly<Record<string, string>> = {
  SHORT: "up to a year",
  LONG: "over a year",
};

/** Lots, first in first out, and the file for a tax return. */
export function Lots({ thisYear = new Date().getFullYear() }: { thisYear?: number }) {
  const [kind, setKind] = useState<Kind>("closed");
  const [year, setYear] = useState("");
  const read = useRead("/api/v1/portfolio/lots", yearQuery(year), { keep: true });
  const rows = useMemo(
    () => (read.data?.rows ?? []).filter((row) => (row.sold_at === null) === (kind === "open")),
    [read.data, kind],
  );
  const columns = useMemo(() => lotColumns(rows, kind), [rows, kind]);
  return (
    <Panel
      title="Lots"
      read={read}
      flush
      empty={() =>
        rows.length ? null : kind === "open" ? "No lot is open." : "No lot was closed in this time."
      }
      actions={
        <>
          <Choice label="Which lots" data={KINDS} value={kind} choose={setKind} />
          <NativeSelect
            size="xs"
            aria-label="Tax year"
            data={[{ value: "", label: "All years" }, ...yearsUntil(thisYear)]}
            value={year}
            onChange={(event) => setYear(event.currentTarget.value)}
          />
          <CsvLink
            href={fileOf("/api/v1/portfolio/lots.csv", yearQuery(year))}
            text="CSV for a tax return"
          />
        </>
      }
      foot={<Contents year={year} />}
    >
      {() => (
        <Listing
          caption={`${kind === "open" ? "Open" : "Closed"} lots`}
          cards
          rows={rows}
          columns={columns}
          rowKey={(row, index) => `${row.symbol}:${row.acquired_at}:${row.sold_at}:${index}`}
          most={25}
        />
      )}
    </Panel>
  );
}

function Contents({ year }: { year: string }) {
  return (
    <>
      The file holds one row for each lot closed{year ? ` in ${year}` : ""}: symbol, shares,
      acquired, sold, proceeds, cost and gain in account currency, and whether it was held for up to
      a year (SHORT) or longer (LONG). Lots are matched first in, first out; fees are in cost and
      proceeds. Wash sales, currency conversion and elections such as average cost are not computed:
      have it checked before you file it.
    </>
  );
}

/** Return what is asked of the server for a year of New York, where the exchange is; all without one. */
export function yearQuery(year: string): { since?: string; until?: string } {
  if (year === "") return {};
  return { since: `${year}-01-01T05:00:00Z`, until: `${Number(year) + 1}-01-01T05:00:00Z` };
}

function yearsUntil(last: number): string[] {
  return Array.from({ length: YEARS }, (_, index) => String(last - index));
}

function lotColumns(rows: readonly LotRow[], kind: Kind): Column<LotRow>[] {
  const money = (title: string, value: (row: LotRow) => string | null): Column<LotRow> => ({
    title,
    figures: true,
    value,
    show: (row) => exactWords(value(row)),
    total: exactWords(sumOf(rows.map(value))),
  });
  const common: Column<LotRow>[] = [
    { title: "Symbol", names: true, value: (row) => row.symbol },
    { title: "Strategy", value: (row) => row.strategy_name || "none" },
    {
      title: "Shares",
      figures: true,
      value: (row) => row.quantity,
      show: (row) => exactWords(row.quantity, 0, 6),
    },
    {
      title: "Acquired",
      value: (row) => row.acquired_at,
      show: (row) => <Moment at={row.acquired_at} />,
    },
  ];
  if (kind === "open") return [...common, money("Cost", (row) => row.cost)];
  return [
    ...common,
    { title: "Sold", value: (row) => row.sold_at, show: (row) => <Moment at={row.sold_at} /> },
    money("Proceeds", (row) => row.proceeds),
    money("Cost", (row) => row.cost),
    {
      title: "Gain",
      figures: true,
      value: (row) => row.gain,
      show: (row) => <Amount value={row.gain} />,
      total: <Amount value={sumOf(rows.map((row) => row.gain))} />,
    },
    { title: "Held", value: (row) => row.term, show: (row) => TERMS[row.term] ?? row.term },
  ];
}
