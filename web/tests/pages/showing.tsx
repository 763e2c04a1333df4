import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { configure, render } from "@testing-library/react";
import axe from "axe-core";
import type { FunctionComponent } from "react";
import { expect, vi } from "vitest";
import { accounts } from "../../src/api/account";
import type { Shape } from "../../src/api/contract";
import { SessionContext } from "../../src/app/sessionContext";
import { theme } from "../../src/theme";

const EVERYTHING = [
  "read",
  "kill",
  "cancel",
  "approve",
  "signal",
  "resume",
  "limits",
  "drill",
  "acknowledge",
  "jobs",
  "users",
  "audit",
];

// A busy machine takes its time over a first render; that is no failure of the page.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

// jsdom draws nothing and scrolls nowhere.
HTMLCanvasElement.prototype.getContext = () => null;
window.scrollTo = () => undefined;

/** What a fake server answers by path; a function is handed the query, an Error is a refusal. */
export type Answers = Readonly<Record<string, unknown>>;

/** Something that was sent to the fake server. */
export interface Sent {
  readonly path: string;
  readonly body: unknown;
  readonly headers: Headers;
}

export interface Shown {
  readonly sent: Sent[];
  readonly asked: string[];
}

/** A server's own words when it refuses. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Options {
  readonly permissions?: readonly string[];
  readonly readOnly?: boolean;
  readonly at?: string;
}

/** Show a page over a fake server, signed in. */
export function showPage(Page: FunctionComponent, answers: Answers, options: Options = {}): Shown {
  const shown: Shown = { sent: [], asked: [] };
  globalThis.fetch = (address, request) =>
    Promise.resolve(answered(String(address), request ?? {}, answers, shown));
  accounts.choose("main");
  const root = createRootRoute();
  const paths = ["/", "/order", "/system"].map((path) =>
    createRoute({ getParentRoute: () => root, path, component: path === "/order" ? Order : Page }),
  );
  const router = createRouter({
    routeTree: root.addChildren(paths),
    history: createMemoryHistory({ initialEntries: [options.at ?? "/"] }),
  });
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: false, refetchInterval: false } },
  });
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={queries}>
        <SessionContext value={known(options)}>
          <RouterProvider router={router as never} />
        </SessionContext>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return shown;
}

function Order() {
  return <h1>one order</h1>;
}

function known({ permissions = EVERYTHING, readOnly = false }: Options) {
  const session: Shape["SessionShown"] = {
    username: "ada",
    role: "admin",
    permissions: [...permissions],
    accounts: ["main"],
    must_change_password: false,
    stepped_up_until: null,
    expires_at: "2026-03-02T22:00:00Z",
    read_only: readOnly,
  };
  const account = { name: "main", mode: "PAPER", state: "TRADING", reachable: true };
  return { session, accounts: [account], choose: () => undefined };
}

function answered(address: string, request: RequestInit, answers: Answers, shown: Shown): Response {
  const url = new URL(address, "http://desk");
  const path = url.pathname.replace("/api/v1", "");
  if (request.method === "POST") {
    const body = JSON.parse(String(request.body ?? "null")) as unknown;
    shown.sent.push({ path, body, headers: new Headers(request.headers) });
  } else {
    shown.asked.push(`${path}${url.search}`);
  }
  const found = answers[path];
  const told = typeof found === "function" ? found(url.searchParams) : found;
  if (told instanceof Refusal) {
    const error = { code: "refused", message: told.message, field: null, request_id: "r" };
    return Response.json({ error }, { status: told.status });
  }
  if (told === undefined) return Response.json(null, { status: 404 });
  return Response.json(told);
}

/** Expect that whoever cannot see or point can use what is shown. */
export async function expectAccessible(): Promise<void> {
  const found = await axe.run(document.body, {
    // jsdom lays nothing out; colours are looked at in a real browser.
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html)}`)).toEqual(
    [],
  );
}
