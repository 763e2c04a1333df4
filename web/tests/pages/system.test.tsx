import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { System } from "../../src/pages/System";
import { expectAccessible, Refusal, showPage } from "./showing";

const rows = (list: unknown[]) => ({ rows: list, after: "", through: 9 });
const STATUS = {
  reachable: true,
  status: {
    mode: "PAPER",
    state: "TRADING",
    why: "",
    degraded: false,
    version: "0.6.0",
    at: "2026-03-02T14:30:00Z",
    started_at: "2026-03-02T09:30:00Z",
    pid: 4711,
    epoch: 12,
    records: 5124,
    armed_until: null,
    parts: [
      { name: "broker", kind: "ibkr", healthy: true, detail: "", lag: null },
      { name: "bus", kind: "redis", healthy: false, detail: "it does not answer", lag: 1200 },
    ],
  },
  tables: { tier: "sqlite 3.46", healthy: true, through: 5120, lag: 3, detail: "" },
  feed: { kind: "ibkr", healthy: true, age_ms: 240, detail: "" },
};
const ALERT = {
  id: "main:51:0",
  ts: "2026-03-02T14:30:00Z",
  code: "SLIPPAGE",
  severity: "WARNING",
  text: "14.20 bps, above 10",
  order_id: "s-1/parent",
  acknowledged_by: "",
  acknowledged_at: null,
};
const JOB = {
  name: "daily_report",
  title: "Write the report of the day",
  schedule: "at 16:30",
  running: false,
  last_at: "2026-03-01T21:30:00Z",
  last_result: "FAILED",
  last_text: "the folder cannot be written",
  next_at: "2026-03-02T21:30:00Z",
};
const USER = {
  username: "bob",
  role: "trader",
  accounts: ["main"],
  disabled: false,
  has_code: false,
  must_change_password: true,
  created_at: "2026-03-01T09:00:00Z",
  last_seen_at: null,
};
const ANSWERS = {
  "/system/status": STATUS,
  "/system/reconciliation": {
    agreed: true,
    reachable: true,
    compared_at: "2026-03-02T14:30:00Z",
    open: [],
  },
  "/system/alerts": rows([ALERT]),
  "/system/alerts/main%3A51%3A0/acknowledge": { id: ALERT.id, by: "ada" },
  "/system/jobs": rows([JOB]),
  "/system/jobs/daily_report/run": { name: "daily_report", result: "OK", text: "written" },
  "/system/settings": {
    rows: [
      { name: "broker.account", value: "***123", unit: "", meaning: "account", changed: true },
      { name: "router.twap_gap_seconds", value: "60", unit: "s", meaning: "gap", changed: false },
    ],
  },
  "/system/audit": rows([
    {
      number: 7,
      at: "2026-03-02T14:30:00Z",
      who: "mallory",
      role: "",
      source: "127.0.0.1",
      act: "sign in",
      outcome: "REFUSED",
      account: "",
      target: "",
      before: "",
      after: "",
      reason: "",
    },
  ]),
  "/system/version": { version: "0.6.0", api: "v1", read_only: false },
  "/users": { rows: [USER] },
  "/users/bob/reset": { done: true, text: "the first password is correct-horse" },
};

test("each part says how it is and how far behind", async () => {
  showPage(System, ANSWERS);

  const bus = (await screen.findByRole("rowheader", { name: "bus" })).closest("tr");

  expect(bus?.textContent).toContain("needs attention");
  expect(bus?.textContent).toContain("1,200 records");
  expect(screen.getByRole("rowheader", { name: "feed" }).closest("tr")?.textContent).toContain(
    "240 ms old",
  );
  expect(await screen.findByText("The journal and the broker agree.")).toBeTruthy();
});

test("no part is called well while the engine does not answer", async () => {
  showPage(System, { ...ANSWERS, "/system/status": { ...STATUS, reachable: false } });

  const broker = (await screen.findByRole("rowheader", { name: "broker" })).closest("tr");

  expect(broker?.textContent).toContain("not known");
  expect(screen.getByRole("rowheader", { name: "engine" }).closest("tr")?.textContent).toContain(
    "does not answer",
  );
});

test("an address with the name of a part opens it", async () => {
  showPage(System, ANSWERS, { at: "/system#alerts" });

  expect(await screen.findByText("14.20 bps, above 10")).toBeTruthy();
});

test("whoever says that they know of an alert says it of that one", async () => {
  const { sent } = showPage(System, ANSWERS, { at: "/system#alerts" });

  await userEvent.click(await screen.findByRole("button", { name: "I know of SLIPPAGE" }));

  expect(sent.map((one) => one.path)).toEqual(["/system/alerts/main%3A51%3A0/acknowledge"]);
});

test("a viewer sees alerts and jobs but cannot answer or run them", async () => {
  showPage(System, ANSWERS, { at: "/system#alerts", permissions: ["read", "kill"] });
  const know = await screen.findByRole("button", { name: "I know of SLIPPAGE" });
  expect((know as HTMLButtonElement).disabled).toBe(true);

  await userEvent.click(screen.getByRole("tab", { name: "Jobs" }));

  const run = await screen.findByRole("button", { name: "Run now: daily_report" });
  expect((run as HTMLButtonElement).disabled).toBe(true);
});

test("a job is run by hand and says what came of it", async () => {
  const { sent } = showPage(System, ANSWERS, { at: "/system#jobs" });
  expect(await screen.findByText("FAILED")).toBeTruthy();

  await userEvent.click(screen.getByRole("button", { name: "Run now: daily_report" }));

  expect(await screen.findByText("daily_report: OK written")).toBeTruthy();
  expect(sent[0]?.path).toBe("/system/jobs/daily_report/run");
});

test("a job that the server does not run says why", async () => {
  showPage(
    System,
    { ...ANSWERS, "/system/jobs/daily_report/run": new Refusal(409, "it runs already") },
    { at: "/system#jobs" },
  );

  await userEvent.click(await screen.findByRole("button", { name: "Run now: daily_report" }));

  expect(await screen.findByText("it runs already")).toBeTruthy();
});

test("a new password is shown once, to the admin who asked for it", async () => {
  showPage(System, ANSWERS, { at: "/system#people" });
  await userEvent.click(await screen.findByRole("button", { name: "Change bob" }));

  await userEvent.click(await screen.findByRole("button", { name: "New password" }));

  expect(await screen.findByText("the first password is correct-horse")).toBeTruthy();
});

test("who may sign in, and who did what, are not asked for without the permission", async () => {
  const { asked } = showPage(System, ANSWERS, { at: "/system#people", permissions: ["read"] });
  expect(await screen.findByText(/may not see who may sign in/)).toBeTruthy();

  await userEvent.click(screen.getByRole("tab", { name: "Audit log" }));

  expect(await screen.findByText(/may not read the audit log/)).toBeTruthy();
  expect(asked.filter((one) => one.startsWith("/users") || one.includes("audit"))).toEqual([]);
});

test("a refused attempt stands out in the audit log", async () => {
  showPage(System, ANSWERS, { at: "/system#audit" });

  const row = (await screen.findByText("mallory")).closest("tr");

  expect(row?.textContent).toContain("REFUSED");
});

test("settings are found by name, and those that were changed by one switch", async () => {
  showPage(System, ANSWERS, { at: "/system#settings" });
  await screen.findByText("router.twap_gap_seconds");

  await userEvent.click(screen.getByRole("switch", { name: /differs from the default/ }));

  const table = screen.getByRole("table", { name: "Settings in force" });
  expect(
    within(table)
      .getAllByRole("rowheader")
      .map((cell) => cell.textContent),
  ).toEqual(["broker.account"]);
});

test("every library of the page is named with its maker", async () => {
  showPage(System, ANSWERS, { at: "/system#about" });

  expect(await screen.findByText(/fillpath 0\.6\.0/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "uPlot" })).toBeTruthy();
});

test.each(["health", "alerts", "jobs", "people", "audit", "settings", "about"])(
  "the part %s can be used without eyes or a pointer",
  async (part) => {
    showPage(System, ANSWERS, { at: `/system#${part}` });
    await screen.findAllByRole("table");

    await expectAccessible();
  },
);
