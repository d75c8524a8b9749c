/** One server-sent event. */
export interface StreamEvent {
  /** Its name; empty for one without. */
  readonly name: string;
  readonly data: string;
}

/** Reads server-sent events out of text that comes in pieces (HTML, section 9.2.6). */
export class EventReader {
  #rest = "";
  #name = "";
  #data: string[] = [];

  /** Takes the next piece; returns the events that are whole by now. */
  read(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() as string;
    for (const line of lines) {
      const [, field, value = ""] = /^(\w*):? ?(.*)/s.exec(line) ?? [];
      if (field === "event") this.#name = value;
      if (field === "data") this.#data.push(value);
      if (line) continue;
      if (this.#data.length) {
        events.push({ name: this.#name, data: this.#data.join("\n") });
      }
      this.#name = "";
      this.#data = [];
    }
    return events;
  }
}
