import { act, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { Approvals } from "../src/blotter/Approvals";
import { deskOfTests, show } from "./desk";

const held = deskOfTests();
let sight: (() => void) | undefined;

class Watcher {
  readonly #told: IntersectionObserverCallback;

  constructor(told: IntersectionObserverCallback) {
    this.#told = told;
  }

  observe(): void {
    sight = () =>
      this.#told([{ isIntersecting: true } as IntersectionObserverEntry], this as never);
  }

  disconnect(): void {}
}

beforeEach(() => {
  sight = undefined;
  vi.stubGlobal("IntersectionObserver", Watcher);
});

function waiting(findings: string[]) {
  return {
    rows: [
      {
        order_id: "trend/1",
        strategy_name: "trend",
        signal_id: "1",
        symbol: "KO",
        side: "BUY",
        quantity: "500",
        price: "60.10",
        worst_price: "60.40",
        bid: "60.09",
        ask: null,
        asked_at: "2026-03-02T14:30:00Z",
        expires_at: "2126-03-02T14:30:00Z",
        findings,
        seen: "a1b2",
      },
    ],
  };
}

function approve() {
  return screen.findByRole<HTMLButtonElement>("button", { name: "Approve…" });
}

test("every finding is shown, as text and never as HTML", async () => {
  held.desk.answer("GET /trades/approvals", waiting(["too large", "<img src=x onerror=alert(1)>"]));
  const { container } = show(<Approvals />);

  expect(await screen.findByText("too large")).toBeTruthy();
  expect(screen.getByText("<img src=x onerror=alert(1)>")).toBeTruthy();
  expect(container.querySelector("img")).toBeNull();
});

test("nobody approves before the last finding was in sight", async () => {
  held.desk.answer("GET /trades/approvals", waiting(["one", "two"]));
  show(<Approvals />);
  expect((await approve()).disabled).toBe(true);

  act(() => sight?.());

  expect((await approve()).disabled).toBe(false);
});

test("the order is typed before it is sent, with the word that came with its findings", async () => {
  held.desk.answer("GET /trades/approvals", waiting([]));
  held.desk.answer("POST /trades/approvals/approve", { outcome: "ORDERED", text: "sent" });
  show(<Approvals />);
  await userEvent.click(await approve());
  await userEvent.type(screen.getByLabelText(/Type BUY 500 KO/), "BUY 500 KO{Enter}");

  expect(await screen.findByText("ordered: sent")).toBeTruthy();
  expect(held.desk.sent("/trades/approvals/approve")).toEqual([
    { order_id: "trend/1", seen: "a1b2", word: "trend/1" },
  ]);
});

test("another order typed sends nothing", async () => {
  held.desk.answer("GET /trades/approvals", waiting([]));
  show(<Approvals />);
  await userEvent.click(await approve());
  await userEvent.type(screen.getByLabelText(/Type BUY 500 KO/), "BUY 50 KO{Enter}");

  expect(held.desk.sent("/trades/approvals/approve")).toEqual([]);
});

test("a rejection needs a reason", async () => {
  held.desk.answer("GET /trades/approvals", waiting(["one"]));
  held.desk.answer("POST /trades/approvals/reject", { outcome: "DECLINED", text: "" });
  show(<Approvals />);
  await userEvent.click(await screen.findByRole("button", { name: "Reject…" }));
  const send = screen.getByRole<HTMLButtonElement>("button", { name: "Reject it" });
  expect(send.disabled).toBe(true);

  await userEvent.type(screen.getByLabelText(/Why/), "earnings{Enter}");

  expect(await screen.findByText("declined")).toBeTruthy();
  expect(held.desk.sent("/trades/approvals/reject")).toEqual([
    { order_id: "trend/1", reason: "earnings" },
  ]);
});

test("who may not approve cannot", async () => {
  held.desk.answer("GET /trades/approvals", waiting([]));
  show(<Approvals />, ["read", "kill"]);

  expect((await approve()).disabled).toBe(true);
});

test("with nothing to approve there is nothing to see", async () => {
  held.desk.answer("GET /trades/approvals", { rows: [] });
  const { container } = show(<Approvals />);
  await vi.waitFor(() => expect(held.desk.asked).toHaveLength(1));

  expect(container.querySelector("section")).toBeNull();
});
