import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { act, read, signOut } from "../api/client";
import type { Shape } from "../api/contract";
import { Refused } from "../api/errors";
import styles from "./door.module.css";

type Signed = Shape["SessionShown"];
const SHORTEST = 12;
const GOOD = 15;

/** The door: a name, a password, and a code where one is set up. */
export function SignIn({ entered }: { entered: (signed: Signed) => void }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const enter = useMutation({
    mutationFn: async () => {
      await act("/api/v1/session", { username, password, code: code === "" ? null : code });
      return read("/api/v1/session");
    },
    onSuccess: entered,
  });
  const asksForCode = enter.error instanceof Refused && enter.error.field === "code";
  return (
    <Door title="Sign in" send={enter.mutate} error={enter.error}>
      <TextInput
        label="Name"
        autoComplete="username"
        autoFocus
        required
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <TextInput
        label="Code"
        description="six digits, if you have set up a second factor"
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={6}
        required={asksForCode}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value.replaceAll(/\D/g, ""))}
      />
      <Button type="submit" loading={enter.isPending}>
        Sign in
      </Button>
    </Door>
  );
}

interface Changing {
  readonly who: Signed;
  readonly entered: (signed: Signed) => void;
}

/** Where a first password is replaced before anything else is shown. */
export function ChangePassword({ who, entered }: Changing) {
  const [old, setOld] = useState("");
  const [wanted, setWanted] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: async () => {
      await act("/api/v1/session/password", { password: old, new_password: wanted });
      return read("/api/v1/session");
    },
    onSuccess: entered,
  });
  const differs = again !== "" && again !== wanted;
  return (
    <Door title="Choose your own password" send={change.mutate} error={change.error}>
      <p className={styles.note}>
        You are signed in as <strong>{who.username}</strong> with a first password. Nobody else
        knows the one that you choose now; it replaces the first one for good.
      </p>
      {/* A keeper of passwords wants to know whose they are. */}
      <input
        type="text"
        autoComplete="username"
        className="unseen"
        tabIndex={-1}
        aria-hidden
        readOnly
        value={who.username}
      />
      <PasswordInput
        label="First password"
        autoComplete="current-password"
        autoFocus
        required
        value={old}
        onChange={(event) => setOld(event.currentTarget.value)}
      />
      <PasswordInput
        label="New password"
        description={lengthWords(wanted)}
        autoComplete="new-password"
        required
        minLength={SHORTEST}
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      <PasswordInput
        label="New password again"
        autoComplete="new-password"
        required
        error={differs ? "the two are not the same" : undefined}
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      <Button
        type="submit"
        loading={change.isPending}
        disabled={wanted.length < SHORTEST || again !== wanted}
      >
        Change it
      </Button>
      <Button variant="subtle" onClick={() => void signOut().finally(() => location.reload())}>
        Sign out
      </Button>
    </Door>
  );
}

/** Say how long a password is, and how long it should be. */
export function lengthWords(password: string): string {
  if (password.length >= GOOD) return `${password.length} characters: good`;
  const wanted = `at least ${SHORTEST} characters, ${GOOD} are better; a sentence is easy to keep`;
  return password === "" ? wanted : `${password.length} so far; ${wanted}`;
}

interface DoorProps {
  readonly title: string;
  readonly send: () => void;
  readonly error: Error | null;
  readonly children: ReactNode;
}

function Door({ title, send, error, children }: DoorProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <main className={styles.door}>
      <form className={styles.card} onSubmit={submit} aria-label={title}>
        <div className={styles.brand}>
          <img src="/icon.svg" alt="" width={28} height={28} />
          <h1>{title}</h1>
        </div>
        {error === null ? null : (
          <div className={styles.error} role="alert">
            {error.message}
          </div>
        )}
        {children}
      </form>
    </main>
  );
}
