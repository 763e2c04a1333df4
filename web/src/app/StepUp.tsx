import { Button, Modal, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { act } from "../api/client";
import { whenStepUpIsNeeded } from "../api/stepUp";
import styles from "./acts.module.css";

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (why: Error) => void;
}

/** Asks for the password once more, where the server wants it before it moves money. */
export function StepUp() {
  const waiting = useRef<Waiting | null>(null);
  const [opened, setOpened] = useState(false);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => act("/api/v1/session/step-up", { password, code: code === "" ? null : code }),
    onSuccess: () => end((one) => one.resolve()),
  });

  function end(how: (one: Waiting) => void): void {
    const one = waiting.current;
    waiting.current = null;
    setOpened(false);
    setPassword("");
    setCode("");
    if (one !== null) how(one);
  }

  useEffect(() => {
    whenStepUpIsNeeded(
      () =>
        new Promise((resolve, reject) => {
          waiting.current = { resolve, reject };
          setOpened(true);
        }),
    );
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  const giveUp = () =>
    end((one) => one.reject(new Error("it was not done: no password was given")));
  return (
    <Modal opened={opened} onClose={giveUp} title="Your password, once more" zIndex={300}>
      <form className={styles.form} onSubmit={submit}>
        <p className={styles.note}>
          This moves money, so the desk wants to be sure that it is you.
        </p>
        {confirm.error ? (
          <div className={styles.error} role="alert">
            {confirm.error.message}
          </div>
        ) : null}
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          data-autofocus
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <TextInput
          label="Code"
          description="six digits, if you have set up a second factor"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value.replaceAll(/\D/g, ""))}
        />
        <div className={styles.buttons}>
          <Button variant="default" onClick={giveUp}>
            Leave it
          </Button>
          <Button type="submit" loading={confirm.isPending}>
            Go on
          </Button>
        </div>
      </form>
    </Modal>
  );
}
