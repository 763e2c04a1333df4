import { Button } from "@mantine/core";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { fileOf } from "../api/client";
import { Approvals } from "../blotter/Approvals";
import { Blotter } from "../blotter/Blotter";
import { isWorking } from "../blotter/entries";
import { Filters } from "../blotter/Filters";
import { type Filter, filterOf } from "../blotter/filter";
import { type Sorting, sortedEntries, sortingOf, sortingText } from "../blotter/sorting";
import { useCosts } from "../blotter/useCosts";
import { useOrders } from "../blotter/useOrders";
import { Away, Nothing, Reading } from "../components/states";
import styles from "./trades.module.css";

/** How long after the last key the chosen line is written into the address. */
const PAUSE_MS = 300;

/** Return the chosen line and what chooses another; it is in the address, so that a reload keeps it. */
function useChosen(written: string | null) {
  const [chosen, choose] = useState(written);
  const router = useRouter();
  useEffect(() => {
    if (chosen === written) return;
    const timer = setTimeout(() => {
      // Whoever is on the way to another page is not called back.
      if (router.latestLocation.pathname !== "/trades") return;
      void router.navigate({
        to: "/trades",
        search: (before) => ({ ...before, line: chosen ?? undefined }),
        replace: true,
      });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [chosen, written, router]);
  return [chosen, choose] as const;
}

/** Every order with its slices, and what waits for a person. */
export function Trades() {
  const search = useSearch({ from: "/trades" });
  const navigate = useNavigate({ from: "/trades" });
  const filter = useMemo(() => filterOf(search), [search]);
  const sorting = useMemo(() => sortingOf(search.sort), [search.sort]);
  const { entries, state, error, cut, again } = useOrders(filter);
  const { costs, see } = useCosts(sorting?.column === "cost");
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());

  const [chosen, choose] = useChosen(search.line ?? null);

  const put = useCallback(
    (wanted: Filter, order: Sorting | null) =>
      void navigate({
        to: "/trades",
        search: ({ line }) => ({ ...wanted, sort: sortingText(order), line }),
        replace: true,
      }),
    [navigate],
  );
  const change = useCallback((wanted: Filter) => put(wanted, sorting), [put, sorting]);
  const sort = useCallback((wanted: Sorting | null) => put(filter, wanted), [put, filter]);
  const open = useCallback(
    (id: string) => void navigate({ to: "/order", search: { order_id: id } }),
    [navigate],
  );
  const toggle = useCallback(
    (id: string) =>
      setExpanded((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      }),
    [],
  );
  const sorted = useMemo(() => sortedEntries(entries, sorting, costs), [entries, sorting, costs]);
  const working = entries.filter(({ order }) => isWorking(order));

  return (
    <div className={styles.page}>
      <h1 className="unseen">Trades</h1>
      <Approvals />
      <div className={styles.bar}>
        <Filters filter={filter} change={change} />
        <span className={styles.count} role="status">
          {entries.length.toLocaleString("en-US")} {entries.length === 1 ? "order" : "orders"}
          {working.length > 0 ? `, ${working.length.toLocaleString("en-US")} working` : ""}
          {cut ? "; older ones are in the CSV" : ""}
          {state === "reading" && entries.length > 0 ? " …" : ""}
        </span>
        <Button
          component="a"
          href={fileOf("/api/v1/trades/orders.csv", { ...filter })}
          download
          size="compact-xs"
          variant="default"
        >
          CSV
        </Button>
      </div>
      {entries.length > 0 ? (
        <Blotter
          entries={sorted}
          costs={costs}
          sorting={sorting}
          sort={sort}
          expanded={expanded}
          toggle={toggle}
          open={open}
          chosen={chosen}
          choose={choose}
          see={see}
        />
      ) : state === "failed" ? (
        <Away error={error} again={again} what="The orders" />
      ) : state === "reading" ? (
        <Reading what="the orders" />
      ) : Object.keys(filter).length > 0 ? (
        <Nothing title="No order matches">
          <Button size="xs" variant="default" onClick={() => put({}, sorting)}>
            Show every order
          </Button>
        </Nothing>
      ) : (
        <Nothing title="No orders yet">
          An order appears here the moment a signal becomes one. fillpath signal sends one by hand.
        </Nothing>
      )}
    </div>
  );
}
