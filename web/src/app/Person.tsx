import { Menu, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
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
    <Menu position="bottom-end" width={230} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className={styles.plain}>
          {session.username}
          {left < SOON_MS ? `, ${spanWords(Math.max(0, left))} left` : ""} ▾
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session.role}, signed in until {new Date(session.expires_at).toLocaleTimeString("en-GB")}
        </Menu.Label>
        <Menu.Item onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}>
          {scheme === "dark" ? "Light colours" : "Dark colours"}
        </Menu.Item>
        <Menu.Item onClick={openHelp}>Keys and help</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={leave}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function leave(): void {
  live.stop();
  void signOut().finally(() => location.reload());
}
