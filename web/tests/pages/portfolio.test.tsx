import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Portfolio } from "../../src/pages/Portfolio";
import { expectAccessible, Refusal, showPage } from "./showing";

const position = (symbol: string, quantity: string, more: object = {}) => ({
  symbol,
  quantity,
  average_price: "150.05",
  market_price: "151.00",
  market_value: "4983.00",
  unrealized_pnl: "0.1",
  realized_pnl: "-12.50",
  strategy_name: "mean_reversion",
  stop_price: "147.05",
  ...more,
});
const held = (symbol: string, quantity: string, more: object = {}) => ({
  position: position(symbol, quantity),
  marked_at: "2026-03-02T14:29:58Z",
  engine_quantity: quantity,
  broker_quantity: quantity,
  differs: false,
  unprotected: "",
  quarantined: "",
  ...more,
});
const LOT = {
  symbol: "AAPL",
  strategy_name: "mean_reversion",
  quantity: "33",
  acquired_at: "2026-01-05T15:00:00Z",
  sold_at: "2026-02-05T15:00:00Z",
  cost: "4951.65",
  proceeds: "5003.46",
  gain: "51.81",
  term: "SHORT",
};
const rows = (list: unknown[]) => ({ rows: list, after: "", through: 9 });
const ANSWERS = {
  "/portfolio": {
    currency: "USD",
    snapshot: {
      ts: "2026-03-02T14:30:00Z",
      cash: "60012.33",
      equity: "100231.40",
      reserved: "4120.00",
      realized_pnl: "1210.44",
      commission: "88.12",
      positions: 2,
      working_orders: 1,
    },
    positions: [
      held("AAPL", "33"),
      held("NVDA", "41", {
        broker_quantity: "30",
        differs: true,
        unprotected: "the broker refused the stop",
        position: position("NVDA", "41", { unrealized_pnl: "0.2", stop_price: null }),
      }),
      held("GOOG", "0"),
    ],
    stop_keeper: "broker",
    reachable: true,
    through: 9,
  },
  "/portfolio/equity": rows([
    {
      ts: "2026-03-02T14:30:00Z",
      equity: "100000",
      cash: "100000",
      realized_pnl: "0",
      drawdown_share: 0,
    },
    {
      ts: "2026-03-02T15:30:00Z",
      equity: "99000",
      cash: "99000",
      realized_pnl: "-1000",
      drawdown_share: 0.01,
    },
  ]),
  "/portfolio/pnl": rows([
    { key: "mean_reversion", realized: "1310.40", unrealized: "70.12", fees: "51.20", lots: 41 },
    { key: "momentum", realized: "-99.96", unrealized: null, fees: "36.92", lots: 18 },
  ]),
  "/portfolio/lots": rows([
    LOT,
    { ...LOT, symbol: "SPY", sold_at: null, proceeds: null, gain: null, term: "" },
  ]),
};

async function positionRow(symbol: string): Promise<string> {
  const table = await screen.findByRole("table", { name: "Positions against the broker" });
  return within(table).getByRole("rowheader", { name: symbol }).closest("tr")?.textContent ?? "";
}

test("a position that differs from the broker is counted, with the difference in shares", async () => {
  showPage(Portfolio, ANSWERS);

  expect(await positionRow("NVDA")).toContain("−11");
  expect(await positionRow("AAPL")).toContain("none");
  expect(screen.getByText("1 differs from the broker")).toBeTruthy();
});

test("a position without a stop says so, and why", async () => {
  showPage(Portfolio, ANSWERS);

  expect(await positionRow("NVDA")).toContain("without a stop: the broker refused the stop");
  expect(await positionRow("AAPL")).toContain("under a stop");
  expect(screen.getByText("1 without a stop")).toBeTruthy();
});

test("sums of money are exact", async () => {
  showPage(Portfolio, ANSWERS);

  const note = await screen.findByText("at their marks, before fees");

  expect(note.closest("div")?.textContent).toContain("+0.30");
});

test("a position that only the broker knows of is shown", async () => {
  const unknown = held("XYZ", "0", { broker_quantity: "5", differs: true });
  showPage(Portfolio, {
    ...ANSWERS,
    "/portfolio": { ...ANSWERS["/portfolio"], positions: [unknown] },
  });

  expect(await positionRow("XYZ")).toContain("5");
});

test("what the broker holds is not compared rather than zero while nobody says", async () => {
  const unknown = held("AAPL", "33", { broker_quantity: null });
  showPage(Portfolio, {
    ...ANSWERS,
    "/portfolio": { ...ANSWERS["/portfolio"], positions: [unknown] },
  });

  expect(await positionRow("AAPL")).toContain("not compared");
});

test("a position without a price has no profit rather than a profit of zero", async () => {
  const unpriced = held("AAPL", "33", {
    position: position("AAPL", "33", { market_price: null, unrealized_pnl: "0" }),
  });
  showPage(Portfolio, {
    ...ANSWERS,
    "/portfolio": { ...ANSWERS["/portfolio"], positions: [unpriced, held("GOOG", "0")] },
  });

  const figure = (await screen.findByText("1 of 1 without a price")).closest("div");

  expect(figure?.textContent).toContain("–");
  expect(await positionRow("AAPL")).not.toContain("0.00");
});

test("who holds a position is told from its open lots", async () => {
  const nameless = held("SPY", "5", { position: position("SPY", "5", { strategy_name: "" }) });
  showPage(Portfolio, {
    ...ANSWERS,
    "/portfolio": { ...ANSWERS["/portfolio"], positions: [nameless] },
  });
  await screen.findByRole("table", { name: "Closed lots" });

  expect(await positionRow("SPY")).toContain("mean_reversion");
});

test("a position that is closed everywhere is not shown", async () => {
  showPage(Portfolio, ANSWERS);
  await positionRow("AAPL");

  expect(screen.queryByRole("rowheader", { name: "GOOG" })).toBeNull();
});

test("the file for a tax return is of the year chosen, and says what it holds and what not", async () => {
  const { asked } = showPage(Portfolio, ANSWERS);
  await screen.findByRole("table", { name: "Closed lots" });
  const year = String(new Date().getFullYear() - 1);

  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Tax year" }), year);

  const link = screen.getByRole("link", { name: "CSV for a tax return" });
  const asks = new URL(String(link.getAttribute("href")), "http://desk").searchParams;
  expect(asks.get("since")).toBe(`${year}-01-01T05:00:00Z`);
  expect(asks.get("account")).toBe("main");
  expect(
    screen.getByText(/one row for each lot closed in .*Wash sales.*not computed/s),
  ).toBeTruthy();
  await waitFor(() => expect(asked.some((one) => one.includes(`since=${year}`))).toBe(true));
});

test("open lots are apart from closed ones", async () => {
  showPage(Portfolio, ANSWERS);
  await screen.findByRole("table", { name: "Closed lots" });

  await userEvent.click(screen.getByRole("radio", { name: "Open" }));

  const table = await screen.findByRole("table", { name: "Open lots" });
  expect(within(table).getByRole("rowheader").textContent).toBe("SPY");
});

test("profit that is not known is no zero, and the sum is of what is known", async () => {
  showPage(Portfolio, ANSWERS);

  const table = await screen.findByRole("table", { name: "Profit by strategy" });
  const [, , momentum, all] = within(table).getAllByRole("row");

  expect(momentum?.textContent).toBe("momentum−99.96–36.9218");
  expect(all?.textContent).toBe("All+1,210.44+70.1288.1259");
});

test("the drawdown is told in words beside the curve", async () => {
  showPage(Portfolio, ANSWERS);

  expect(await screen.findByText(/deepest 1\.00 %/)).toBeTruthy();
});

test("an account that cannot be read says why", async () => {
  showPage(Portfolio, { ...ANSWERS, "/portfolio": new Refusal(503, "the tables are away") });

  expect((await screen.findAllByText("the tables are away")).length).toBeGreaterThan(0);
});

test("the page can be used without eyes or a pointer", async () => {
  showPage(Portfolio, ANSWERS);
  await positionRow("AAPL");
  await screen.findByRole("table", { name: "Closed lots" });

  await expectAccessible();
});
