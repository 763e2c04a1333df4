import { QueryClient } from "@tanstack/react-query";
import { Refused } from "../api/errors";

const ATTEMPTS = 2;

/** What the page has read; live events keep it true, so that nothing is asked again on a whim. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 300_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < ATTEMPTS && !(error instanceof Refused && error.status < 500),
    },
    mutations: { retry: false },
  },
});
