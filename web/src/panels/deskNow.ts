import { useRead } from "../api/hooks";

/** Return the time of the desk in milliseconds: the recorded one in a replay, else the present. */
export function useDeskNow(): number {
  const { data } = useRead("/api/v1/system/status");
  return deskNow(data?.status?.mode, data?.status?.at, Date.now());
}

/** Return the recorded time in a replay, and the present in every other mode. */
export function deskNow(mode: string | undefined, at: string | undefined, now: number): number {
  return mode === "REPLAY" && at !== undefined ? Date.parse(at) : now;
}
