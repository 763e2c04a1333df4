import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import { read } from "../src/api/client";
import { Session } from "../src/app/Session";
import { lengthWords } from "../src/app/SignIn";
import { deskOfTests } from "./desk";

const held = deskOfTests();

const REFUSED = { error: { code: "unauthenticated", message: "sign in first" } };

function session(changes: object = {}) {
  return {
    username: "ada",
    role: "trader",
    permissions: ["read", "kill"],
    accounts: ["main"],
    must_change_password: false,
    stepped_up_until: null,
    expires_at: "2126-01-01T00:00:00Z",
    read_only: false,
    ...changes,
  };
}

function open() {
  held.desk.answer("GET /accounts", { rows: [{ name: "main" }] });
  render(
    <MantineProvider env="test" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={new QueryClient()}>
        <Session>the desk</Session>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

async function signIn(): Promise<void> {
  await userEvent.type(await screen.findByLabelText(/Name/), "ada");
  await userEvent.type(screen.getByLabelText(/Password/), "correct horse");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

test("who is not signed in sees the door and nothing else", async () => {
  held.desk.answer("GET /session", REFUSED, 401);
  open();

  expect(await screen.findByRole("form", { name: "Sign in" })).toBeTruthy();
  expect(screen.queryByText("the desk")).toBeNull();
});

test("who signs in sees the desk", async () => {
  held.desk.answer("GET /session", REFUSED, 401);
  held.desk.answer("POST /session", session());
  open();
  await screen.findByRole("form", { name: "Sign in" });
  held.desk.answer("GET /session", session());

  await signIn();

  expect(await screen.findByText("the desk")).toBeTruthy();
  expect(held.desk.sent("/session")).toEqual([
    { username: "ada", password: "correct horse", code: null },
  ]);
});

test("a wrong password is told as the server tells it", async () => {
  held.desk.answer("GET /session", REFUSED, 401);
  held.desk.answer("POST /session", { error: { code: "x", message: "that is not right" } }, 401);
  open();

  await signIn();

  expect((await screen.findByRole("alert")).textContent).toBe("that is not right");
});

test("a first password is changed before anything else is shown", async () => {
  held.desk.answer("GET /session", session({ must_change_password: true }));
  open();

  expect(await screen.findByRole("form", { name: "Choose your own password" })).toBeTruthy();
  expect(screen.queryByText("the desk")).toBeNull();
});

test("two new passwords that differ change nothing", async () => {
  held.desk.answer("GET /session", session({ must_change_password: true }));
  open();
  await userEvent.type(await screen.findByLabelText(/^New password \*?$/), "a sentence to keep");
  await userEvent.type(screen.getByLabelText(/New password again/), "a sentence to lose");

  expect(screen.getByText("the two are not the same")).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Change it" }).disabled).toBe(true);
});

test("when the session ends the door is back", async () => {
  held.desk.answer("GET /session", session());
  open();
  await screen.findByText("the desk");
  held.desk.answer("GET /system/status", REFUSED, 401);

  await read("/api/v1/system/status").catch(() => undefined);

  expect(await screen.findByRole("form", { name: "Sign in" })).toBeTruthy();
});

test("how long a password should be is said while it is typed", () => {
  expect(lengthWords("")).toContain("at least 12");
  expect(lengthWords("short")).toContain("5 so far");
  expect(lengthWords("a sentence to keep")).toBe("18 characters: good");
});
