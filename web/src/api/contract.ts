import type { components, paths } from "./schema";

/** The shapes of the contract, by name. */
export type Shape = components["schemas"];

type Answered<O> = O extends {
  responses: { 200: { content: { "application/json": infer A } } };
}
  ? A
  : never;

type Asked<O> = O extends { parameters: { query?: infer Q } }
  ? NonNullable<Q>
  : Record<never, never>;

type Sent<O> = O extends { requestBody?: { content: { "application/json": infer B } } }
  ? B
  : undefined;

type PathsWith<M extends "get" | "post" | "delete"> = {
  [P in keyof paths]: paths[P] extends Record<M, infer O>
    ? [Answered<O>] extends [never]
      ? never
      : P
    : never;
}[keyof paths];

/** What can be read as JSON. */
export type ReadPath = PathsWith<"get">;
/** What can be done. */
export type ActPath = PathsWith<"post">;

export type ReadAnswer<P extends ReadPath> = Answered<paths[P]["get"]>;
export type ReadQuery<P extends ReadPath> = Omit<Asked<paths[P]["get"]>, "account">;
export type ActAnswer<P extends ActPath> = Answered<paths[P]["post"]>;
export type ActBody<P extends ActPath> = Sent<paths[P]["post"]>;

/** Routes that are about no account. */
const OF_NO_ACCOUNT = [
  "/api/v1/session",
  "/api/v1/users",
  "/api/v1/accounts",
  "/api/v1/system/version",
  "/api/v1/system/settings",
  "/api/v1/system/jobs",
  "/api/v1/system/audit",
  "/api/v1/risk/controls",
];

export function isOfAccount(path: string): boolean {
  return !OF_NO_ACCOUNT.some((start) => path.startsWith(start));
}
