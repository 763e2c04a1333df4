import { useEffect, useState, useSyncExternalStore } from "react";
import { useAccount } from "../api/hooks";
import { live } from "../api/live";
import { CostBook, type Costs } from "./costBook";

interface Known {
  readonly costs: Costs;
  /** Say which orders are in sight. */
  readonly see: (orders: readonly string[]) => void;
}

/** Return what orders cost in basis points, by name; of all of them where they are sorted by it. */
export function useCosts(ofAll: boolean): Known {
  const [book] = useState(() => new CostBook());
  const [see] = useState(() => (orders: readonly string[]) => book.want(orders));
  const account = useAccount();
  const costs = useSyncExternalStore(book.subscribe, book.costs);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another account has other orders
  useEffect(() => {
    const deaf = live.hear((batch) => book.take(batch));
    return () => {
      deaf();
      book.forget();
    };
  }, [book, account]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another account has other orders
  useEffect(() => {
    if (ofAll) void book.wantAll();
  }, [book, ofAll, account]);

  return { costs, see };
}
