import { Button, Skeleton } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { useRead } from "../api/hooks";
import { isTyping } from "../app/Keys";
import { Cost, State } from "../blotter/columns";
import { entryOf, isWorking } from "../blotter/entries";
import { Away, Nothing, Reading } from "../components/states";
import { numberOf } from "../lib/costs";
import { exactWords } from "../lib/exact";
import { wholeOf } from "../lib/measured";
import { spanWords } from "../lib/spans";
import { Cancel } from "../orders/Cancel";
import { Costs } from "../orders/Costs";
import styles from "../orders/orders.module.css";
import type { Told } from "../orders/priceData";
import { Schedule } from "../orders/Schedule";
import { Timeline } from "../orders/Timeline";
import { Why } from "../orders/Why";
import { Figures } from "../panels/Figures";
import { Frame } from "../panels/Panel";

const PriceChart = lazy(() => import("../orders/PriceChart"));

/** Everything that is known of one order. */
export function Order() {
  const { order_id } = useSearch({ from: "/order" });
  const navigate = useNavigate();
  const read = useRead("/api/v1/trades/order", { order_id }, { enabled: order_id !== "" });

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !isTyping(event)) void navigate({ to: "/trades" });
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [navigate]);

  if (order_id === "") return <Nothing title="No order is named in the address" />;
  if (read.data !== undefined) return <Story id={order_id} told={read.data} />;
  if (read.error !== null) {
    return <Away what="The order" error={read.error} again={() => void read.refetch()} />;
  }
  return <Reading what="the order" />;
}

function Story({ id, told }: { id: string; told: Told }) {
  const navigate = useNavigate();
  const known = told.order !== null || told.children.length > 0;
  const order = known ? entryOf(id, told.order, told.children).order : null;
  const decided = told.decisions.at(-1);
  const side = order?.side ?? decided?.side ?? "";
  const symbol = order?.symbol ?? decided?.symbol ?? told.signal?.symbol ?? "";
  const quantity = told.order?.quantity ?? decided?.quantity ?? order?.quantity ?? null;
  const title = `${side} ${exactWords(quantity, 0, 4)} ${symbol}`;
  const quality = wholeOf(id, told.quality);
  const works = told.order !== null ? isWorking(told.order) : told.children.some(isWorking);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <Button size="xs" variant="default" onClick={() => void navigate({ to: "/trades" })}>
          ← Trades
        </Button>
        <h1 data-side={side}>{title}</h1>
        {order === null ? null : <State order={order} />}
        <span className={styles.names}>
          {order?.strategy_name ?? decided?.strategy_name} · signal{" "}
          {order?.signal_id ?? decided?.signal_id} · order {id}
        </span>
        <div className={styles.actions}>
          {works ? <Cancel orderId={id} title={title} isSliced={told.children.length > 0} /> : null}
        </div>
      </div>
      {order === null ? null : (
        <Figures
          label="The order in numbers"
          figures={[
            {
              name: "Filled",
              value: exactWords(order.filled_quantity, 0, 4),
              unit: `of ${exactWords(quantity, 0, 4)} shares`,
            },
            { name: "Average price", value: exactWords(order.average_fill_price, 2, 4) },
            {
              name: "Cost",
              value: <Cost bps={quality?.mid_slippage_bps} />,
              unit: quality?.mid_slippage_bps ? "bps" : "",
              note: told.schedule.length > 0 ? "against the mid of each slice" : "against the mid",
              explain: <CostWords />,
            },
            { name: "Signal to last fill", value: spanWords(numberOf(quality?.fill_latency_ms)) },
            { name: "Commission", value: exactWords(order.commission) },
            { name: "Route", value: order.route },
          ]}
        />
      )}
      <div className={styles.columns}>
        <div className={styles.column}>
          <Frame title="Price" note={told.quotes.length === 0 ? NO_QUOTES : undefined}>
            <div className={styles.body}>
              <Suspense fallback={<Skeleton height={284} />}>
                <PriceChart told={told} side={side} />
              </Suspense>
            </div>
          </Frame>
          <Frame title="Why">
            <div className={styles.body}>
              <Why decisions={told.decisions} />
            </div>
          </Frame>
          <Frame title="Costs" explain={<CostWords />}>
            <div className={styles.body}>
              <Costs costs={told.costs} quality={quality} isSliced={told.schedule.length > 0} />
            </div>
          </Frame>
        </div>
        <div className={styles.column}>
          {told.schedule.length > 0 ? (
            <Frame title="Slices" note={`${told.schedule.length} of ${order?.slices ?? "?"} sent`}>
              <div className={styles.body}>
                <Schedule slices={told.schedule} />
              </div>
            </Frame>
          ) : null}
          <Frame title="What happened">
            <div className={styles.body}>
              <Timeline events={told.events} />
            </div>
          </Frame>
        </div>
      </div>
    </div>
  );
}

const NO_QUOTES = "nobody kept the prices of this time: only those that decisions were made on";

function CostWords() {
  return (
    <>
      <p>
        Costs are signed by side: buying above the reference and selling below it are both a cost,
        so positive is always money lost and negative money saved.
      </p>
      <p>
        One basis point (bps) is a hundredth of a percent. The figure at the top is against the mid
        when the order, or each of its slices, was decided; against the expected price, which for a
        limit order is its limit, a fill at the limit costs nothing.
      </p>
      <p>
        Delay, execution, opportunity and fees add up to the total shortfall against the price when
        the whole order was decided.
      </p>
    </>
  );
}
