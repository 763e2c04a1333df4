/** Every page of the navigation, with the key that opens it after g. */
export const PAGES = [
  { to: "/trades", name: "Trades", key: "t" },
  { to: "/quality", name: "Quality", key: "q" },
  { to: "/portfolio", name: "Portfolio", key: "p" },
  { to: "/risk", name: "Risk", key: "r" },
  { to: "/system", name: "System", key: "s" },
] as const;
