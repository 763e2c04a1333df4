/** What the pages ask the server for, and how often. */

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Refused, Unreachable } from "../api/errors";

const PREFIX = "/api/v1";

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** How often something is asked for again, in milliseconds, while the page is looked at. */
export const EVERY = { moment: 2_000, while: 10_000, rarely: 60_000 } as const;

/** Return the address of a route with what it is asked. */
export function addressOf(path: string, query: Query = {}): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") asked.set(name, String(value));
  }
  const text = asked.toString();
  return `${PREFIX}${path}${text ? `?${text}` : ""}`;
}

/** Read a route of the server, and again every so often. */
export function useRead<T>(path: string, query: Query = {}, every: number | false = EVERY.while) {
  const address = addressOf(path, query);
  return useQuery<T, Error>({
    queryKey: [path, query],
    queryFn: ({ signal }) => answerOf<T>(address, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: every,
  });
}

/** Have the server do something; everything that was read of these paths is read anew. */
export function useAct<Body, Answer>(path: (body: Body) => string, fresh: readonly string[]) {
  const queries = useQueryClient();
  return useMutation<Answer, Error, Body>({
    mutationFn: (body) =>
      answerOf<Answer>(`${PREFIX}${path(body)}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-fillpath": "1",
          "idempotency-key": crypto.randomUUID(),
        },
        body: JSON.stringify(body),
      }),
    onSettled: () =>
      Promise.all(fresh.map((first) => queries.invalidateQueries({ queryKey: [first] }))),
  });
}

async function answerOf<T>(address: string, request: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address, { ...request, credentials: "same-origin" });
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new Unreachable(error);
  }
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, body);
  return body as T;
}
