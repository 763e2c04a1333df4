import { Link } from "@tanstack/react-router";
import { Nothing } from "../components/states";

/** What an address shows that leads to no page. */
export function Nowhere() {
  return (
    <Nothing title="There is no page at this address">
      <Link to="/trades">Go to Trades</Link>
    </Nothing>
  );
}
