import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useRead } from "../api/hooks";
import { useDeskNow } from "../lib/deskNow";
import { exactWords } from "../lib/exact";
import { type Figure, Figures } from "../panels/Figures";
import { Moment } from "../panels/Moment";
import { Frame, Shown } from "../panels/Panel";
import panels from "../panels/panels.module.css";
import type { Portfolio as Held } from "../panels/rows";
import { Amount } from "./portfolio/Amount";
import { Equity } from "./portfolio/Equity";
import { Lots } from "./portfolio/Lots";
import { isHeld, Positions, totalOf, unrealisedOf } from "./portfolio/Positions";
import { Profit } from "./portfolio/Profit";
import { sinceOf } from "./quality/chosen";

const TIMES = [
  { value: "1", label: "24 hours" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "365", label: "1 year" },
  { value: "", label: "All time" },
];
const KEEPERS: Readonly<Record<string, string>> = {
  broker: "stops rest at the broker",
  engine: "stops are kept by the engine, which must run",
  none: "nobody keeps stops",
};

/** What the account has, what it is worth, and what it gained and lost. */
export function Portfolio() {
  const [days, setDays] = useState("");
  const [since, setSince] = useState("");
  const now = useDeskNow(30_000);
  const read = useRead("/api/v1/portfolio", undefined, { every: 10_000 });
  return (
    <div className={panels.page}>
      <div className={panels.head}>
        <h1>Portfolio</h1>
        {read.data ? (
          <span className={panels.soft}>all amounts in {read.data.currency}</span>
        ) : null}
        <div className={panels.tools}>
          <NativeSelect
            size="xs"
            aria-label="Time of the equity curve"
            data={TIMES}
            value={days}
            onChange={(event) => {
              setDays(event.currentTarget.value);
              setSince(sinceOf(event.currentTarget.value, now ?? Date.now()));
            }}
          />
        </div>
      </div>
      {read.data === undefined ? (
        <Frame title="Account">
          <Shown read={read}>{() => null}</Shown>
        </Frame>
      ) : (
        <Figures figures={worth(read.data)} label="Account" />
      )}
      <Positions read={read} />
      <div className={panels.thirds}>
        <Equity since={since} />
        <Profit />
      </div>
      <Lots />
    </div>
  );
}

function worth({ currency, snapshot, positions, stop_keeper, reachable }: Held): Figure[] {
  const held = positions.filter(isHeld);
  const open = totalOf(held.map(unrealisedOf));
  const unpriced = held.filter((row) => unrealisedOf(row) === null).length;
  const bare = held.filter((row) => row.unprotected).length;
  return [
    {
      name: "Equity",
      value: exactWords(snapshot?.equity),
      note: snapshot ? <Moment at={snapshot.ts} /> : "not known yet",
      explain: (
        <p>Cash plus longs minus shorts at the marks of the last decision, in {currency}.</p>
      ),
    },
    {
      name: "Cash",
      value: exactWords(snapshot?.cash),
      note: `${exactWords(snapshot?.reserved)} reserved by working orders`,
    },
    {
      name: "Unrealised",
      value: <Amount value={open} />,
      note: unpriced
        ? `${unpriced} of ${held.length} without a price`
        : "at their marks, before fees",
    },
    {
      name: "Realised",
      value: snapshot ? <Amount value={snapshot.realized_pnl} /> : "–",
      note: "profit taken, before commission",
    },
    {
      name: "Commission",
      value: exactWords(snapshot?.commission),
      note: "paid so far",
    },
    {
      name: "Positions",
      value: held.length.toLocaleString("en-US"),
      tone: bare ? "cost" : undefined,
      note: bare ? `${bare} without a stop` : (KEEPERS[stop_keeper] ?? stop_keeper),
      explain: reachable ? undefined : (
        <p>The engine does not answer: this is what the tables say.</p>
      ),
    },
  ];
}
