import { useRead } from "../api/hooks";
import { useNow } from "./now";

/**
 * Return the engine's present, in milliseconds since 1970; null while no engine has told it.
 *
 * It is not the browser's: a recording is played in its own time, and faster. What is compared with
 * the time of an order, an approval or a session has to be compared with this.
 */
export function useEngineNow(): number | null {
  const { data, dataUpdatedAt } = useRead("/api/v1/system/status");
  const now = useNow();
  const told = data?.status?.at;
  if (told === undefined) return null;
  return Date.parse(told) + Math.max(0, now - dataUpdatedAt);
}
