import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { keepFresh } from "../api/freshness";
import { useAccount, useRead } from "../api/hooks";
import { live } from "../api/live";
import { Banners } from "./Banners";
import { Header } from "./Header";
import { Keys } from "./Keys";
import { PAGES } from "./pages";
import { Session } from "./Session";
import { StepUp } from "./StepUp";
import styles from "./shell.module.css";

/** What stands around every page. */
export function Shell() {
  return (
    <Session>
      <Listening>
        <a className={styles.skip} href="#page">
          Skip to the page
        </a>
        <Header />
        <Banners />
        <nav className={styles.nav} aria-label="Pages">
          {PAGES.map(({ to, name }) => (
            <Link key={to} to={to} className={styles.tab} activeProps={{ "aria-current": "page" }}>
              {name}
            </Link>
          ))}
        </nav>
        <main id="page" className={styles.page} tabIndex={-1}>
          <Outlet />
        </main>
        <Keys />
        <StepUp />
      </Listening>
    </Session>
  );
}

/** Hear what happens from the moment that the first answers are true for. */
function Listening({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const account = useAccount();
  const status = useRead("/api/v1/system/status", undefined, { every: 5_000 });
  const through = status.data?.tables.through;
  const known = through !== undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: where it begins is asked once an account
  useEffect(() => {
    if (!known || account === null) return;
    live.start(String(through));
    return () => live.stop();
  }, [account, known]);

  useEffect(() => keepFresh(live, queries), [queries]);
  return children;
}
