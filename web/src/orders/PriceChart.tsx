import { useCallback, useMemo, useState } from "react";
import type { AlignedData } from "uplot";
import Plot, { type Colours } from "../charts/Plot";
import { exactWords } from "../lib/exact";
import styles from "./orders.module.css";
import { priceData, type Told } from "./priceData";
import { priceOptions } from "./priceOptions";
import { preciseWords } from "./Timeline";

/** Best prices around the life of an order, with its limit and its fills on them. */
export default function PriceChart({ told, side }: { told: Told; side: string }) {
  const data = useMemo(() => priceData(told), [told]);
  const [index, setIndex] = useState<number | null>(null);
  const options = useCallback(
    (colour: Colours) => priceOptions(colour, data, side, setIndex),
    [data, side],
  );
  const columns = useMemo(
    () => [data.times, data.asks, data.bids, data.limits, data.fills] as unknown as AlignedData,
    [data],
  );
  const drawn = data.times.length > 1 && data.bids.concat(data.fills).some((one) => one !== null);
  if (!drawn) return <p className={styles.soft}>No price of its time is known.</p>;
  const at = index === null ? undefined : data.times[index];
  return (
    <>
      <div className={styles.legend} aria-hidden>
        <span data-part="band">bid to ask</span>
        <span data-part="limit">limit</span>
        <span data-part={side === "SELL" ? "sell" : "buy"}>fills</span>
        {at === undefined || index === null ? null : (
          <span className={styles.pointed}>
            {preciseWords(new Date(at * 1_000))} bid {price(data.bids[index])} ask{" "}
            {price(data.asks[index])}
            {data.fills[index] == null ? "" : `, filled at ${price(data.fills[index])}`}
          </span>
        )}
      </div>
      <Plot
        label={`Bid and ask around the order, ${data.fills.filter((one) => one !== null).length} fills`}
        height={260}
        data={columns}
        options={options}
      />
    </>
  );
}

function price(value: number | null | undefined): string {
  return value == null ? "–" : exactWords(value, 2, 4);
}
