import { Button, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Shape } from "../api/contract";
import { useAct, useRead } from "../api/hooks";
import { useMay } from "../app/sessionContext";
import { Typed } from "../components/Typed";
import { numberOf } from "../lib/costs";
import { useDeskNow } from "../lib/deskNow";
import { exactWords } from "../lib/exact";
import { spanWords } from "../lib/spans";
import { Moment } from "../panels/Moment";
import styles from "./approvals.module.css";

type Approval = Shape["Approval"];

const CHANGED = ["/api/v1/trades/approvals", "/api/v1/system/status"] as const;

/** Orders that wait for a person, each with everything that they should know; there is no bulk. */
export function Approvals() {
  const { data, error } = useRead("/api/v1/trades/approvals", undefined, { every: 15_000 });
  const rows = data?.rows ?? [];
  if (error !== null && data === undefined) {
    return (
      <div className={styles.problem} role="alert">
        Pending approvals cannot be read: {error.message}.
      </div>
    );
  }
  if (rows.length === 0) return null;
  return (
    <section className={styles.panel} id="approvals" aria-label="Pending approvals">
      <h2>
        {rows.length === 1 ? "One order waits" : `${rows.length} orders wait`} for your approval
      </h2>
      {rows.map((approval) => (
        <Waiting key={`${approval.order_id} ${approval.seen}`} approval={approval} />
      ))}
    </section>
  );
}

function Waiting({ approval }: { approval: Approval }) {
  const may = useMay("approve");
  const [answer, setAnswer] = useState<"approve" | "reject" | null>(null);
  const [seen, setSeen] = useState(approval.findings.length === 0);
  const now = useDeskNow();
  const left = now === null ? null : Date.parse(approval.expires_at) - now;
  const title = `${approval.side} ${exactWords(approval.quantity, 0, 4)} ${approval.symbol}`;
  return (
    <article className={styles.order} aria-label={title}>
      <div className={styles.head}>
        <strong className={styles.title} data-side={approval.side}>
          {title}
        </strong>
        <span>{approval.strategy_name}</span>
        <span className={styles.soft}>
          asked <Moment at={approval.asked_at} />
        </span>
        <Left milliseconds={left} />
        <span className={styles.buttons}>
          {may ? null : <span className={styles.soft}>Your role may not answer.</span>}
          {seen ? null : <span className={styles.soft}>Read every finding to approve.</span>}
          <Button
            size="compact-sm"
            color="green"
            disabled={!may || !seen || answer !== null}
            title={seen ? undefined : "read every finding first"}
            onClick={() => setAnswer("approve")}
          >
            Approve…
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={!may || answer !== null}
            onClick={() => setAnswer("reject")}
          >
            Reject…
          </Button>
        </span>
      </div>
      <dl className={styles.facts}>
        <Fact name="worth at worst" value={worthWords(approval)} />
        <Fact name="mid when asked" value={exactWords(approval.price, 2, 4)} />
        <Fact name="worst price" value={exactWords(approval.worst_price, 2, 4)} />
        <Fact name="bid now" value={exactWords(approval.bid, 2, 4)} />
        <Fact name="ask now" value={exactWords(approval.ask, 2, 4)} />
        <Fact name="signal" value={approval.signal_id} />
        <Fact name="order" value={approval.order_id} />
      </dl>
      <Findings findings={approval.findings} seen={() => setSeen(true)} />
      {answer === "approve" ? (
        <Approve approval={approval} title={title} leave={() => setAnswer(null)} />
      ) : answer === "reject" ? (
        <Reject approval={approval} leave={() => setAnswer(null)} />
      ) : null}
    </article>
  );
}

/** How long there is to answer; whether it is too late is for the engine to say. */
function Left({ milliseconds }: { milliseconds: number | null }) {
  if (milliseconds === null) return null;
  const words = spanWords(Math.floor(milliseconds / 1_000) * 1_000);
  return (
    <span className={milliseconds < URGENT_MS ? styles.urgent : styles.soft}>
      {milliseconds > 0 ? `${words} left` : "its time is up"}
    </span>
  );
}

/** Nobody acts on its digits: the finding below it has the exact amount. */
function worthWords({ quantity, worst_price }: Approval): string {
  const [shares, price] = [numberOf(quantity), numberOf(worst_price)];
  return shares === null || price === null ? "–" : exactWords(shares * price, 0, 0);
}

const URGENT_MS = 60_000;

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface FindingsProps {
  readonly findings: readonly string[];
  readonly seen: () => void;
}

/** Every finding; they count as seen once the last of them was in sight. */
function Findings({ findings, seen }: FindingsProps) {
  const list = useRef<HTMLOListElement>(null);
  const told = useRef(seen);
  told.current = seen;

  useEffect(() => {
    const last = list.current?.lastElementChild;
    if (last == null) return;
    const watcher = new IntersectionObserver(
      (sights) => {
        if (sights.some(({ isIntersecting }) => isIntersecting)) told.current();
      },
      { threshold: 0.9 },
    );
    watcher.observe(last);
    return () => watcher.disconnect();
  }, []);

  if (findings.length === 0) {
    return <p className={styles.soft}>Nothing was found; your rules want a person all the same.</p>;
  }
  return (
    <ol
      ref={list}
      className={styles.findings}
      aria-label="Findings"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {findings.map((finding, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: findings never move
        <li key={at}>{finding}</li>
      ))}
    </ol>
  );
}

interface AnswerProps {
  readonly approval: Approval;
  readonly leave: () => void;
}

function Approve({ approval, title, leave }: AnswerProps & { readonly title: string }) {
  const [word, setWord] = useState("");
  const approve = useAct("/api/v1/trades/approvals/approve", CHANGED);
  const send = () => {
    if (word !== title) return;
    const { order_id, seen } = approval;
    approve.mutate({ body: { order_id, seen, word: order_id } });
  };
  return (
    <form className={styles.answer} action={send} aria-label={`Approve ${title}`}>
      <Typed word={title} value={word} change={setWord} autoFocus />
      <Button type="submit" color="green" disabled={word !== title} loading={approve.isPending}>
        Send the order
      </Button>
      <Button variant="default" onClick={leave}>
        Leave it
      </Button>
      <Came error={approve.error} outcome={approve.data} />
    </form>
  );
}

function Reject({ approval, leave }: AnswerProps) {
  const [reason, setReason] = useState("");
  const reject = useAct("/api/v1/trades/approvals/reject", CHANGED);
  const send = () => {
    const why = reason.trim();
    if (why !== "") reject.mutate({ body: { order_id: approval.order_id, reason: why } });
  };
  return (
    <form className={styles.answer} action={send} aria-label={`Reject ${approval.order_id}`}>
      <TextInput
        label="Why (it is journaled)"
        maxLength={200}
        required
        autoFocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button type="submit" color="red" disabled={reason.trim() === ""} loading={reject.isPending}>
        Reject it
      </Button>
      <Button variant="default" onClick={leave}>
        Leave it
      </Button>
      <Came error={reject.error} outcome={reject.data} />
    </form>
  );
}

interface CameProps {
  readonly error: Error | null;
  readonly outcome: Shape["Outcome"] | undefined;
}

/** What came of an answer. */
export function Came({ error, outcome }: CameProps) {
  if (error !== null) {
    return (
      <span className={styles.problem} role="alert">
        {error.message}
      </span>
    );
  }
  if (outcome === undefined) return null;
  return (
    <span className={styles.came} role="status">
      {outcome.outcome.replaceAll("_", " ").toLowerCase()}
      {outcome.text === "" ? "" : `: ${outcome.text}`}
    </span>
  );
}
