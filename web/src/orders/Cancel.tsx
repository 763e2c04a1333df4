import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAct } from "../api/hooks";
import acts from "../app/acts.module.css";
import { useMay } from "../app/sessionContext";
import { Came } from "../blotter/Approvals";
import { Typed } from "../components/Typed";

const WORD = "CANCEL";
const CHANGED = ["/api/v1/trades/order", "/api/v1/trades/orders"] as const;

interface CancelProps {
  readonly orderId: string;
  /** What is cancelled, for a person. */
  readonly title: string;
  readonly isSliced: boolean;
}

/** Cancels an order that works, after a typed word and a reason. */
export function Cancel({ orderId, title, isSliced }: CancelProps) {
  const may = useMay("cancel");
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        size="xs"
        variant="outline"
        color="red"
        disabled={!may}
        title={may ? undefined : "your role may not cancel"}
        onClick={() => setOpened(true)}
      >
        Cancel…
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={`Cancel ${title}`}>
        <CancelForm orderId={orderId} isSliced={isSliced} close={() => setOpened(false)} />
      </Modal>
    </>
  );
}

interface FormProps {
  readonly orderId: string;
  readonly isSliced: boolean;
  readonly close: () => void;
}

function CancelForm({ orderId, isSliced, close }: FormProps) {
  const [reason, setReason] = useState("");
  const [word, setWord] = useState("");
  const cancel = useAct("/api/v1/trades/orders/cancel", CHANGED);
  const ready = word === WORD && reason.trim() !== "";
  const send = () => {
    if (ready) cancel.mutate({ body: { order_id: orderId, reason: reason.trim() } });
  };
  return (
    <form className={acts.form} action={send}>
      <p className={acts.note}>
        {isSliced
          ? "The slice that works is cancelled and the slices to come are given up."
          : "The broker is asked to cancel it."}{" "}
        What fills before the broker confirms stays yours.
      </p>
      <TextInput
        label="Why (it is journaled)"
        maxLength={200}
        required
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Typed word={WORD} value={word} change={setWord} />
      <Came error={cancel.error} outcome={cancel.data} />
      <div className={acts.buttons}>
        <Button variant="default" onClick={close}>
          {cancel.data === undefined ? "Leave it" : "Close"}
        </Button>
        {cancel.data === undefined ? (
          <Button type="submit" color="red" disabled={!ready} loading={cancel.isPending}>
            Cancel the order
          </Button>
        ) : null}
      </div>
    </form>
  );
}
