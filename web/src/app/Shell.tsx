import { Link, Outlet } from "@tanstack/react-router";

const PAGES = [
  ["/trades", "Trades"],
  ["/quality", "Quality"],
  ["/portfolio", "Portfolio"],
  ["/risk", "Risk"],
  ["/system", "System"],
] as const;

/** What stands around every page. */
export function Shell() {
  return (
    <>
      <nav aria-label="pages">
        {PAGES.map(([to, name]) => (
          <Link key={to} to={to}>
            {name}
          </Link>
        ))}
      </nav>
      <main>
        <Outlet />
      </main>
    </>
  );
}
