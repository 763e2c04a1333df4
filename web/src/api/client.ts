import { accounts } from "./account";
import type { ActAnswer, ActBody, ActPath, ReadAnswer, ReadPath, ReadQuery } from "./contract";
import { isOfAccount } from "./contract";
import { Refused, Unreachable } from "./errors";

type Values = Record<string, unknown>;

interface Sent {
  /** Values for the names in braces of the path. */
  readonly names?: Record<string, string>;
  /** Makes a repeat of the same act harmless; made anew for each act when left out. */
  readonly key?: string;
}

type SignedOut = () => void;
let signedOut: SignedOut = () => undefined;

/** Say what happens when the server no longer knows who asks. */
export function whenSignedOut(told: SignedOut): void {
  signedOut = told;
}

/** Read what a path holds. */
export async function read<P extends ReadPath>(
  path: P,
  query: ReadQuery<P> | undefined = undefined,
  signal: AbortSignal | undefined = undefined,
): Promise<ReadAnswer<P>> {
  const answer = await send(addressOf(path, query as Values | undefined), { signal });
  return (await answer.json()) as ReadAnswer<P>;
}

/** Do something; every act names itself, so that one sent twice is done once. */
export async function act<P extends ActPath>(
  path: P,
  body: ActBody<P>,
  { names = {}, key = crypto.randomUUID() }: Sent = {},
): Promise<ActAnswer<P>> {
  const answer = await send(addressOf(filled(path, names)), {
    method: "POST",
    headers: { ...OURS, "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify(body ?? {}),
  });
  return (await answer.json()) as ActAnswer<P>;
}

/** End the session. */
export async function signOut(): Promise<void> {
  await send("/api/v1/session", { method: "DELETE", headers: OURS });
}

/** Return the address of a file with the same rows. */
export function fileOf(path: string, query: Values = {}): string {
  return addressOf(path, query);
}

/** Return an address with its query; the account that is looked at is named in it. */
export function addressOf(path: string, query: Values = {}): string {
  const words = new URLSearchParams();
  const account = accounts.chosen();
  if (account !== null && isOfAccount(path)) words.set("account", account);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") words.append(name, String(one));
    }
  }
  const text = words.toString();
  return text === "" ? path : `${path}?${text}`;
}

const OURS = { "X-Fillpath": "1" };
const UNAUTHENTICATED = 401;

/** Send a request; what is no good answer becomes an error that says why. */
export async function send(address: string, options: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(address, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable(error);
  }
  if (answer.ok) return answer;
  const refused = new Refused(answer.status, await answer.json().catch(() => null));
  if (answer.status === UNAUTHENTICATED && address !== "/api/v1/session") signedOut();
  throw refused;
}

function filled(path: string, names: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ""));
}
