import { Button, Checkbox, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import type { ActBody, Shape } from "../api/contract";
import { useAct, useRead } from "../api/hooks";
import { Typed } from "../components/Typed";
import styles from "./acts.module.css";
import header from "./header.module.css";
import { useMay, useSession } from "./sessionContext";

type Body = ActBody<"/api/v1/risk/kill">;
type Scope = NonNullable<Body["scope"]>;

const WORD = "KILL";
const CHANGED = ["/api/v1/system/status", "/api/v1/risk/kill", "/api/v1/risk/breakers"] as const;

/** The switch that stops trading, and lets it go on again; on every page. */
export function Kill() {
  const { session } = useSession();
  const [opened, setOpened] = useState<"kill" | "resume" | null>(null);
  const { data } = useRead("/api/v1/system/status");
  const stopped = data?.status?.killed !== "" && data?.status?.killed !== undefined;
  const may = useMay("kill");
  const close = () => setOpened(null);
  if (session.read_only) return null;
  return (
    <>
      {stopped ? (
        <button type="button" className={header.plain} onClick={() => setOpened("resume")}>
          Resume…
        </button>
      ) : null}
      <button
        type="button"
        className={header.kill}
        disabled={!may}
        onClick={() => setOpened("kill")}
      >
        KILL
      </button>
      <Modal opened={opened === "kill"} onClose={close} title="Stop trading">
        <KillForm account={data?.status?.account ?? ""} close={close} />
      </Modal>
      <Modal opened={opened === "resume"} onClose={close} title="Let it trade again">
        <ResumeForm close={close} />
      </Modal>
    </>
  );
}

interface KillFormProps {
  readonly account: string;
  readonly close: () => void;
}

function KillForm({ account, close }: KillFormProps) {
  const [scope, setScope] = useState<Scope>("account");
  const [target, setTarget] = useState("");
  const [reason, setReason] = useState("");
  const [flatten, setFlatten] = useState(false);
  const [word, setWord] = useState("");
  const kill = useAct("/api/v1/risk/kill", CHANGED);
  const needsTarget = scope === "strategy" || scope === "symbol";
  const ready = word === WORD && (!needsTarget || target.trim() !== "");

  const send = () => {
    if (!ready || kill.isPending) return;
    const why = reason.trim() || "no reason given";
    kill.mutate({
      body: { scope, target: needsTarget ? target.trim() : null, reason: why, word, flatten },
    });
  };

  if (kill.data !== undefined) return <Killed answer={kill.data} close={close} />;
  return (
    <form className={styles.form} action={send}>
      <p className={styles.note}>
        No order leaves any more, and working orders are cancelled. It holds until a person resumes
        it, also after a restart.
      </p>
      {kill.error ? (
        <div className={styles.error} role="alert">
          {kill.error.message}. On the machine itself: fillpath kill
        </div>
      ) : null}
      <NativeSelect
        label="What is stopped"
        data={[
          { value: "account", label: account ? `the account ${account}` : "the account" },
          { value: "all", label: "every account of this engine's folder" },
          { value: "strategy", label: "one strategy" },
          { value: "symbol", label: "one symbol" },
        ]}
        value={scope}
        onChange={(event) => setScope(event.currentTarget.value as Scope)}
      />
      {needsTarget ? (
        <TextInput
          label={scope === "strategy" ? "Strategy" : "Symbol"}
          required
          value={target}
          onChange={(event) => setTarget(event.currentTarget.value)}
        />
      ) : null}
      <TextInput
        label="Why (it is journaled)"
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Checkbox
        label="Close every position, too"
        description="at the market; without it they stay, with their stops"
        checked={flatten}
        onChange={(event) => setFlatten(event.currentTarget.checked)}
      />
      <Typed word={WORD} value={word} change={setWord} autoFocus />
      <div className={styles.buttons}>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button type="submit" color="red" disabled={!ready} loading={kill.isPending}>
          Stop it
        </Button>
      </div>
    </form>
  );
}

function Killed({ answer, close }: { answer: Shape["KillAnswer"]; close: () => void }) {
  return (
    <div className={styles.form}>
      <div className={styles.done} role="status">
        {answer.text}
      </div>
      {answer.open_orders ? (
        <p className={styles.note}>
          {answer.open_orders} {answer.open_orders === 1 ? "order" : "orders"} still at the broker
          while the cancels are on their way.
        </p>
      ) : null}
      <div className={styles.buttons}>
        <Button onClick={close} data-autofocus>
          Close
        </Button>
      </div>
    </div>
  );
}

function ResumeForm({ close }: { close: () => void }) {
  const state = useRead("/api/v1/risk/kill");
  const may = useMay("resume");
  const [word, setWord] = useState("");
  const resume = useAct("/api/v1/risk/resume", CHANGED);
  const wanted = state.data?.resume_word ?? "";
  const everywhere = wanted === "ALL";
  const { refetch } = state;

  useEffect(() => void refetch(), [refetch]);

  if (resume.data !== undefined) {
    return (
      <div className={styles.form}>
        <div className={styles.done} role="status">
          {resume.data.still.length === 0 ? "It trades again." : "The kill is over, but:"}
        </div>
        {resume.data.still.length > 0 ? (
          <ul className={styles.list}>
            {resume.data.still.map((why) => (
              <li key={why}>{why}</li>
            ))}
          </ul>
        ) : null}
        <div className={styles.buttons}>
          <Button onClick={close}>Close</Button>
        </div>
      </div>
    );
  }
  return (
    <form
      className={styles.form}
      action={() => resume.mutate({ body: { scope: everywhere ? "all" : "account", word } })}
    >
      <p className={styles.note}>
        Stopped because: <strong>{state.data?.killed || "…"}</strong>. Resume only when the cause is
        gone: orders leave again at once.
      </p>
      {may ? null : (
        <div className={styles.error} role="alert">
          Your role may stop trading, but not let it go on: ask somebody with the role risk.
        </div>
      )}
      {resume.error || state.error ? (
        <div className={styles.error} role="alert">
          {(resume.error ?? state.error)?.message}
        </div>
      ) : null}
      <Typed word={wanted} value={word} change={setWord} autoFocus />
      <div className={styles.buttons}>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button
          type="submit"
          disabled={!may || wanted === "" || word !== wanted}
          loading={resume.isPending}
        >
          Let it trade
        </Button>
      </div>
    </form>
  );
}
