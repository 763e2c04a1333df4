import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { accounts } from "../src/api/account";
import { EVERY_MS, keepFresh } from "../src/api/freshness";
import { keyOf } from "../src/api/hooks";
import type { Happened, Live } from "../src/api/live";

type Hear = (batch: readonly Happened[]) => void;

let queries: QueryClient;
let tell: Hear;
let read: string[];

beforeEach(() => {
  vi.useFakeTimers();
  accounts.choose("main");
  queries = new QueryClient();
  read = [];
  queries.invalidateQueries = (filter) => {
    read.push(String(filter?.queryKey?.[0] ?? "everything"));
    return Promise.resolve();
  };
  const live = {
    hear: (told: Hear) => {
      tell = told;
      return () => undefined;
    },
  };
  keepFresh(live as unknown as Live, queries);
});

afterEach(() => {
  accounts.choose(null);
  vi.useRealTimers();
});

test("what a fill makes old is read again", () => {
  tell([{ event: "fill", data: {} }]);
  vi.advanceTimersByTime(EVERY_MS);

  expect(read).toContain("/api/v1/trades/order");
  expect(read).toContain("/api/v1/portfolio/lots");
});

test("a busy market makes the page read once a second and no more", () => {
  for (let tenth = 0; tenth < 10; tenth += 1) {
    tell([{ event: "fill", data: {} }]);
    vi.advanceTimersByTime(EVERY_MS / 10);
  }

  expect(read.filter((path) => path === "/api/v1/trades/order")).toHaveLength(1);
});

test("an order that waits for a person is shown at once", () => {
  tell([{ event: "approval", data: { order_ids: ["a"] } }]);
  vi.advanceTimersByTime(1);

  expect(read).toEqual(["/api/v1/trades/approvals"]);
});

test("a status is taken as it was told, without asking for it", () => {
  const told = { tables: { through: 9 }, banner: "", reachable: true };
  tell([{ event: "status", data: told }]);
  vi.advanceTimersByTime(EVERY_MS);

  expect(queries.getQueryData(keyOf("/api/v1/system/status", "main"))).toEqual(told);
  expect(read).not.toContain("/api/v1/system/status");
});

test("where too much was missed everything is read again", () => {
  tell([{ event: "reset", data: {} }]);

  expect(read).toEqual(["everything"]);
});
