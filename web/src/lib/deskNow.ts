import type { Shape } from "../api/contract";
import { useRead } from "../api/hooks";
import { useNow } from "./now";

type Told = Pick<Shape["SystemStatus"], "at" | "status">;

/**
 * Return the present of the desk, in milliseconds since 1970; null before the server has
 * told it, the browser's where it cannot.
 *
 * It is not the browser's: a recording is played in its own time, and faster. What is compared with
 * the time of an order, an approval or a session has to be compared with this. It is told anew
 * whenever the server says it, and every so often in between.
 */
export function useDeskNow(everyMs = 1_000): number | null {
  const { data, dataUpdatedAt, isError } = useRead("/api/v1/system/status");
  const now = useNow(everyMs);
  if (data === undefined) return isError ? now : null;
  return deskNow(data, now - dataUpdatedAt);
}

/** Return the recorded time in a replay and the server's in every other mode, so long after it was told. */
export function deskNow({ status, at }: Told, since: number): number {
  const told = status?.mode === "REPLAY" ? status.at : at;
  return Date.parse(told) + Math.max(0, since);
}
