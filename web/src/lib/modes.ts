/** The modes of an engine, in words that nobody can mistake. */

export interface ModeWords {
  readonly word: string;
  /** What an order does in it. */
  readonly means: string;
}

const MODES: Readonly<Record<string, ModeWords>> = {
  LIVE: { word: "LIVE", means: "real orders, real money" },
  PAPER: { word: "PAPER", means: "the broker's paper account, no money" },
  STUB: { word: "STUB", means: "no broker: every fill is invented" },
  SIMULATED: { word: "SIMULATED", means: "simulated fills on today's prices" },
  REPLAY: { word: "REPLAY", means: "simulated fills on recorded prices" },
};

/** Return what to call a mode; one that nobody knows is never taken for a harmless one. */
export function modeWords(mode: string | null | undefined): ModeWords {
  const found = MODES[mode ?? ""];
  if (found !== undefined) return found;
  return { word: mode ? mode : "UNKNOWN", means: "nobody says whether orders are real" };
}
