import { addressOf, send } from "./client";
import { Refused } from "./errors";
import { EventCutter, type StreamEvent } from "./eventStream";

/** How the page hears of what happens: it does, it tries to again, or it has not for too long. */
export type LiveState = "off" | "connecting" | "connected" | "reconnecting" | "lost";

/** Something that happened, with what the server says of it. */
export interface Happened {
  readonly event: string;
  readonly data: unknown;
}

type Told = (batch: readonly Happened[]) => void;
type Listener = () => void;

/** What the stream stands on; tests hand in their own. */
export interface Means {
  readonly open: (from: string, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  readonly random: () => number;
}

export const BATCH_MS = 100;
/** The server shows that it is there every ten seconds. */
export const SILENCE_MS = 25_000;
export const LOST_AFTER_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const UNAUTHENTICATED = 401;

/**
 * One stream of what happens in an account, for the whole page.
 *
 * It goes on from the last event that it heard, so that nothing is missed while it was away, and it
 * tells of what it heard ten times a second at most, so that a busy market never stops the page.
 */
export class Live {
  #state: LiveState = "off";
  #heard: number | null = null;
  #lastId = "";
  #failures = 0;
  #pending: Happened[] = [];
  #flush: number | undefined;
  #silence: number | undefined;
  #lost: number | undefined;
  #ended = new AbortController();
  #attempt = new AbortController();
  readonly #told = new Set<Told>();
  readonly #listeners = new Set<Listener>();
  readonly #means: Means;

  constructor(means: Means = { open, random: Math.random }) {
    this.#means = means;
  }

  readonly state = (): LiveState => this.#state;

  /** Return when the server last showed that it is there, in milliseconds since 1970; null if never. */
  readonly heard = (): number | null => this.#heard;

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Hear of what happens, in batches. */
  hear(told: Told): () => void {
    this.#told.add(told);
    return () => this.#told.delete(told);
  }

  /** Begin to listen after this event; an empty one is from now on. */
  start(from = ""): void {
    this.stop();
    this.#ended = new AbortController();
    this.#lastId = from;
    this.#failures = 0;
    this.#become("connecting");
    void this.#listen(this.#ended.signal);
  }

  stop(): void {
    this.#ended.abort();
    this.#attempt.abort();
    for (const timer of [this.#flush, this.#silence, this.#lost]) clearTimeout(timer);
    this.#flush = undefined;
    this.#lost = undefined;
    this.#pending = [];
    this.#become("off");
  }

  async #listen(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      this.#attempt = new AbortController();
      try {
        const stream = await this.#means.open(this.#lastId, this.#attempt.signal);
        if (ended.aborted) return;
        await this.#hearAll(stream, ended);
      } catch (error) {
        if (ended.aborted) return;
        if (error instanceof Refused && error.status === UNAUTHENTICATED) return this.stop();
      }
      if (ended.aborted) return;
      this.#away();
      await this.#wait(ended);
    }
  }

  async #hearAll(stream: ReadableStream<Uint8Array>, ended: AbortSignal): Promise<void> {
    const cutter = new EventCutter();
    const reader = stream.pipeThrough(new TextDecoderStream() as never).getReader();
    const gone = new Promise<never>((_, reject) => {
      this.#attempt.signal.addEventListener("abort", () => reject(new Error("no sign of life")));
    });
    gone.catch(() => undefined);
    this.#alive();
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), gone]);
      if (done || ended.aborted) return;
      this.#alive();
      for (const event of cutter.take(String(value))) this.#take(event);
    }
  }

  #take({ id, event, data }: StreamEvent): void {
    if (id !== "") this.#lastId = id;
    if (event === "heartbeat") return;
    if (event === "dropped") {
      this.#attempt.abort();
      return;
    }
    this.#pending.push({ event, data: parsed(data) });
    this.#flush ??= window.setTimeout(() => this.#tell(), BATCH_MS);
  }

  #tell(): void {
    this.#flush = undefined;
    const batch = this.#pending;
    this.#pending = [];
    for (const told of this.#told) told(batch);
  }

  #alive(): void {
    this.#heard = Date.now();
    this.#failures = 0;
    clearTimeout(this.#lost);
    this.#lost = undefined;
    this.#become("connected");
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => this.#attempt.abort(), SILENCE_MS);
  }

  #away(): void {
    clearTimeout(this.#silence);
    if (this.#state !== "lost") this.#become("reconnecting");
    this.#lost ??= window.setTimeout(() => this.#become("lost"), LOST_AFTER_MS);
  }

  /** Wait longer after each failure, and never all pages at once. */
  #wait(ended: AbortSignal): Promise<void> {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    this.#failures += 1;
    const wait = longest * (0.5 + this.#means.random() / 2);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      ended.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #become(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

async function open(from: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (from !== "") headers["Last-Event-ID"] = from;
  const answer = await send(addressOf("/api/v1/events"), { headers, signal });
  if (answer.body === null) throw new Error("the stream of events has no body");
  return answer.body;
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

export const live = new Live();
