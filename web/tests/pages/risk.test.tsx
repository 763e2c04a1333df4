import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Risk } from "../../src/pages/Risk";
import { expectAccessible, Refusal, showPage } from "./showing";

const limit = (name: string, share: number | null, more: object = {}) => ({
  name,
  limit: "5",
  used: share === null ? null : String(5 * share),
  share,
  unit: "percent of equity",
  scope: "account",
  target: "",
  meaning: "the most one symbol may hold",
  ...more,
});
const BREAKER = {
  code: "REPEATED_EXECUTION",
  kind: "LATCH",
  scope: "strategy",
  target: "momentum",
  text: "21 orders in NVDA within an hour",
  by: "engine",
  since: "2026-03-02T14:30:00Z",
  until: null,
  exits: true,
  resumable: true,
};
const DRILL = {
  at: "2026-02-02T14:30:00Z",
  by: "ada",
  where: "account",
  mode: "PAPER",
  orders: 14,
  latch_ms: 3.2,
  gate_ms: 4.1,
  cancel_ms: 61.8,
  confirmed_ms: 412.4,
  unconfirmed: [],
};
const REFUSED = {
  ts: "2026-03-02T14:30:00Z",
  stage: "SIGNAL",
  outcome: "REFUSED",
  symbol: "NVDA",
  reason: "MAX_POSITION",
  text: "the position would be 6.1 % of equity",
  strategy_name: "momentum",
  signal_id: "m-1",
  order_id: "",
  side: "BUY",
  direction: "LONG",
  quantity: "41",
  risk_reasons: [
    "MAX_POSITION: the position would be 6.1 % of equity",
    "SECTOR_CAP: technology would be 26.1 %",
  ],
  flags: ["ADV_MISSING"],
};
const ANSWERS = {
  "/risk/limits": {
    hash: "9f3ab21c77d0aa",
    since: "2026-03-01T00:00:00Z",
    by: "bob",
    reason: "calmer",
    reachable: true,
    rows: [
      limit("risk.max_positions", 0.2),
      limit("risk.restricted", null),
      limit("risk.max_sector_pct", 1.04, { scope: "sector", target: "technology" }),
      limit("risk.max_position_pct", 0.97, { scope: "symbol", target: "AAPL" }),
    ],
  },
  "/risk/breakers": { reachable: true, rows: [BREAKER] },
  "/risk/refusals": { rows: [REFUSED], after: "", through: 9 },
  "/risk/controls": {
    rows: [
      {
        id: "C-03",
        title: "Signal age",
        when: "at the parent",
        codes: ["SIGNAL_AGE"],
        limits: { "risk.signal_age_seconds": "30" },
        rationale: "an old signal prices a market that is gone",
      },
    ],
  },
  "/risk/day-trades": {
    reachable: true,
    regime: "legacy",
    used: 2,
    most: 3,
    left: 1,
    window_sessions: 5,
    text: "2 of 3 are used",
  },
  "/risk/kill": {
    reachable: true,
    killed: "",
    latches: [],
    resume_word: "main",
    drills: [DRILL],
  },
  "/system/status": { reachable: true, status: { mode: "PAPER", state: "HELD", why: "a latch" } },
};

test("the limit nearest to being reached is first, and the one above it is said to be reached", async () => {
  showPage(Risk, ANSWERS);

  const table = await screen.findByRole("table", { name: "Limits and their use" });
  const names = within(table)
    .getAllByRole("rowheader")
    .map((cell) => cell.textContent);

  expect(names).toEqual(["max sector", "max position", "max positions"]);
  expect(within(table).getByRole("img", { name: "max sector: 104 % used" })).toBeTruthy();
});

test("limits that nothing adds up against are there when they are asked for", async () => {
  showPage(Risk, ANSWERS);
  await screen.findByText("max sector");

  await userEvent.click(screen.getByRole("switch", { name: "Only what is counted" }));

  expect(screen.getByRole("img", { name: "restricted: not counted" })).toBeTruthy();
});

test("a limit that does not bind says so with its reason, and is no nearest limit", async () => {
  const resting = limit("risk.pdt_guard.max_day_trades", null, {
    used: "35",
    rests: "free from 25000 of equity on",
  });
  const rows = [resting, limit("risk.max_position_pct", 0.5)];
  showPage(Risk, { ...ANSWERS, "/risk/limits": { ...ANSWERS["/risk/limits"], rows } });

  const row = (await screen.findByText("does not bind")).closest("tr");

  expect(row?.textContent).toContain("free from 25000 of equity on");
  expect(screen.getByLabelText("Risk at a glance").textContent).toContain("50 %");
});

test("a refusal is shown with every reason, and none of them twice", async () => {
  showPage(Risk, ANSWERS);

  const cell = (await screen.findByText("SECTOR_CAP: technology would be 26.1 %")).closest("td");

  expect(cell?.textContent).toContain("ADV_MISSING");
  expect(cell?.textContent?.match(/would be 6\.1 %/g)).toHaveLength(1);
});

test("words of a broker or a strategy are text, never markup", async () => {
  const evil = `<img src=x onerror="alert(1)">`;
  showPage(Risk, {
    ...ANSWERS,
    "/risk/breakers": { reachable: true, rows: [{ ...BREAKER, text: evil }] },
  });

  expect((await screen.findByText(evil)).textContent).toBe(evil);
  expect(document.querySelector("img")).toBeNull();
});

test("a latch is resumed with the word typed, for its own scope alone", async () => {
  const { sent } = showPage(Risk, {
    ...ANSWERS,
    "/risk/resume": { resumed_at: "2026-03-02T15:00:00Z", still: ["the feed is silent"] },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Resume…" }));
  const go = await screen.findByRole("button", { name: "Let it trade" });
  expect((go as HTMLButtonElement).disabled).toBe(true);

  await userEvent.type(screen.getByRole("textbox", { name: /to confirm/ }), "main");
  await userEvent.click(go);

  expect(await screen.findByText("strategy momentum may trade again.")).toBeTruthy();
  expect(screen.getByText("the feed is silent")).toBeTruthy();
  expect(sent[0]).toMatchObject({
    path: "/risk/resume",
    body: { scope: "strategy", target: "momentum", word: "main" },
  });
});

test("whoever may not resume, tighten or practise has no way to", async () => {
  showPage(Risk, ANSWERS, { permissions: ["read", "kill"] });

  expect(
    ((await screen.findByRole("button", { name: "Resume…" })) as HTMLButtonElement).disabled,
  ).toBe(true);
  const practise = screen.getByRole("button", { name: "Practise a kill…" });
  expect((practise as HTMLButtonElement).disabled).toBe(true);
  expect(screen.queryByRole("button", { name: "Tighten…" })).toBeNull();
});

test("a read-only desk offers no act, whatever the role", async () => {
  showPage(Risk, ANSWERS, { readOnly: true });
  await screen.findByText("max sector");

  expect(screen.queryByRole("button", { name: "Tighten…" })).toBeNull();
});

test("a drill starts only with its word typed, and its steps are told", async () => {
  const { sent } = showPage(Risk, {
    ...ANSWERS,
    "/risk/drill": { drill: { ...DRILL, unconfirmed: ["s-1"], confirmed_ms: null }, kept: true },
  });
  await screen.findByText("412 ms");
  await userEvent.click(screen.getByRole("button", { name: "Practise a kill…" }));
  const go = await screen.findByRole("button", { name: "Practise it" });
  expect((go as HTMLButtonElement).disabled).toBe(true);

  await userEvent.type(screen.getByRole("textbox", { name: /to confirm/ }), "DRILL");
  await userEvent.click(go);

  expect(await screen.findByText(/1 of 14 orders were not confirmed gone/)).toBeTruthy();
  expect(sent[0]).toMatchObject({ path: "/risk/drill", body: { scope: "account", sure: false } });
});

test("a drill on live orders wants one more word", async () => {
  showPage(Risk, {
    ...ANSWERS,
    "/system/status": { reachable: true, status: { mode: "LIVE", state: "TRADING", why: "" } },
  });
  await screen.findByText("TRADING");
  await userEvent.click(await screen.findByRole("button", { name: "Practise a kill…" }));

  await userEvent.type(await screen.findByRole("textbox", { name: /to confirm/ }), "DRILL");

  const go = screen.getByRole("button", { name: "Practise it" }) as HTMLButtonElement;
  expect(go.disabled).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: /live orders/ }));
  expect(go.disabled).toBe(false);
});

test("a limit is tightened with a reason, and a refusal is shown in the server's words", async () => {
  let refuse = true;
  const { sent } = showPage(Risk, {
    ...ANSWERS,
    "/risk/limits/tighten": () =>
      refuse
        ? new Refusal(422, "risk.max_sector_pct 25 -> 30 would loosen it")
        : { hash: "1", changes: ["risk.max_sector_pct 25 -> 20"] },
  });
  await userEvent.click((await screen.findAllByRole("button", { name: "Tighten…" }))[0] as Element);
  await userEvent.type(await screen.findByRole("textbox", { name: /New value/ }), "30");
  await userEvent.type(screen.getByRole("textbox", { name: /Why/ }), "calmer");
  await userEvent.click(screen.getByRole("button", { name: "Tighten now" }));
  expect(await screen.findByText(/25 -> 30 would loosen it/)).toBeTruthy();
  refuse = false;

  await userEvent.click(screen.getByRole("button", { name: "Tighten now" }));

  expect(await screen.findByText(/In force now: risk.max_sector_pct 25 -> 20/)).toBeTruthy();
  expect(sent[1]?.body).toEqual({ changes: { "risk.max_sector_pct": "30" }, reason: "calmer" });
  expect(sent[1]?.headers.get("x-fillpath")).toBe("1");
});

test("nothing that stops trading is different from not knowing", async () => {
  showPage(Risk, { ...ANSWERS, "/risk/breakers": { reachable: false, rows: [] } });

  await waitFor(() =>
    expect(screen.getAllByText(/engine does not answer/).length).toBeGreaterThan(0),
  );
  expect(screen.queryByText("Nothing keeps orders from leaving.")).toBeNull();
});

test("the page can be used without eyes or a pointer", async () => {
  showPage(Risk, ANSWERS);
  await screen.findByText("max sector");
  await screen.findByText("C-03");

  await expectAccessible();
});
