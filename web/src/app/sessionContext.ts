import { createContext, useContext } from "react";
import type { Shape } from "../api/contract";

interface Known {
  readonly session: Shape["SessionShown"];
  readonly accounts: readonly Shape["AccountShown"][];
  readonly choose: (name: string) => void;
}

export const SessionContext = createContext<Known | null>(null);

/** Return who is signed in and what they may see. */
export function useSession(): Known {
  const known = useContext(SessionContext);
  if (known === null) throw new Error("nobody is signed in here");
  return known;
}

/** Return whether the person may do something here; the server asks again. */
export function useMay(permission: string): boolean {
  const { session } = useSession();
  return !session.read_only && session.permissions.includes(permission);
}
