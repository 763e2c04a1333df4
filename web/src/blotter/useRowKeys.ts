import { useEffect, useRef, useState } from "react";
import { isTyping } from "../app/Keys";
import type { Order } from "./entries";

interface HasOrder {
  readonly order: Order;
}

interface RowKeys<L extends HasOrder> {
  readonly lines: readonly L[];
  readonly reveal: (index: number) => void;
  readonly open: (line: L) => void;
  readonly toggle: (line: L) => void;
}

const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Let the keys walk through the lines; return the name of the chosen one, which stays chosen when lines move. */
export function useRowKeys<L extends HasOrder>(keys: RowKeys<L>): string | null {
  const [chosen, setChosen] = useState<string | null>(null);
  const newest = useRef({ keys, chosen });
  newest.current = { keys, chosen };

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const { keys, chosen } = newest.current;
      const at = keys.lines.findIndex(({ order }) => order.order_id === chosen);
      const line = keys.lines[at];
      const step = STEPS[event.key];
      if (step !== undefined) {
        const next = Math.max(0, Math.min(keys.lines.length - 1, at + step));
        const reached = keys.lines[next];
        if (reached === undefined) return;
        event.preventDefault();
        setChosen(reached.order.order_id);
        keys.reveal(next);
      } else if (line !== undefined && !onControl(event)) {
        if (event.key === "Enter") keys.open(line);
        else if (event.key === " ") {
          event.preventDefault();
          keys.toggle(line);
        } else if (event.key === "Escape") setChosen(null);
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);

  return chosen;
}

/** A key that a button or a link would take itself. */
function onControl(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.closest("button, a") !== null;
}
