import { Kbd, Modal } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useSyncExternalStore } from "react";
import { helpShown, openHelp, showHelp, subscribeToHelp } from "./help";
import styles from "./keys.module.css";
import { PAGES } from "./pages";

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "go to the filter"],
  ["j  k", "next row, row before"],
  ["enter", "open the row"],
  ["space", "show or hide the slices of the row"],
  ["esc", "close, or leave the filter"],
  ...PAGES.map(({ key, name }) => [`g ${key}`, `go to ${name}`] as const),
  ["?", "this help"],
];

/** How long after g the second key counts. */
const SECOND_KEY_MS = 1_200;

/** The keys that work on every page, and the help that names them all. */
export function Keys() {
  const navigate = useNavigate();
  const shown = useSyncExternalStore(subscribeToHelp, helpShown);

  useEffect(() => {
    let goAt = 0;
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      if (event.key === "?") openHelp();
      else if (event.key === "/") toFilter(event);
      else if (event.key === "g") goAt = event.timeStamp;
      else if (event.timeStamp - goAt < SECOND_KEY_MS) {
        goAt = 0;
        const page = PAGES.find(({ key }) => key === event.key);
        if (page !== undefined) void navigate({ to: page.to });
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [navigate]);

  return (
    <Modal opened={shown} onClose={() => showHelp(false)} title="Keys and help" size="md">
      <dl className={styles.keys}>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(/\s+/).map((one) => (
                <Kbd key={one}>{one}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>
        Costs are signed by side: positive is a cost, for buys and sells alike. Times are in your
        zone; hold the pointer over one to see UTC. A killed account stays killed until a person
        resumes it.
      </p>
    </Modal>
  );
}

/** Return whether a key belongs to a field, a dialog or the browser, and not to the page. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target === null) return false;
  if (target.closest("[role=dialog]") !== null) return true;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function toFilter(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLElement>("[data-filter]");
  if (field === null) return;
  event.preventDefault();
  field.focus();
}
