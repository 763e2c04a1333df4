import { useSyncExternalStore } from "react";
import { useRead } from "../api/hooks";
import { live } from "../api/live";
import { useNow } from "../lib/now";
import { spanWords } from "../lib/spans";
import styles from "./banners.module.css";

/** What everybody must know before they read anything else. */
export function Banners() {
  const { data } = useRead("/api/v1/system/status");
  return (
    <div className={styles.banners}>
      <Disconnected />
      {data?.banner ? (
        <Banner severity={data.severity} word={WORDS[data.severity] ?? "Note"}>
          {data.banner}
        </Banner>
      ) : null}
      {data?.read_only ? (
        <Banner severity="INFO" word="Read only">
          nothing can be changed here; on the machine itself: fillpath kill
        </Banner>
      ) : null}
    </div>
  );
}

const WORDS: Readonly<Record<string, string>> = { CRITICAL: "Stopped", WARNING: "Degraded" };

/** What is on the page grows old while the server cannot be heard; it stays, but it says so. */
function Disconnected() {
  const state = useSyncExternalStore(live.subscribe, live.state);
  const now = useNow();
  if (state !== "lost" && state !== "reconnecting") return null;
  return (
    <Banner severity={state === "lost" ? "CRITICAL" : "WARNING"} word="Disconnected">
      this page has heard nothing from its server {silence(live.heard(), now)}; what you see may be
      old. It tries again by itself. Trading goes on without this page.
    </Banner>
  );
}

/** Return since when nothing was heard; before the first word there is no such moment. */
export function silence(heard: number | null, now: number): string {
  if (heard === null) return "since it was opened";
  const seconds = Math.max(0, Math.round((now - heard) / 1_000));
  return `for ${seconds < 120 ? `${seconds} s` : spanWords(seconds * 1_000)}`;
}

interface BannerProps {
  readonly severity: string;
  readonly word: string;
  readonly children: React.ReactNode;
}

function Banner({ severity, word, children }: BannerProps) {
  return (
    <div
      className={styles.banner}
      data-severity={severity}
      role={severity === "INFO" ? "status" : "alert"}
    >
      <strong>{word}</strong>
      <span>{children}</span>
    </div>
  );
}
