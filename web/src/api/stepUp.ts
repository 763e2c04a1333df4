import { Refused } from "./errors";

/** Asks the person for the password; resolves when it was right, rejects when they gave up. */
type Asker = () => Promise<void>;

let ask: Asker = () => Promise.reject(new Error("nobody can be asked for the password"));

/** Say who asks the person. */
export function whenStepUpIsNeeded(asker: Asker): void {
  ask = asker;
}

/** Do something, and once more after the password where the server wants it first. */
export async function withStepUp<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== STEP_UP) throw error;
  }
  await ask();
  return attempt();
}

const STEP_UP = "step_up";
