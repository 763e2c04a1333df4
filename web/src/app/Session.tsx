import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { accounts } from "../api/account";
import { read, whenSignedOut } from "../api/client";
import type { Shape } from "../api/contract";
import { Refused } from "../api/errors";
import { ChangePassword, SignIn } from "./SignIn";
import { Splash } from "./Splash";
import { SessionContext } from "./sessionContext";

const SESSION = {
  queryKey: ["/api/v1/session"],
  queryFn: ({ signal }: { signal: AbortSignal }) => whoIsIt(signal),
  staleTime: 60_000,
};
const ACCOUNTS = {
  queryKey: ["/api/v1/accounts"],
  queryFn: ({ signal }: { signal: AbortSignal }) => read("/api/v1/accounts", undefined, signal),
};
const REMEMBERED = "fillpath-account";

type Signed = Shape["SessionShown"];

/** Ask at once who it is and what they see, while the programs of the page are still on their way. */
export function askEarly(queries: QueryClient): void {
  void queries.prefetchQuery<Signed | null>(SESSION);
  void queries.prefetchQuery({ ...ACCOUNTS, retry: false });
}

/** Shows the page to who is signed in, and the door to everybody else. */
export function Session({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const session = useQuery<Signed | null>({
    ...SESSION,
    retry: true,
    retryDelay: 2_000,
  });

  useEffect(() => {
    whenSignedOut(() => queries.setQueryData(SESSION.queryKey, null));
  }, [queries]);

  const enter = (signed: Signed) => {
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION.queryKey[0] });
    queries.setQueryData(SESSION.queryKey, signed);
  };

  if (session.data === undefined) {
    return <Splash text={session.failureCount > 0 ? session.failureReason?.message : undefined} />;
  }
  if (session.data === null) return <SignIn entered={enter} />;
  if (session.data.must_change_password)
    return <ChangePassword who={session.data} entered={enter} />;
  return <Known session={session.data}>{children}</Known>;
}

async function whoIsIt(signal: AbortSignal): Promise<Signed | null> {
  try {
    return await read("/api/v1/session", undefined, signal);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null;
    throw error;
  }
}

function Known({ session, children }: { session: Signed; children: ReactNode }) {
  const found = useQuery({
    ...ACCOUNTS,
    retry: true,
    retryDelay: 2_000,
  });
  const names = found.data?.rows.map(({ name }) => name);
  const [chosen, setChosen] = useState(false);

  useEffect(() => {
    if (names === undefined) return;
    const before = remembered();
    const name = names.find((one) => one === before) ?? names[0] ?? null;
    if (accounts.chosen() === null || !names.includes(accounts.chosen() ?? ""))
      accounts.choose(name);
    setChosen(true);
  }, [names]);

  if (names === undefined || !chosen) return <Splash text={found.failureReason?.message} />;
  if (names.length === 0) return <Splash text="you may see no account here" />;
  return (
    <SessionContext value={{ session, accounts: found.data?.rows ?? [], choose }}>
      {children}
    </SessionContext>
  );
}

function choose(name: string): void {
  accounts.choose(name);
  try {
    localStorage.setItem(REMEMBERED, name);
  } catch {
    // Storage is refused: the choice holds until the page is closed.
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}
