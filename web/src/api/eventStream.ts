/** One event of a stream, as the server sent it. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Cuts a stream of text into events, wherever the network cut it.
 *
 * The format is that of server-sent events: fields on lines, an empty line after each event, and
 * comments that only show that somebody is there.
 */
export class EventCutter {
  #rest = "";
  #id = "";
  #event = "";
  #data: string[] = [];

  /** Take what arrived and return the events that it completes. */
  take(text: string): StreamEvent[] {
    const found: StreamEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") this.#end(found);
      else this.#field(line);
    }
    return found;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id") this.#id = value;
  }

  #end(found: StreamEvent[]): void {
    if (this.#data.length > 0 || this.#event !== "") {
      found.push({
        id: this.#id,
        event: this.#event || "message",
        data: this.#data.join("\n"),
      });
    }
    this.#event = "";
    this.#data = [];
  }
}
