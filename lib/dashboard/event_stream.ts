import type { ClusterWatch } from "./cluster_watch.ts";
import type { Snapshot } from "./snapshot.ts";

/** Most snapshots that wait for one page; a slower one misses some. */
const MAX_WAITING = 2;

/**
 * Answers with server-sent events, for as long as the page listens: `hello` with the
 * last minutes and what happened in them, then a `snapshot` a second, and a `journal`
 * whenever something happened.
 *
 * @param watch Looks at the cluster.
 * @param hasToken Whether the page may show what roles logged, which may be about
 * clients, and has buttons.
 */
export function eventStream(watch: ClusterWatch, hasToken: boolean): Response {
  const page = new Page(watch, hasToken);
  return new Response(
    new ReadableStream(page, { highWaterMark: MAX_WAITING }),
    {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    },
  );
}

/** One page that listens. */
class Page implements UnderlyingDefaultSource<Uint8Array> {
  readonly #watch: ClusterWatch;
  readonly #hasToken: boolean;
  readonly #encoder = new TextEncoder();
  #leave: () => void = () => {};
  #told = 0;

  constructor(watch: ClusterWatch, hasToken: boolean) {
    this.#watch = watch;
    this.#hasToken = hasToken;
  }

  /** Says hello, then listens. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { points, snapshot, isOver } = this.#watch;
    this.#send(controller, "hello", { hasToken: this.#hasToken, points });
    if (snapshot !== undefined) this.#tell(controller, snapshot);
    if (isOver) return controller.close();
    this.#leave = this.#watch.watch((look) => {
      if (look === undefined) controller.close();
      else if ((controller.desiredSize ?? 0) > 0) this.#tell(controller, look);
    });
  }

  /** The page is gone. */
  cancel(): void {
    this.#leave();
  }

  #tell(
    controller: ReadableStreamDefaultController<Uint8Array>,
    snapshot: Snapshot,
  ): void {
    const { journal } = this.#watch;
    const entries = journal.since(this.#told)
      .filter(({ isLogged }) => this.#hasToken || !isLogged);
    this.#told = journal.last;
    if (entries.length > 0) this.#send(controller, "journal", entries);
    const age = Math.round(this.#watch.age);
    this.#send(controller, "snapshot", { ...snapshot, age });
  }

  #send(
    controller: ReadableStreamDefaultController<Uint8Array>,
    event: string,
    data: unknown,
  ): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    controller.enqueue(this.#encoder.encode(text));
  }
}
