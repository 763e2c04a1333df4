import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Quality } from "../../src/pages/Quality";
import { chosenOf } from "../../src/pages/quality/chosen";
import { expectAccessible, Refusal, showPage } from "./showing";

const SUMMARY = {
  key: "urgent",
  n: 200,
  notional: 1_000_000,
  weighted_bps: 4,
  mean_bps: 5.5,
  median_bps: 4,
  p95_bps: 20,
  low_bps: 3,
  high_bps: 8,
  enough: true,
  mean_latency_ms: 250,
  p95_latency_ms: 900,
  fees: "12.50",
  shortfall: "-100.10",
  days: 5,
};
const FEW = {
  ...SUMMARY,
  key: "passive",
  n: 12,
  mean_bps: -3,
  low_bps: -9,
  high_bps: 3,
  enough: false,
  shortfall: "900.2",
};
const DAYS = [
  { ...SUMMARY, key: "2026-03-02" },
  { ...SUMMARY, key: "2026-03-03", mean_bps: 12.25, mean_latency_ms: 6_000 },
  { ...SUMMARY, key: "2026-03-04" },
];
const MEASURED = {
  order_id: "s-1/parent",
  parent_order_id: null,
  symbol: "AAPL",
  side: "SELL",
  route: "urgent",
  strategy_name: "mean_reversion",
  quantity: "100",
  notional: "15000",
  filled_price: "149.80",
  expected_price: "150.00",
  signal_price: null,
  decision_mid: null,
  slippage_bps: "13.3333333",
  arrival_slippage_bps: null,
  mid_slippage_bps: "13.3333333",
  fill_latency_ms: "1250",
  first_fill_latency_ms: "1250",
  order_latency_ms: "900",
  signal_at: "2026-03-02T14:30:00Z",
  decided_at: "2026-03-02T14:30:00Z",
  filled_at: "2026-03-02T14:30:01.25Z",
};

const rows = (list: unknown[]) => ({ rows: list, after: "", through: 9 });
const ANSWERS = {
  "/trades/quality/summary": (query: URLSearchParams) =>
    rows(["day", "week", "hour"].includes(query.get("by") ?? "") ? DAYS : [SUMMARY, FEW]),
  "/trades/quality": rows([
    MEASURED,
    { ...MEASURED, order_id: "s-2/parent", slippage_bps: "-2", mid_slippage_bps: "-2" },
  ]),
  "/trades/quality/markouts": rows([
    {
      seconds: "1",
      n: 200,
      mean_bps: -2,
      median_bps: -1,
      low_bps: -3,
      high_bps: -1,
      enough: true,
    },
    {
      seconds: "300",
      n: 0,
      mean_bps: null,
      median_bps: null,
      low_bps: null,
      high_bps: null,
      enough: false,
    },
  ]),
  "/trades/quality/latency": rows([
    { stage: "fill", n: 200, median_ms: 180, p95_ms: 700 },
    { stage: "signal", n: 200, median_ms: 2, p95_ms: 4 },
    { stage: "acknowledge", n: 0, median_ms: null, p95_ms: null },
  ]),
};

test("the first thing told is what trading cost in all", async () => {
  showPage(Quality, { ...ANSWERS });

  const cost = (await screen.findByText("Trading cost")).closest("div");

  expect(cost?.textContent).toContain("+800.10");
  expect(cost?.textContent).toContain("with 25.00 of fees");
  expect(screen.getByText("2,000,000 traded")).toBeTruthy();
});

test("a shortfall that nobody knows is no zero", async () => {
  showPage(Quality, {
    ...ANSWERS,
    "/trades/quality/summary": rows([{ ...SUMMARY, shortfall: null }]),
  });

  const cost = (await screen.findByText("Trading cost")).closest("div");

  expect(cost?.textContent).toContain("–");
  expect(cost?.textContent).toContain("not known yet");
});

test("what cost is measured against can be chosen, and is said", async () => {
  const { asked } = showPage(Quality, ANSWERS);
  expect(await screen.findByText("Slippage against the mid at release, bps")).toBeTruthy();

  await userEvent.selectOptions(
    screen.getByRole("combobox", { name: "Cost against" }),
    "against the expected price",
  );

  expect(await screen.findByText("Slippage against the expected price, bps")).toBeTruthy();
  await waitFor(() => expect(asked.some((one) => one.includes("measure=slippage_bps"))).toBe(true));
});

test("a markout that nobody knows is not shown as no drift", async () => {
  showPage(Quality, ANSWERS);

  const table = await screen.findByRole("table", { name: "Where prices went after the fills" });
  const [, second, minutes] = within(table).getAllByRole("row");

  expect(second?.textContent).toContain("prices go against us");
  expect(minutes?.textContent).toContain("not known");
});

test("a route with few orders is never judged", async () => {
  showPage(Quality, ANSWERS);

  const table = await screen.findByRole("table", { name: "What trading cost by route" });
  const [, urgent, passive] = within(table).getAllByRole("row");

  expect(urgent?.textContent).toContain("costs money");
  expect(passive?.textContent).toContain("not enough orders to say (12 orders)");
  expect(passive?.textContent).not.toContain("saves money");
});

test("both levels from which a fill raises an alert are named beside the chart", async () => {
  showPage(Quality, ANSWERS);

  expect(await screen.findByText("alert above 10 bps")).toBeTruthy();
  expect(await screen.findByText("alert above 5 s")).toBeTruthy();
});

test("the chart has a table of the same numbers behind it", async () => {
  showPage(Quality, ANSWERS);
  await userEvent.click((await screen.findAllByRole("button", { name: "Table" }))[0] as Element);

  const table = await screen.findByRole("table", { name: "Slippage and latency by day" });

  expect(within(table).getByText("2026-03-03").closest("tr")?.textContent).toContain("+12.25");
  expect(within(table).getByText("2026-03-03").closest("tr")?.textContent).toContain("6 s");
});

test("a single day is shown by its hours until somebody chooses", async () => {
  const { asked } = showPage(Quality, {
    ...ANSWERS,
    "/trades/quality/summary": (query: URLSearchParams) =>
      rows(query.get("by") === "day" ? DAYS.slice(0, 1) : [{ ...SUMMARY, key: "14" }]),
  });

  await waitFor(() => expect(asked.some((one) => one.includes("by=hour"))).toBe(true));
  const chosen = screen.getByRole("radio", { name: "Hour of day" }) as HTMLInputElement;
  expect(chosen.checked).toBe(true);
});

test("weeks and hours are asked for when they are chosen", async () => {
  const { asked } = showPage(Quality, ANSWERS);
  await screen.findByText("alert above 10 bps");

  await userEvent.click(screen.getByRole("radio", { name: "Hour of day" }));

  await waitFor(() => expect(asked.some((one) => one.includes("by=hour"))).toBe(true));
});

test("the worst order leads to its own page, and an order that gained is not among them", async () => {
  showPage(Quality, ANSWERS);

  const link = await screen.findByRole("link", { name: "s-1/parent" });

  expect(link.getAttribute("href")).toContain("/order?");
  expect(link.getAttribute("href")).toContain(encodeURIComponent("s-1/parent"));
  expect(screen.queryByRole("link", { name: "s-2/parent" })).toBeNull();
});

test("a stage that nobody timed is not shown as zero", async () => {
  showPage(Quality, ANSWERS);

  const stage = (await screen.findByText("Acknowledged")).closest("tr");

  expect(stage?.textContent).toBe("Acknowledged––0");
});

test("the time chosen is asked of every part of the page", async () => {
  const { asked } = showPage(Quality, ANSWERS);
  await screen.findByText("alert above 10 bps");
  asked.length = 0;

  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Time" }), "7 days");

  await waitFor(() => expect(asked.length).toBeGreaterThanOrEqual(4));
  expect(asked.every((one) => one.includes("since="))).toBe(true);
});

test("an address opens the page as it was left", async () => {
  const status = { status: { mode: "REPLAY", at: "2013-10-07T14:00:00Z" } };
  const at = "/?days=7&symbol=MSFT&measure=vwap_bps";
  const { asked } = showPage(Quality, { ...ANSWERS, "/system/status": status }, { at });

  await screen.findByText("alert above 10 bps");

  const time = screen.getByRole("combobox", { name: "Time" }) as HTMLSelectElement;
  expect(time.value).toBe("7");
  const single = asked.find((one) => one.startsWith("/trades/quality?"));
  expect(single).toContain("since=2013-09-30T14%3A00%3A00.000Z");
  expect(single).toContain("symbol=MSFT");
});

test("what an address says that is not known here is left out", () => {
  const search = { days: "8", symbol: "", strategy_name: 7, measure: "luck", more: "x" };

  expect(chosenOf(search)).toEqual({ strategy_name: "7" });
});

test("nothing measured is said in words", async () => {
  const none = rows([]);
  showPage(Quality, {
    "/trades/quality/summary": none,
    "/trades/quality": none,
    "/trades/quality/latency": none,
    "/trades/quality/markouts": none,
  });

  expect((await screen.findAllByText(/No order has been measured/)).length).toBeGreaterThan(1);
  expect(await screen.findByText("No order has cost anything in this time.")).toBeTruthy();
});

test("what cannot be read says why, and can be tried again", async () => {
  let fails = true;
  showPage(Quality, {
    ...ANSWERS,
    "/trades/quality/latency": () =>
      fails ? new Refusal(503, "the tables are away") : ANSWERS["/trades/quality/latency"],
  });
  expect(await screen.findByText("the tables are away")).toBeTruthy();
  fails = false;

  await userEvent.click(screen.getByRole("button", { name: "Try again" }));

  expect(await screen.findByText("Signal taken")).toBeTruthy();
});

test("the page can be used without eyes or a pointer", async () => {
  showPage(Quality, ANSWERS);
  await screen.findByRole("link", { name: "s-1/parent" });
  await screen.findByText("Signal taken");

  await expectAccessible();
});
