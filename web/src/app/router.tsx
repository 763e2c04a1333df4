import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { type Filter, filterOf } from "../blotter/filter";
import { type Chosen, chosenOf } from "../pages/quality/chosen";
import { Nowhere } from "./Nowhere";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: Nowhere });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/trades" });
  },
});

const trades = createRoute({
  getParentRoute: () => root,
  path: "/trades",
  validateSearch: (search: Record<string, unknown>): Filter & { sort?: string; line?: string } => ({
    ...filterOf(search),
    ...(typeof search.sort === "string" ? { sort: search.sort } : {}),
    ...(typeof search.line === "string" ? { line: search.line } : {}),
  }),
  component: lazyRouteComponent(() => import("../pages/Trades"), "Trades"),
});

const order = createRoute({
  getParentRoute: () => root,
  path: "/order",
  validateSearch: (search: Record<string, unknown>): { order_id: string } => ({
    order_id: String(search.order_id ?? ""),
  }),
  component: lazyRouteComponent(() => import("../pages/Order"), "Order"),
});

const quality = createRoute({
  getParentRoute: () => root,
  path: "/quality",
  validateSearch: (search: Record<string, unknown>): Partial<Chosen> => chosenOf(search),
  component: lazyRouteComponent(() => import("../pages/Quality"), "Quality"),
});

const portfolio = createRoute({
  getParentRoute: () => root,
  path: "/portfolio",
  component: lazyRouteComponent(() => import("../pages/Portfolio"), "Portfolio"),
});

const risk = createRoute({
  getParentRoute: () => root,
  path: "/risk",
  component: lazyRouteComponent(() => import("../pages/Risk"), "Risk"),
});

const system = createRoute({
  getParentRoute: () => root,
  path: "/system",
  component: lazyRouteComponent(() => import("../pages/System"), "System"),
});

export const router = createRouter({
  routeTree: root.addChildren([home, trades, order, quality, portfolio, risk, system]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
