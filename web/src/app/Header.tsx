import { Link } from "@tanstack/react-router";
import { useEffect, useSyncExternalStore } from "react";
import type { Shape } from "../api/contract";
import { useRead } from "../api/hooks";
import { live } from "../api/live";
import { useDeskNow } from "../lib/deskNow";
import { modeWords } from "../lib/modes";
import { useNow } from "../lib/now";
import { spanWords } from "../lib/spans";
import styles from "./header.module.css";
import { Kill } from "./Kill";
import { Person } from "./Person";
import { useSession } from "./sessionContext";

type Known = Shape["SystemStatus"];

/** The mode, the account and the state of everything that trading stands on, on every page. */
export function Header() {
  const { data, dataUpdatedAt } = useRead("/api/v1/system/status");
  const mode = modeWords(data?.status?.mode);
  const account = data?.status?.account ?? "";

  useEffect(() => {
    document.title = account === "" ? "fillpath" : `${mode.word} ${account} – fillpath`;
  }, [mode.word, account]);

  return (
    <header className={styles.header} data-mode={mode.word}>
      <Mode status={data} />
      <Engine status={data} />
      <Lamps status={data} told={dataUpdatedAt} />
      <div className={styles.right}>
        <Waiting />
        <Clock />
        <Person />
        <Kill />
      </div>
    </header>
  );
}

function Mode({ status }: { status: Known | undefined }) {
  const { accounts, choose } = useSession();
  const mode = modeWords(status?.status?.mode);
  const account = status?.status?.account ?? "";
  return (
    <div className={styles.mode} title={mode.means}>
      <strong className={styles.word} data-mode={mode.word}>
        {mode.word}
      </strong>
      {accounts.length > 1 ? (
        <select
          className={styles.account}
          aria-label="Account"
          value={account}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {accounts.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      ) : (
        <span className={styles.account}>{account || accounts[0]?.name}</span>
      )}
    </div>
  );
}

const STATES: Readonly<Record<string, string>> = {
  TRADING: "good",
  STARTING: "warn",
  RECONCILING: "warn",
  HELD: "warn",
  STOPPING: "warn",
  STOPPED: "bad",
  KILLED: "bad",
  HALTED: "bad",
  UNAVAILABLE: "bad",
};

function Engine({ status }: { status: Known | undefined }) {
  const state = status?.reachable ? (status.status?.state ?? "UNAVAILABLE") : "UNAVAILABLE";
  const words = status === undefined ? "…" : state;
  return (
    <span
      className={styles.state}
      data-tone={STATES[state] ?? "bad"}
      title={status?.status?.why || "what the engine is doing"}
    >
      {words}
    </span>
  );
}

/** A second without a new price is nothing; this is. */
const OLD_FEED_MS = 5_000;

function Lamps({ status, told }: { status: Known | undefined; told: number }) {
  const state = useSyncExternalStore(live.subscribe, live.state);
  const now = useNow();
  const broker = status?.status?.parts.find(({ name }) => name === "broker");
  const feed = status?.feed;
  const age = feed?.age_ms == null ? null : feed.age_ms + Math.max(0, now - told);
  const reachable = status?.reachable === true;
  const fresh = feed?.healthy === true && (age === null || age < OLD_FEED_MS);
  return (
    <div className={styles.lamps}>
      <Lamp
        name="broker"
        tone={!reachable ? "off" : broker?.healthy ? "good" : "bad"}
        text={broker?.kind ?? "–"}
        title={broker?.detail || "the connection to the broker"}
      />
      <Lamp
        name="feed"
        tone={!reachable || !feed ? "off" : fresh ? "good" : feed.healthy ? "warn" : "bad"}
        text={age === null ? (feed?.kind ?? "–") : `${ageWords(Math.max(0, age))} old`}
        title={feed?.detail || "age of the newest price"}
      />
      <Lamp
        name="page"
        tone={state === "connected" ? "good" : state === "lost" ? "bad" : "warn"}
        text={state === "connected" ? "live" : state}
        title="whether this page hears what happens"
      />
    </div>
  );
}

/** Tenths of a second while it is young, whole units later: nothing jumps about. */
function ageWords(age: number): string {
  return age < 60_000
    ? `${(age / 1_000).toFixed(1)} s`
    : spanWords(Math.floor(age / 1_000) * 1_000);
}

interface LampProps {
  readonly name: string;
  readonly tone: "good" | "warn" | "bad" | "off";
  readonly text: string;
  readonly title: string;
}

function Lamp({ name, tone, text, title }: LampProps) {
  return (
    <span className={styles.lamp} data-tone={tone} title={title}>
      <i aria-hidden />
      <span className={styles.lampName}>{name}</span> {text}
      <span className="unseen">, {TONES[tone]}</span>
    </span>
  );
}

const TONES = { good: "well", warn: "needs attention", bad: "broken", off: "not known" } as const;

/** What waits for a person. */
function Waiting() {
  const approvals = useRead("/api/v1/trades/approvals", undefined, { every: 15_000 });
  const alerts = useRead("/api/v1/system/alerts", { unacknowledged: true, limit: 100 });
  const orders = approvals.data?.rows.length ?? 0;
  const unread = alerts.data?.rows.length ?? 0;
  return (
    <>
      {orders > 0 ? (
        <Link to="/trades" hash="approvals" className={styles.waiting} data-tone="warn">
          {orders} {orders === 1 ? "approval" : "approvals"}
        </Link>
      ) : null}
      {unread > 0 ? (
        <Link to="/system" hash="alerts" className={styles.waiting} data-tone="bad">
          {unread === 100 ? "100+" : unread} {unread === 1 ? "alert" : "alerts"}
        </Link>
      ) : null}
    </>
  );
}

/** The time: of the recording where one is played, else the present. */
function Clock() {
  const desk = useDeskNow();
  const { data } = useRead("/api/v1/system/status");
  if (desk === null) return null;
  const recorded = data?.status?.mode === "REPLAY";
  const now = new Date(desk);
  const day = now.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
  return (
    <time
      className={styles.clock}
      title={`${now.toISOString().slice(0, 19).replace("T", " ")} UTC`}
    >
      {recorded ? `recorded ${day}, ` : ""}
      {now.toLocaleTimeString("en-GB")}
    </time>
  );
}
