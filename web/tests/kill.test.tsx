import { screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Kill } from "../src/app/Kill";
import { deskOfTests, show } from "./desk";

const held = deskOfTests();

function status(killed: string) {
  return { status: { account: "main", killed, mode: "PAPER" }, tables: { through: 1 }, banner: "" };
}

test("nothing is stopped before the word is typed whole", async () => {
  held.desk.answer("GET /system/status", status(""));
  show(<Kill />);
  await userEvent.click(screen.getByRole("button", { name: "KILL" }));

  await userEvent.type(screen.getByLabelText(/Type KILL/), "KIL");

  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Stop it" }).disabled).toBe(true);
});

test("the word stops the account and what the server says is told", async () => {
  held.desk.answer("GET /system/status", status(""));
  held.desk.answer("POST /risk/kill", {
    first: true,
    reachable: true,
    open_orders: 2,
    text: "main is killed",
  });
  show(<Kill />);
  await userEvent.click(screen.getByRole("button", { name: "KILL" }));
  await userEvent.type(screen.getByLabelText(/Type KILL/), "KILL");

  await userEvent.click(screen.getByRole("button", { name: "Stop it" }));

  expect(await screen.findByText("main is killed")).toBeTruthy();
  expect(held.desk.sent("/risk/kill")).toEqual([
    { scope: "account", target: null, reason: "no reason given", word: "KILL", flatten: false },
  ]);
});

test("every act names itself, so that one sent twice is done once", async () => {
  held.desk.answer("GET /system/status", status(""));
  show(<Kill />);
  await userEvent.click(screen.getByRole("button", { name: "KILL" }));
  await userEvent.type(screen.getByLabelText(/Type KILL/), "KILL{Enter}");

  const kill = held.desk.asked.find(({ path }) => path === "/risk/kill");
  expect(kill?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
  expect(kill?.headers.get("X-Fillpath")).toBe("1");
});

test("a kill that fails says so and names the way without this page", async () => {
  held.desk.answer("GET /system/status", status(""));
  held.desk.answer("POST /risk/kill", { error: { code: "x", message: "the disk is full" } }, 503);
  show(<Kill />);
  await userEvent.click(screen.getByRole("button", { name: "KILL" }));
  await userEvent.type(screen.getByLabelText(/Type KILL/), "KILL{Enter}");

  expect((await screen.findByRole("alert")).textContent).toBe(
    "the disk is full. On the machine itself: fillpath kill",
  );
});

test("who may stop trading may not always let it go on", async () => {
  held.desk.answer("GET /system/status", status("KILLED by ada"));
  held.desk.answer("GET /risk/kill", { killed: "by ada", resume_word: "main", latches: [] });
  show(<Kill />, ["read", "kill"]);
  await userEvent.click(await screen.findByRole("button", { name: "Resume…" }));
  await userEvent.type(await screen.findByLabelText(/Type main/), "main");

  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Let it trade" }).disabled).toBe(
    true,
  );
});

test("where nothing can be changed there is no switch at all", () => {
  held.desk.answer("GET /system/status", status(""));
  show(<Kill />, ["read"], true);

  expect(screen.queryByRole("button", { name: "KILL" })).toBeNull();
});
