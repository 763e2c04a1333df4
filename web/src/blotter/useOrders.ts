import { useEffect, useState, useSyncExternalStore } from "react";
import { useAccount } from "../api/hooks";
import { live } from "../api/live";
import type { Filter } from "./filter";
import { type Listed, OrderList } from "./orderList";

/** Return the orders under a filter, kept by what happens. */
export function useOrders(filter: Filter): Listed & { readonly again: () => void } {
  const [list] = useState(() => new OrderList());
  const account = useAccount();
  const listed = useSyncExternalStore(list.subscribe, list.listed);
  const name = JSON.stringify(filter);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another account has other orders
  useEffect(() => {
    const deaf = live.hear((batch) => list.take(batch));
    void list.open(JSON.parse(name) as Filter);
    return () => {
      deaf();
      list.close();
    };
  }, [list, name, account]);

  return { ...listed, again: () => void list.open(filter) };
}
