import { useRead } from "../../api/hooks";
import { Waterfall } from "../../charts/Waterfall";
import { Panel } from "../../panels/Panel";

/** Where the time between signal and fill goes. */
export function Latency({ query }: { query: Readonly<Record<string, string>> }) {
  const read = useRead("/api/v1/trades/quality/latency", query, { keep: true });
  return (
    <Panel
      title="Latency by stage"
      read={read}
      empty={(data) =>
        data.rows.some((row) => row.n > 0) ? null : "No order has been timed in this time."
      }
      explain={
        <>
          <p>
            From recorded times of each order: signal taken, risk judged and route chosen,
            submitted, acknowledged by the broker, filled. The bar is the median of a stage, the
            thin line reaches to its p95.
          </p>
          <p>
            Bars are laid end to end to show the way; medians do not add up exactly to the median of
            the whole.
          </p>
        </>
      }
    >
      {(data) => <Waterfall rows={data.rows} />}
    </Panel>
  );
}
