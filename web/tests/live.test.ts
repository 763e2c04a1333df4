import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refused } from "../src/api/errors";
import { BATCH_MS, type Happened, Live, LOST_AFTER_MS, SILENCE_MS } from "../src/api/live";

/** A server of events that a test speaks through. */
class Server {
  readonly asked: string[] = [];
  down = false;
  signedOut = false;
  #speaker: ReadableStreamDefaultController<Uint8Array> | undefined;

  readonly open = async (from: string): Promise<ReadableStream<Uint8Array>> => {
    this.asked.push(from);
    if (this.signedOut) throw new Refused(401, null);
    if (this.down) throw new Error("nobody answers");
    return new ReadableStream({
      start: (speaker) => {
        this.#speaker = speaker;
      },
    });
  };

  async say(text: string): Promise<void> {
    this.#speaker?.enqueue(new TextEncoder().encode(text));
    await vi.advanceTimersByTimeAsync(0);
  }

  async hangUp(): Promise<void> {
    this.#speaker?.close();
    await vi.advanceTimersByTimeAsync(0);
  }
}

let server: Server;
let live: Live;
let batches: (readonly Happened[])[];

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Server();
  live = new Live({ open: server.open, random: () => 1 });
  batches = [];
  live.hear((batch) => batches.push(batch));
  live.start("7");
  await vi.advanceTimersByTimeAsync(0);
});

afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

test("it begins after the event that the first answers were true for", () => {
  expect(server.asked).toEqual(["7"]);
  expect(live.state()).toBe("connected");
});

test("what happens within a tenth of a second is told at once and together", async () => {
  await server.say('id: 8\nevent: order\ndata: {"n": 1}\n\n');
  await server.say('id: 9\nevent: fill\ndata: {"n": 2}\n\n');
  await vi.advanceTimersByTimeAsync(BATCH_MS);

  expect(batches).toEqual([
    [
      { event: "order", data: { n: 1 } },
      { event: "fill", data: { n: 2 } },
    ],
  ]);
});

test("after a lost connection it goes on behind the last event that it heard", async () => {
  await server.say("id: 12\nevent: order\ndata: {}\n\n");
  await server.hangUp();
  expect(live.state()).toBe("reconnecting");

  await vi.advanceTimersByTimeAsync(600);

  expect(server.asked).toEqual(["7", "12"]);
  expect(live.state()).toBe("connected");
});

test("waits grow while nobody answers, and after a while the connection counts as lost", async () => {
  server.down = true;
  await server.hangUp();

  await vi.advanceTimersByTimeAsync(LOST_AFTER_MS);

  expect(live.state()).toBe("lost");
  expect(server.asked.length).toBeLessThan(7);
});

test("a connection without a sign of life is given up", async () => {
  await vi.advanceTimersByTimeAsync(SILENCE_MS + 600);

  expect(server.asked).toEqual(["7", "7"]);
});

test("a reader that the server dropped comes back", async () => {
  await server.say("event: dropped\ndata: {}\n\n");
  await vi.advanceTimersByTimeAsync(600);

  expect(server.asked).toHaveLength(2);
});

test("who is signed out hears nothing and asks nothing", async () => {
  server.signedOut = true;
  await server.hangUp();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(server.asked).toHaveLength(2);
  expect(live.state()).toBe("off");
});

test("after its end it tells nothing any more", async () => {
  await server.say("id: 8\nevent: order\ndata: {}\n\n");
  live.stop();
  await vi.advanceTimersByTimeAsync(10_000);

  expect(batches).toEqual([]);
});
