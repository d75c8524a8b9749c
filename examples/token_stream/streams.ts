/** An answer, as far as it has come. */
export interface Stream {
  /** Which one. */
  readonly id: string;
  /** What was asked. */
  readonly prompt: string;
  /** What was said so far. */
  readonly text: string;
  /** Whether more comes. */
  readonly state: "running" | "done" | "stopped" | "failed";
}

/** An answer that is being made. */
interface Running extends Stream {
  text: string;
  state: Stream["state"];
  readonly stop: AbortController;
}

/** Answers of one user that are kept; the oldest goes. */
const MAX_STREAMS = 20;

/** Users whose answers are kept; the one who was silent for longest goes. */
const MAX_USERS = 1_000;

/**
 * What was answered, by user. It is in this worker's memory: with several workers, or to
 * keep it over a reload, put it where all of them find it.
 */
export class Streams {
  readonly #byUser = new Map<string, Running[]>();

  /** The user's answers, as far as they have come, the oldest first. */
  of(user: string): Stream[] {
    return (this.#byUser.get(user) ?? [])
      .map(({ id, prompt, text, state }) => ({ id, prompt, text, state }));
  }

  /** Whether an answer of the user is being made. */
  isBusy(user: string): boolean {
    const streams = this.#byUser.get(user) ?? [];
    return streams.some(({ state }) => state === "running");
  }

  /** Begins an answer. */
  begin(user: string, prompt: string): Running {
    const stop = new AbortController();
    const id = crypto.randomUUID();
    const stream: Running = { id, prompt, text: "", state: "running", stop };
    const streams = this.#byUser.get(user) ?? [];
    this.#byUser.delete(user);
    this.#byUser.set(user, [...streams, stream].slice(-MAX_STREAMS));
    for (const oldest of this.#byUser.keys()) {
      if (this.#byUser.size <= MAX_USERS) break;
      if (!this.isBusy(oldest)) this.#byUser.delete(oldest);
    }
    return stream;
  }

  /** Stops an answer; returns whether it was being made. */
  stop(user: string, id: unknown): boolean {
    const streams = this.#byUser.get(user) ?? [];
    const stream = streams.find((each) => each.id === id);
    if (stream?.state !== "running") return false;
    stream.stop.abort();
    return true;
  }

  /** Stops all answers. */
  stopAll(): void {
    for (const streams of this.#byUser.values()) {
      for (const { stop } of streams) stop.abort();
    }
  }
}
