import type { QueryClient } from "@tanstack/react-query";
import { accounts } from "./account";
import type { ReadPath } from "./contract";
import { keyOf } from "./hooks";
import type { Happened, Live } from "./live";

/** Which reads an event makes old. */
const OLD: Readonly<Record<string, readonly ReadPath[]>> = {
  order: ["/api/v1/trades/order", "/api/v1/risk/limits"],
  fill: ["/api/v1/trades/fills", "/api/v1/trades/order", "/api/v1/portfolio/lots"],
  signal: ["/api/v1/trades/signals"],
  decision: ["/api/v1/trades/decisions", "/api/v1/trades/order", "/api/v1/risk/refusals"],
  position: ["/api/v1/portfolio", "/api/v1/portfolio/pnl"],
  snapshot: ["/api/v1/portfolio", "/api/v1/portfolio/equity"],
  quality: [
    "/api/v1/trades/quality",
    "/api/v1/trades/quality/summary",
    "/api/v1/trades/quality/latency",
    "/api/v1/trades/order",
  ],
  alert: ["/api/v1/system/alerts", "/api/v1/risk/unanswered"],
  approval: ["/api/v1/trades/approvals"],
  status: [
    "/api/v1/system/status",
    "/api/v1/system/health",
    "/api/v1/system/reconciliation",
    "/api/v1/risk/breakers",
    "/api/v1/risk/kill",
    "/api/v1/risk/limits",
    "/api/v1/risk/day-trades",
  ],
};

/** At most so often is the same thing read again, however much happens. */
export const EVERY_MS = 1_000;
const AT_ONCE = new Set(["approval", "alert"]);

/** Keep what the page has read as new as what happens; return how to end that. */
export function keepFresh(live: Live, queries: QueryClient): () => void {
  const waiting = new Set<ReadPath>();
  let timer: number | undefined;

  function readAgain(): void {
    timer = undefined;
    const paths = [...waiting];
    waiting.clear();
    for (const path of paths) void queries.invalidateQueries({ queryKey: [path] });
  }

  function hear(batch: readonly Happened[]): void {
    let soon = EVERY_MS;
    for (const { event, data } of batch) {
      if (event === "reset") {
        void queries.invalidateQueries();
        continue;
      }
      if (event === "status" && isWholeStatus(data)) {
        queries.setQueryData(keyOf("/api/v1/system/status", accounts.chosen()), data);
      }
      for (const path of OLD[event] ?? []) {
        if (event !== "status" || path !== "/api/v1/system/status" || !isWholeStatus(data)) {
          waiting.add(path);
        }
      }
      if (AT_ONCE.has(event)) soon = 0;
    }
    if (waiting.size > 0) {
      if (soon === 0) clearTimeout(timer);
      timer =
        soon === 0
          ? window.setTimeout(readAgain, 0)
          : (timer ?? window.setTimeout(readAgain, soon));
    }
  }

  const deaf = live.hear(hear);
  return () => {
    deaf();
    clearTimeout(timer);
  };
}

function isWholeStatus(data: unknown): boolean {
  return typeof data === "object" && data !== null && "tables" in data && "banner" in data;
}
