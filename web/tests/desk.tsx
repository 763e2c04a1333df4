import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, vi } from "vitest";
import { accounts } from "../src/api/account";
import { SessionContext } from "../src/app/sessionContext";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A server that answers what a test tells it to, and remembers what it was asked. */
export class Desk {
  readonly asked: Asked[] = [];
  readonly #answers = new Map<string, () => [number, unknown]>();

  answer(route: string, body: unknown, status = 200): void {
    this.#answers.set(route, () => [status, body]);
  }

  readonly fetch = async (address: RequestInfo | URL, request?: RequestInit): Promise<Response> => {
    const url = new URL(String(address), "http://desk.test");
    const method = request?.method ?? "GET";
    const path = url.pathname.replace("/api/v1", "");
    const text = request?.body;
    this.asked.push({
      method,
      path,
      headers: new Headers(request?.headers),
      body: typeof text === "string" ? JSON.parse(text) : null,
    });
    const [status, body] = this.#answers.get(`${method} ${path}`)?.() ?? [404, null];
    return new Response(JSON.stringify(body), { status });
  };

  /** Return what was asked of a path, with its body. */
  sent(path: string): unknown[] {
    return this.asked
      .filter((one) => one.path === path && one.method === "POST")
      .map(({ body }) => body);
  }
}

/** Put a server under every test of a file. */
export function deskOfTests(): { desk: Desk } {
  const held = { desk: new Desk() };
  beforeEach(() => {
    held.desk = new Desk();
    vi.stubGlobal("fetch", held.desk.fetch);
    accounts.choose("main");
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    accounts.choose(null);
  });
  return held;
}

const EVERYTHING = ["read", "kill", "cancel", "approve", "resume"];

/** Show something as a person with these permissions sees it. */
export function show(
  what: ReactNode,
  permissions: readonly string[] = EVERYTHING,
  readOnly = false,
) {
  const session = {
    username: "ada",
    role: "risk",
    permissions: [...permissions],
    accounts: ["main"],
    must_change_password: false,
    stepped_up_until: null,
    expires_at: "2126-01-01T00:00:00Z",
    read_only: readOnly,
  };
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <MantineProvider env="test" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queries}>
        <SessionContext value={{ session, accounts: [], choose: () => undefined }}>
          {what}
        </SessionContext>
      </QueryClientProvider>
    </MantineProvider>,
  );
}
