import { useEffect, useLayoutEffect, useRef } from "react";
import { isTyping } from "../app/Keys";
import type { Order } from "./entries";

interface HasOrder {
  readonly order: Order;
}

interface RowKeys<L extends HasOrder> {
  readonly lines: readonly L[];
  /** The name of the chosen line; it stays chosen when lines move, or are read anew. */
  readonly chosen: string | null;
  readonly choose: (id: string | null) => void;
  readonly reveal: (index: number) => void;
  readonly open: (line: L) => void;
  readonly toggle: (line: L) => void;
}

const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Let the keys walk through the lines; one that was chosen before they came is brought into sight. */
export function useRowKeys<L extends HasOrder>(keys: RowKeys<L>): void {
  const newest = useRef(keys);
  newest.current = keys;
  const sought = useRef(keys.chosen);

  const { lines } = keys;

  useEffect(() => {
    const at = lines.findIndex(({ order }) => order.order_id === sought.current);
    if (sought.current === null || at < 0) return;
    sought.current = null;
    newest.current.reveal(at);
  }, [lines]);

  // With the lines themselves, and not a moment later: who sees them may press a key.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const keys = newest.current;
      const { chosen, choose } = keys;
      const at = keys.lines.findIndex(({ order }) => order.order_id === chosen);
      const line = keys.lines[at];
      const step = STEPS[event.key];
      if (step !== undefined) {
        const next = Math.max(0, Math.min(keys.lines.length - 1, at + step));
        const reached = keys.lines[next];
        if (reached === undefined) return;
        event.preventDefault();
        sought.current = null;
        newest.current = { ...keys, chosen: reached.order.order_id };
        choose(reached.order.order_id);
        keys.reveal(next);
      } else if (line !== undefined && !onControl(event)) {
        if (event.key === "Enter") keys.open(line);
        else if (event.key === " ") {
          event.preventDefault();
          keys.toggle(line);
        } else if (event.key === "Escape") choose(null);
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

/** A key that a button or a link would take itself. */
function onControl(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.closest("button, a") !== null;
}
