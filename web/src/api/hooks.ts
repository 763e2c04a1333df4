import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { accounts } from "./account";
import { act, read } from "./client";
import type { ActAnswer, ActBody, ActPath, ReadAnswer, ReadPath, ReadQuery } from "./contract";
import { isOfAccount } from "./contract";
import { withStepUp } from "./stepUp";

interface ReadOptions {
  /** False leaves it unread for now. */
  readonly enabled?: boolean;
  /** Ask again after so many milliseconds; for what no event tells of. */
  readonly every?: number;
  /** Keep showing the last answer while another question is asked. */
  readonly keep?: boolean;
}

/** Return the account that the page looks at. */
export function useAccount(): string | null {
  return useSyncExternalStore(accounts.subscribe, accounts.chosen);
}

/** Return the name under which an answer is kept; live events speak of it by its first word. */
export function keyOf(path: string, account: string | null, query: unknown = null): unknown[] {
  return [path, isOfAccount(path) ? account : null, query];
}

/** Read a path and keep the answer; live events make it new when something happens. */
export function useRead<P extends ReadPath>(
  path: P,
  query: ReadQuery<P> | undefined = undefined,
  { enabled = true, every, keep = false }: ReadOptions = {},
): UseQueryResult<ReadAnswer<P>> {
  const account = useAccount();
  return useQuery<ReadAnswer<P>>({
    queryKey: keyOf(path, account, query ?? null),
    queryFn: ({ signal }) => read(path, query, signal),
    enabled: enabled && (account !== null || !isOfAccount(path)),
    refetchInterval: every ?? false,
    ...(keep ? { placeholderData: keepPreviousData as never } : {}),
  });
}

interface Act<P extends ActPath> {
  readonly body: ActBody<P>;
  readonly names?: Record<string, string>;
}

/**
 * Return what does something; the reads that it changes are asked again.
 *
 * Where the server wants the password first, nothing was done yet: the person is asked for it, and
 * the act is sent again.
 */
export function useAct<P extends ActPath>(
  path: P,
  changes: readonly ReadPath[] = [],
): UseMutationResult<ActAnswer<P>, Error, Act<P>> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ body, names }: Act<P>) => withStepUp(() => act(path, body, { names })),
    onSettled: async () => {
      await Promise.all(
        changes.map((changed) => queries.invalidateQueries({ queryKey: [changed] })),
      );
    },
  });
}
