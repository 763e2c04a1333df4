import { Popover, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { signOut } from "../api/client";
import { live } from "../api/live";
import { useNow } from "../lib/now";
import { spanWords } from "../lib/spans";
import styles from "./header.module.css";
import { openHelp } from "./help";
import { useSession } from "./sessionContext";

/** Before the session ends by itself, the person is told. */
const SOON_MS = 10 * 60_000;

/** Who is signed in, and what concerns only them. */
export function Person() {
  const { session } = useSession();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const left = Date.parse(session.expires_at) - useNow(30_000);
  return (
    <Popover position="bottom-end" width={230} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={styles.plain}>
          {session.username}
          {left < SOON_MS ? `, ${spanWords(Math.max(0, left))} left` : ""} ▾
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.menu} aria-label="You">
        <p>
          {session.role}, signed in until {new Date(session.expires_at).toLocaleTimeString("en-GB")}
        </p>
        <button type="button" onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}>
          {scheme === "dark" ? "Light colours" : "Dark colours"}
        </button>
        <button type="button" onClick={openHelp}>
          Keys and help
        </button>
        <button type="button" onClick={leave}>
          Sign out
        </button>
      </Popover.Dropdown>
    </Popover>
  );
}

function leave(): void {
  live.stop();
  void signOut().finally(() => location.reload());
}
