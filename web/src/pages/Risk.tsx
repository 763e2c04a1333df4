import { useRead } from "../api/hooks";
import { shareWords } from "../charts/UseBar";
import { useDeskNow } from "../lib/deskNow";
import { limitWords, nearnessOf, worstFirst } from "../lib/limits";
import { type Figure, Figures } from "../panels/Figures";
import panels from "../panels/panels.module.css";
import type { DayTrades, LimitUse, Breakers as Stops, SystemStatus } from "../panels/rows";
import { Breakers } from "./risk/Breakers";
import { Controls } from "./risk/Controls";
import { Drills } from "./risk/Drill";
import { Limits } from "./risk/Limits";
import { Refusals } from "./risk/Refusals";

const DAY_MS = 86_400_000;

/** What keeps the account safe: limits and their use, what stops it, what was refused. */
export function Risk() {
  const limits = useRead("/api/v1/risk/limits");
  const breakers = useRead("/api/v1/risk/breakers");
  const trades = useRead("/api/v1/risk/day-trades", undefined, { every: 30_000 });
  const refusals = useRead("/api/v1/risk/refusals", { limit: 200 });
  const status = useRead("/api/v1/system/status");
  const now = useDeskNow(30_000);
  const today = (refusals.data?.rows ?? []).filter(
    (row) => now !== null && Date.parse(row.ts) > now - DAY_MS,
  ).length;
  return (
    <div className={panels.page}>
      <div className={panels.head}>
        <h1>Risk</h1>
      </div>
      <Figures
        label="Risk at a glance"
        figures={[
          stateFigure(status.data),
          stopsFigure(breakers.data),
          nearestFigure(limits.data?.rows),
          dayTradesFigure(trades.data),
          {
            name: "Refused in 24 hours",
            value: refusals.data ? today.toLocaleString("en-US") : "–",
            note: refusals.data?.after && today === 200 ? "or more" : "signals and slices",
          },
        ]}
      />
      <Breakers />
      <Limits />
      <Refusals />
      <Drills />
      <Controls />
    </div>
  );
}

function stateFigure(status: SystemStatus | undefined): Figure {
  if (status === undefined) return { name: "Trading", value: "–" };
  const state = status.reachable ? status.status?.state : undefined;
  return {
    name: "Trading",
    value: state ?? "–",
    tone: state === "TRADING" ? "gain" : state === undefined ? undefined : "cost",
    note: state === undefined ? "the engine does not answer" : status.status?.why || "orders leave",
  };
}

function stopsFigure(stops: Stops | undefined): Figure {
  if (stops === undefined) return { name: "Breakers", value: "–" };
  const count = stops.rows.length;
  const waiting = stops.rows.filter((row) => row.resumable).length;
  return {
    name: "Breakers",
    value: stops.reachable || count ? String(count) : "–",
    tone: count ? "warn" : undefined,
    note: waiting
      ? `${waiting} ${waiting === 1 ? "waits" : "wait"} for a person`
      : count
        ? "end with their cause"
        : stops.reachable
          ? "nothing is stopped"
          : "the engine does not answer",
  };
}

function nearestFigure(rows: readonly LimitUse[] | undefined): Figure {
  if (rows === undefined) return { name: "Nearest limit", value: "–" };
  const nearest = worstFirst(rows)[0];
  if (nearest === undefined || nearest.share === null) {
    return { name: "Nearest limit", value: "–", note: "use is not known" };
  }
  const nearness = nearnessOf(nearest.share);
  return {
    name: "Nearest limit",
    value: shareWords(nearest.share),
    tone: nearness === "reached" ? "cost" : nearness === "near" ? "warn" : undefined,
    note: `${limitWords(nearest.name)}${nearest.target ? `, ${nearest.target}` : ""}`,
  };
}

function dayTradesFigure(trades: DayTrades | undefined): Figure {
  const left = trades?.left ?? null;
  return {
    name: "Day trades left",
    value:
      trades === undefined || !trades.reachable ? "–" : left === null ? "no limit" : String(left),
    tone: left === 0 ? "cost" : left === 1 ? "warn" : undefined,
    note:
      trades?.most != null ? `${trades.used ?? 0} of ${trades.most} used` : (trades?.regime ?? ""),
    explain: trades?.text ? <p>{trades.text}</p> : undefined,
  };
}
